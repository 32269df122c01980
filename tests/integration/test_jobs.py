"""Every verb of authorities, splits, fees, delegates, gangs and changed jobs on a real validator.

What takes longer than a minute here is shown by its refusal; acceptance and unit tests let it
happen, on a chain whose clock can be moved.
"""

from __future__ import annotations

import time

import pytest
from jobs_samples import Place
from solders.keypair import Keypair

from iog_client import addresses, gangs, jobs, wallets
from iog_client.rpc import HttpRpc
from iog_client.transactions import Sender
from iog_client.validator import Validator
from tests import job_steps

HOUR = 36
"""Seconds: a root that was proposed may be vetoed for a sixth of it."""
PATIENCE = 90
"""Real seconds after which an hour is taken for never ending."""


@pytest.fixture(scope="module")
def place(loaded: Validator, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A network whose emission runs, with an active node."""
    found = Place(tmp_path_factory.mktemp("jobs"), loaded.url)
    found.open(HOUR)
    found.settle_in()
    until = time.monotonic() + PATIENCE
    while found.iog("owner").json("token", "supply")["hour"] < 1:
        assert time.monotonic() < until, "the hour did not end"
        time.sleep(1)
    return found


def key(place: Place, role: str) -> str:
    return str(wallets.load(place.folder / "keys" / f"{role}.json").pubkey())


@pytest.mark.parametrize("program", ["token", "staking", "rewards", "jobs"])
def test_an_authority_and_a_guardian_change(place: Place, program: str) -> None:
    name = f"new-{program}"
    new, by = place.wallet(name), place.key_file("authority")
    new.json("authority", "set", program, "guardian", place.address(name), *by)
    new.json("authority", "set", program, "guardian", key(place, "guardian"), *by)
    new.json("authority", "propose", program, place.address(name), *by)
    assert new.json("authority", "accept", program)["key"] == place.address(name)
    new.json("authority", "propose", program, key(place, "authority"))
    new.json("authority", "accept", program, *by)


@pytest.mark.parametrize("program", ["staking", "rewards", "jobs"])
def test_a_program_is_paused_and_resumed(place: Place, program: str) -> None:
    owner = place.iog("owner")
    owner.json("authority", "pause", program, *place.key_file("guardian"))
    assert owner.json("authority", "show")["paused"] == [f"iog_{program}"]
    owner.json("authority", "resume", program, *place.key_file("authority"))


def test_the_other_roles_are_set(place: Place) -> None:
    owner, by = place.iog("owner"), place.key_file("authority")
    for program, role in (("staking", "slasher"), ("staking", "arbiter"), ("jobs", "arbiter")):
        owner.json("authority", "set", program, role, place.address("owner"), *by)
        owner.json("authority", "set", program, role, key(place, role), *by)
    oracles = (key(place, "oracle"), place.address("owner"))
    found = owner.json("authority", "set", "rewards", "oracles", *oracles, "--threshold", "1", *by)
    assert [one["key"] for one in found["roles"]] == list(oracles)


def test_a_share_is_announced_and_cancelled(place: Place) -> None:
    owner = place.iog("owner")
    first = owner.json("token", "supply")["hour"] + 100
    hour = ("--from-hour", str(first))
    found = owner.json("token", "split", "set", "20%", *hour, *place.key_file("authority"))
    assert (found["next_pool_bps"], found["next_hour"]) == (2000, first)
    owner.json("token", "split", "cancel", *place.key_file("guardian"))


def test_a_root_is_dropped_before_it_is_due(place: Place) -> None:
    owner, guardian = place.iog("owner"), place.key_file("guardian")
    nothing = "no root of rewards is pending"
    assert owner.refused(1, "reward", "veto", *guardian) == nothing
    assert owner.refused(4, "reward", "veto").startswith("the guardian of iog_rewards is")
    hour, root = place.propose_root()
    dropped = owner.json("reward", "veto", *guardian)
    assert (dropped["epoch"], dropped["root"], dropped["total"]) == (hour, root, "1")
    assert owner.refused(1, "reward", "veto", *guardian) == nothing
    assert place.propose_root()[0] >= hour  # the same hour may be proposed again


def test_a_job_is_extended_given_up_disputed_and_decided(place: Place) -> None:
    client, owner = place.wallet("client", 1), place.iog("owner")
    number, address = place.job("client", runs=2, window=600)
    client.json("job", "extend", number, "1m")
    place.start(address)
    device = ("--signer", str(place.folder / "device.json"))
    assert owner.json("job", "release", str(address), *device)["state"] == "open"
    place.start(address)
    place.prove(address, 1)
    place.finish(address)
    assert client.json("job", "dispute", number)["state"] == "disputed"
    assert client.refused(1, "job", "settle", number).startswith("the arbiter has another")
    decided = owner.json("job", "resolve", str(address), "1", *place.key_file("arbiter"))
    assert decided["state"] == "resolved"
    settled = owner.json("job", "settle", str(address))
    assert (settled["node_paid"], settled["fees"]) == ("997", "6")

    by = place.key_file("authority")
    treasury = (place.address("owner"), "--burn-bps", "5000")
    owner.json("authority", "set", "jobs", "treasury", *treasury, *by)
    done = owner.json("fees", "collect")
    assert (done["burned"], done["paid"]) == ("3", "3")


def test_a_delegate_extends_a_job_until_it_is_ended(place: Place) -> None:
    wallet, delegate = place.wallet("wallet", 1), place.wallet("delegate")
    limits = ("--per-job", "0.1 IO", "--per-day", "0.1 IO")
    matcher = ("--matcher", str(place.matcher.pubkey()))
    wallet.json("delegate", "set", place.address("delegate"), *limits, *matcher)
    number, address = place.job("wallet")
    assert int(delegate.json("job", "extend", str(address), "1m")["added"]) > 0
    wallet.json("delegate", "close", place.address("delegate"))
    wallet.json("job", "cancel", number)


def test_a_gang_of_four_starts_in_one_transaction(place: Place) -> None:
    """Its length and units are documented in docs/programs.md."""
    owner, leader = place.wallet("four nodes", 800), place.wallet("four jobs", 1)
    key, devices = place.keys["four jobs"], [Keypair() for _ in range(4)]
    for device in devices:
        named = place.register(owner, "four nodes", device)
        owner.json("stake", "add", named, "200 IO")
        owner.json("node", "ask", named, "0.036 IO/h")
    gang, matcher = addresses.gang(key.pubkey(), 0), place.matcher.pubkey()
    opened = [addresses.job(key.pubkey(), number) for number in range(4)]
    members = [(job, device.pubkey()) for job, device in zip(opened, devices, strict=True)]

    async def open_three(rpc: HttpRpc) -> None:
        sender = Sender(rpc, key)
        await sender.send(await jobs.allow_instructions(rpc, key.pubkey(), matcher))
        three = [
            jobs.open_instruction(key.pubkey(), number, place.terms(), gang=gang)
            for number in range(3)
        ]
        wanted = [gangs.open_instruction(key.pubkey(), 0, 4, 600), *three]
        signed = await sender.sign(wanted)
        assert len(signed.raw) == 1_090
        await sender.deliver(signed)

    async def start(rpc: HttpRpc) -> None:
        sender = Sender(rpc, place.matcher)
        wanted = job_steps.gang_instructions(matcher, gang, members)
        signed = await sender.sign(wanted, signers=devices)
        assert len(signed.raw) == 1_202
        sent = await sender.deliver(signed)
        outcome = await rpc.transaction(sent.signature)
        assert outcome is not None
        assert outcome.units < 30_000
        found = [await jobs.get(rpc, job) for job in opened]
        assert {jobs.STATES[one.state] for one in found} == {"running"}
        assert len({one.started_at for one in found}) == 1

    place.step(open_three)
    assert place.job("four jobs", gang)[1] == opened[3]
    place.step(start)
    [shown] = leader.json("gang", "show", "0")
    assert shown["state"] == "started"


def test_a_gang_is_opened(place: Place) -> None:
    wallet = place.wallet("leader", 1)
    matcher = ("--matcher", str(place.matcher.pubkey()))
    wallet.json("gang", "open", "--members", "2", "--wait", "1m", *matcher)
    place.job("leader", gang=addresses.gang(place.keys["leader"].pubkey(), 0))
    [found] = wallet.json("gang", "show", "0")
    assert (found["state"], found["opened"]) == ("open", 1)
