"""`iog authority`, `token split`, `reward veto`, `job extend` and on, `fees`, `delegate`, `gang`
as processes, on the embedded chain."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from cli_samples import Chain, Iog
from jobs_samples import FUNDED, Place

from iog_client import addresses, wallets
from iog_client.amounts import IO

HOUR = 1800
"""Long, so that none ends between two commands."""
SOMEBODY = "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi"
SIGNATURE = r"\nsignature: [1-9A-HJ-NP-Za-km-z]{64,88}\n$"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A network in its second hour, with an active node of one GPU."""
    folder = tmp_path_factory.mktemp("jobs")
    chain = Chain(folder / "chain")
    found = Place(folder, chain.url)
    found.open(HOUR)
    found.settle_in()
    found.warp(HOUR + 10)
    yield found
    chain.end()


@pytest.fixture(scope="module")
def payer(place: Place) -> Iog:
    """A wallet that has no role."""
    return place.wallet("payer", 10)


def said(iog: Iog, *arguments: str) -> str:
    """What a command that succeeds prints for people."""
    done = iog(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def key(place: Place, role: str) -> str:
    return str(wallets.load(place.folder / "keys" / f"{role}.json").pubkey())


def test_all_roles_are_shown(place: Place, payer: Iog) -> None:
    found = payer.json("authority", "show")
    held = {(one["program"], one["role"]): one["key"] for one in found["roles"]}
    assert len(held) == 17
    assert held["iog_staking", "slasher"] == key(place, "slasher")
    assert held["iog_rewards", "oracle 1"] == key(place, "oracle")
    assert found["paused"] == []
    assert found["threshold"] == 1
    text = said(payer, "authority", "show", "--program", "jobs")
    assert text.splitlines()[0].split() == ["program", "role", "key", "pending", "key"]
    assert {line.split()[0] for line in text.splitlines()[1:]} == {"iog_jobs"}


def test_an_authority_is_offered_and_accepted(place: Place, payer: Iog) -> None:
    new = place.wallet("successor")
    address, by = place.address("successor"), place.key_file("authority")
    text = said(payer, "authority", "propose", "rewards", address, *by)
    old = key(place, "authority")
    assert re.match(f"the authority of iog_rewards is {old}, offered to {address}", text)
    assert re.search(SIGNATURE, text)
    again = payer("authority", "propose", "rewards", address, *by)
    assert again.stderr == "as it should be; nothing was changed\n"
    assert payer.refused(4, "authority", "accept", "rewards").endswith(
        f"is offered to {address}, not to {place.address('payer')}"
    )
    assert new.json("authority", "accept", "rewards")["key"] == address
    new.json("authority", "propose", "rewards", old)
    payer.json("authority", "accept", "rewards", *by)


def test_roles_are_set_by_the_authority(place: Place, payer: Iog) -> None:
    by = place.key_file("authority")
    set_role = ("authority", "set")
    assert said(payer, *set_role, "staking", "slasher", SOMEBODY, *by).startswith(
        f"slasher of iog_staking: {SOMEBODY}\n"
    )
    back = payer.json(*set_role, "staking", "slasher", key(place, "slasher"), *by)
    assert [one["key"] for one in back["roles"]] == [key(place, "slasher")]
    oracles = (SOMEBODY, key(place, "oracle"))
    found = payer.json(*set_role, "rewards", "oracles", *oracles, "--threshold", "1", *by)
    assert [one["key"] for one in found["roles"]] == list(oracles)
    assert payer.refused(4, *set_role, "jobs", "guardian", SOMEBODY).startswith(
        f"the authority of iog_jobs is {key(place, 'authority')}, not"
    )
    assert payer.refused(2, *set_role, "jobs", "arbiter", SOMEBODY, SOMEBODY, *by) == (
        "one key is arbiter; 2 were given"
    )
    assert payer.refused(2, *set_role, "jobs", "arbiter", SOMEBODY, "--threshold", "1") == (
        "--threshold is for the oracles of rewards"
    )
    assert payer.refused(3, *set_role, "nothing", "arbiter", SOMEBODY).startswith(
        "there is no program 'nothing'"
    )


def test_a_pause_stops_jobs_until_the_authority_ends_it(place: Place, payer: Iog) -> None:
    place.wallet("stopped", 1)
    number, _ = place.job("stopped")
    assert said(payer, "authority", "pause", "jobs", *place.key_file("guardian")).startswith(
        "iog_jobs is paused\n"
    )
    stopped = place.iog("stopped")
    assert stopped.refused(1, "job", "extend", number, "1m") == (
        "the network is paused: no job is opened or extended"
    )
    assert "iog_jobs is paused" in payer("authority", "show").stderr
    assert payer.refused(4, "authority", "resume", "jobs", *place.key_file("guardian"))
    payer.json("authority", "resume", "jobs", *place.key_file("authority"))
    stopped.json("job", "cancel", number)


def test_a_share_is_announced_shown_and_cancelled(place: Place, payer: Iog) -> None:
    assert said(payer, "token", "split", "show") == (
        "the pool gets 10% of the emission; no other share is announced\n"
    )
    announced = said(
        payer, "token", "split", "set", "12.5%", "--from-hour", "48", *place.key_file("authority")
    )
    assert re.match(
        r"the pool gets 10% of the emission; 12.5% from hour 48, \d{4}-.* UTC \(in \w+\)", announced
    )
    found = payer.json("token", "split", "show")
    assert found == {"pool_bps": 1000, "next_pool_bps": 1250, "next_hour": 48}
    assert payer.refused(4, "token", "split", "cancel").startswith("an announced share is")
    gone = payer.json("token", "split", "cancel", *place.key_file("guardian"))
    assert (gone["next_pool_bps"], gone["next_hour"]) == (None, None)
    assert payer.refused(1, "token", "split", "cancel", *place.key_file("guardian")) == (
        "no share is announced; the pool gets 10%"
    )
    assert payer.refused(
        1, "token", "split", "set", "1%", "--from-hour", "2", *place.key_file("authority")
    ).startswith("hour 2 runs: another share holds from hour 3 on")


def test_there_is_no_root_to_veto_before_one_is_proposed(place: Place, payer: Iog) -> None:
    said = payer.refused(1, "reward", "veto", *place.key_file("guardian"))
    assert said == "no root of rewards is pending"
    assert payer.refused(4, "reward", "veto").startswith("the guardian of iog_rewards is")


def test_a_job_is_extended_given_up_and_settled_after_a_dispute(place: Place, payer: Iog) -> None:
    client = place.wallet("client", 1)
    number, address = place.job("client", runs=2, window=600)
    longer = client.json("job", "extend", number, "10m")
    assert (longer["added"], longer["max_seconds"]) == (str(FUNDED), 1200)
    place.start(address)
    assert client.refused(4, "job", "release", number).startswith("the run is given up by")
    device = ("--signer", str(place.folder / "device.json"))
    text = said(payer, "job", "release", str(address), "--reason", "node_failed", *device)
    assert text.startswith("run 1 is given up; the job is open\n")
    place.start(address)
    assert payer.refused(1, "job", "release", str(address), *device) == (
        "run 2 of 2 is the last one"
    )
    place.warp(100)
    place.prove(address, 100)
    assert client.refused(1, "job", "dispute", number).startswith("the job is running: only a")
    place.finish(address)
    text = said(client, "job", "dispute", number)
    assert re.match(r"the job is disputed over 100 s; the arbiter decides by \d{4}-.*\(in ", text)
    assert client.refused(1, "job", "settle", number).startswith("the arbiter has another")
    by = place.key_file("arbiter")
    assert payer.refused(1, "job", "resolve", str(address), "101", *by) == (
        "101 s cannot be paid: 100 s are proven"
    )
    assert said(payer, "job", "resolve", str(address), "40", *by).startswith(
        "the job is resolved: 40 s are paid\n"
    )
    settled = payer.json("job", "settle", str(address))
    assert (settled["state"], settled["node_paid"], settled["fees"]) == ("settled", "39900", "200")
    assert int(settled["refunded"]) == 2 * FUNDED - 40100


def test_fees_are_shown_and_collected(place: Place, payer: Iog) -> None:
    by, treasury = place.key_file("authority"), place.wallet("treasury")
    before = payer.json("fees", "show")
    payer.json(
        "authority", "set", "jobs", "treasury", place.address("treasury"), "--burn-bps", "5000", *by
    )
    found = payer.json("fees", "show")
    assert (found["fees"], found["burn_bps"]) == (before["fees"], 5000)
    if found["fees"] == "0":
        assert payer.refused(1, "fees", "collect") == "there are no fees to collect"
        return
    done = payer.json("fees", "collect")
    assert int(done["burned"]) + int(done["paid"]) == int(found["fees"])
    assert treasury.json("wallet", "show")["io"] == done["paid"]
    assert payer.refused(1, "fees", "collect") == "there are no fees to collect"


def test_a_delegate_is_let_limited_and_ended(place: Place) -> None:
    wallet, delegate = place.wallet("wallet", 5), place.wallet("delegate")
    named, limits = place.address("delegate"), ("--per-job", "0.02 IO", "--per-day", "0.03 IO")
    away = wallet.refused_last(1, "delegate", "set", named, *limits)
    assert "lets no orchestrator place its jobs yet; --matcher names one" in away
    matcher = ("--matcher", str(place.matcher.pubkey()))
    text = said(wallet, "delegate", "set", named, *limits, *matcher)
    assert text.startswith(f"{named} may put 0.02 IO into a job and 0.03 IO a day; 0.9 IO are")
    number, address = place.job("wallet")
    done = delegate.json("job", "extend", str(address), "10m")
    assert done["added"] == str(FUNDED)
    [shown] = wallet.json("delegate", "show")["delegates"]
    assert (shown["spent"], shown["left"]) == (str(FUNDED), str(3 * 10**6 - FUNDED))
    [seen] = delegate.json("delegate", "show", "--as-delegate")["delegates"]
    assert seen == shown
    assert "0.02 IO" in said(wallet, "delegate", "show")
    assert delegate.refused(1, "job", "extend", str(address), "20m").startswith("the job takes")
    assert delegate.refused(4, "job", "cancel", str(address)).startswith("the job belongs to")
    assert said(wallet, "delegate", "close", named).startswith(f"{named} is a delegate no more\n")
    assert delegate.refused(4, "job", "extend", str(address), "1m").startswith(
        f"{named} is no delegate of {place.address('wallet')}"
    )
    assert wallet.json("delegate", "show") == {"delegates": [], "allowance": "0"}
    wallet.json("job", "cancel", number)
    assert wallet.json("wallet", "show")["io"] == str(5 * IO)


def test_a_gang_is_opened_and_shown(place: Place) -> None:
    wallet = place.wallet("leader", 1)
    matcher = ("--matcher", str(place.matcher.pubkey()))
    found = wallet.json("gang", "open", "--members", "2", "--wait", "10m", *matcher)
    assert (found["number"], found["state"], found["members"]) == (0, "open", 2)
    assert found["address"] == str(addresses.gang(place.keys["leader"].pubkey(), 0))
    assert "open" in said(wallet, "gang", "show")
    assert wallet.refused(3, "gang", "show", "7").endswith("`iog gang open` opens one")
    assert place.wallet("loner")("gang", "show").stderr == "your wallet has opened no gang\n"
