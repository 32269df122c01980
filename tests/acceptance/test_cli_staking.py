"""`iog node`, `stake`, `costake`, `pool` and `slash` as processes, on the embedded chain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_samples import Chain, Iog
from staking_samples import Staking

from iog_client import wallets
from iog_client.amounts import IO

HOUR = 1800
"""Long, so that none ends between two commands."""
DAY = 24 * HOUR
"""Seconds of a day at this network's pace."""
SIGNATURE = r"\nsignature: [1-9A-HJ-NP-Za-km-z]{64,88}\n"
DATE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(in \d\w+\)"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staking]:
    """A network whose emission runs, on a chain of its own."""
    folder = tmp_path_factory.mktemp("staking")
    chain = Chain(folder / "chain")
    found = Staking(folder, chain.url)
    found.open(HOUR)
    yield found
    chain.end()


@dataclass
class Owned:
    """A wallet's active node, and the wallet."""

    place: Staking
    name: str
    iog: Iog
    device: str

    def shown(self) -> dict[str, object]:
        [found] = self.iog.json("stake", "show", self.device)
        return dict(found)


@pytest.fixture
def owned(place: Staking, request: pytest.FixtureRequest) -> Owned:
    name = f"owner-{request.node.name[:40]}"
    iog = place.wallet(name, 260)
    device = place.register(iog, name)
    iog.json("stake", "add", device, "200 IO")
    return Owned(place, name, iog, device)


def said(iog: Iog, *arguments: str) -> str:
    """What a command that succeeds prints for people."""
    done = iog(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_node_is_priced_paid_elsewhere_paused_and_resumed(owned: Owned) -> None:
    iog, device, other = owned.iog, owned.device, owned.place.address
    text = said(iog, "node", "ask", device, "0.72 IO/h")
    assert re.fullmatch(re.escape(f"{device} asks 0.72 IO/h a GPU") + SIGNATURE, text)
    assert iog.json("node", "ask", device, "none")["ask"] == "0"
    assert "not for rent" in said(iog, "node", "show", device)
    assert "not for rent" in said(iog, "node", "list", "--mine")

    owned.place.wallet("payee")
    text = said(iog, "node", "payee", device, other("payee"))
    assert re.match(f"{device} is paid to {other('payee')} from hour \\d+, {DATE}; its rew", text)
    assert f"until then {other(owned.name)}" in said(iog, "node", "show", device)

    text = said(iog, "node", "pause", device)
    assert text.startswith(f"{device} is paused: no jobs, and no rewards from this hour on\n")
    assert iog.refused(1, "node", "pause", device) == (
        f"the node {device} is paused, and only an active one is paused"
    )
    text = said(iog, "node", "resume", device)
    assert re.match(f"{device} is active from hour \\d+, {DATE}\n", text)
    assert re.search(rf"state +active from hour \d+, {DATE}", said(iog, "node", "show", device))


def test_a_stake_is_unstaked_cools_and_is_withdrawn_and_the_node_retired(owned: Owned) -> None:
    iog, device = owned.iog, owned.device
    said_first = iog.refused(1, "node", "retire", device)
    assert said_first == f"the node {device} cannot be retired: 200 IO are staked"
    text = said(iog, "stake", "unstake", device, "--yes")
    assert re.fullmatch(f"{device} is registered: 200 IO cool until {DATE}{SIGNATURE}", text)
    shown = owned.shown()
    assert (shown["stake"], shown["cooling"], shown["missing"]) == (
        "0",
        str(200 * IO),
        str(200 * IO),
    )
    assert re.search(rf"cooling +200 IO until {DATE}", said(iog, "stake", "show", device))
    refusal = iog.refused(1, "stake", "withdraw", device)
    assert re.fullmatch(f"200 IO of the node {device} cool until {DATE}", refusal)
    owned.place.warp(14 * DAY)
    text = said(iog, "stake", "withdraw", device)
    owner = owned.place.address(owned.name)
    assert text.startswith(f"200 IO of {device} went to its owner {owner}\nsignature: ")
    assert iog.json("wallet", "show")["io"] == str(260 * IO)
    assert said(iog, "node", "retire", device).startswith(f"{device} is retired; `iog node reg")
    assert iog.json("node", "show", device)["state"] == "retired"
    assert iog.refused(1, "stake", "add", device, "1 IO").startswith(f"the node {device} is retir")


def test_what_is_above_the_requirement_is_taken_out_at_once(owned: Owned) -> None:
    iog, device = owned.iog, owned.device
    iog.json("stake", "add", device, "50 IO")
    assert owned.shown()["reducible"] == str(50 * IO)
    text = said(iog, "stake", "reduce", device, "20 IO")
    assert text.startswith(f"took out 20 IO: {device} has 230 IO of 200 IO and is active from hour")
    assert iog.json("stake", "reduce", device)["amount"] == str(30 * IO)
    refusal = iog.refused(1, "stake", "reduce", device)
    assert refusal.startswith(f"of 200 IO own stake of the node {device} 0 IO may be taken out")


def test_a_co_stake_from_offer_to_withdrawal(owned: Owned) -> None:
    iog, device, place = owned.iog, owned.device, owned.place
    friend = place.wallet("friend", 100)
    text = said(iog, "costake", "offer", device, "100 IO", "30%")
    assert text.startswith(f"{device} offers a co-stake: 100 IO for 30% of its rewards\nsign")
    assert device in said(friend, "costake", "show", "--offers")
    assert iog.json("costake", "revoke", device)["offer_amount"] == "0"
    iog.json("costake", "offer", device, "100 IO", "12.5%")
    refusal = friend.refused(1, "costake", "accept", device, "100 IO", "30%")
    assert refusal == (
        f"the node {device} offers 100 IO for 12.5% of its rewards, "
        "not 100 IO for 30% of its rewards"
    )
    text = said(friend, "costake", "accept", device, "--yes")
    assert re.match(f"co-staked 100 IO on {device}: 12.5% of its rewards are yours from hour", text)
    assert iog.json("stake", "reduce", device)["amount"] == str(100 * IO)
    shown = said(friend, "costake", "show")
    assert f"co-stake: 100 IO for 12.5% of its rewards, of {place.address('friend')}" in shown

    text = said(friend, "costake", "leave", device, "--yes")
    assert re.fullmatch(f"your co-stake on {device} ends {DATE}{SIGNATURE}", text)
    assert iog.refused(1, "costake", "end", device).startswith(f"the co-stake of the node {device}")
    owned.place.warp(7 * DAY)
    text = said(iog, "costake", "end", device)
    assert re.match(
        f"the co-stake of {device} has ended, and the node is registered; 100 IO cool until", text
    )
    owned.place.warp(14 * DAY)
    assert iog.json("costake", "withdraw", device)["paid_to"] == place.address("friend")
    assert friend.json("wallet", "show")["io"] == str(100 * IO)
    assert friend.json("costake", "show") == []


def test_the_pool_from_stake_to_withdrawal(place: Staking) -> None:
    backer, poor = place.wallet("backer", 1500), place.wallet("poor", 0)
    assert poor.refused(3, "pool", "claim") == (
        f"{place.address('poor')} never had a part of the pool; `iog pool stake` stakes in it"
    )
    assert poor.refused(1, "pool", "stake", "1 IO").endswith(
        "the stake takes 1 IO: 1 IO are missing"
    )
    text = said(backer, "pool", "stake", "1500 IO", "--yes")
    assert text.startswith("staked 1500 IO: 1500 IO are in the pool\nsignature: ")
    place.warp(HOUR)
    advanced = poor.json("pool", "advance")
    released = int(advanced["amount"])
    assert released > 0
    assert poor.refused(1, "pool", "advance").startswith(f"the pool is at hour {advanced['hour']}")
    shown = poor.json("pool", "show", "--for", place.address("backer"))
    assert shown["pool"]["pool_total"] == shown["backer"]["staked"] == str(1500 * IO)
    text = said(poor, "pool", "claim", "--for", place.address("backer"))
    # What a base unit earns is rounded down, so at most one of them is missing.
    assert released - int(backer.json("wallet", "show")["io"]) in (0, 1)
    assert f" for {place.address('backer')}\nsignature: " in text
    assert " by hour " in said(backer, "pool", "show")

    text = said(backer, "pool", "unstake", "500 IO", "--yes")
    assert re.fullmatch(f"500 IO unbond until {DATE}, 1000 IO stay staked{SIGNATURE}", text)
    refusal = backer.refused(1, "pool", "withdraw")
    assert re.fullmatch(f"500 IO of {place.address('backer')} unbond until {DATE}", refusal)
    place.warp(14 * DAY)
    assert backer.json("pool", "withdraw")["amount"] == str(500 * IO)
    assert backer.refused(1, "pool", "unstake", "1000.1 IO") == (
        f"{place.address('backer')} has 1000 IO in the pool"
    )


@pytest.fixture
def judges(place: Staking) -> tuple[Iog, Iog]:
    """The slasher and the arbiter."""
    slasher, arbiter = (
        place.judge(name) if name not in place.keys else place.iog(name)
        for name in ("slasher", "arbiter")
    )
    return slasher, arbiter


def test_a_case_is_appealed_and_upheld(owned: Owned, judges: tuple[Iog, Iog]) -> None:
    (slasher, arbiter), iog, device = judges, owned.iog, owned.device
    evidence = owned.place.folder / "evidence.json"
    evidence.write_text(device)
    opening = ("slash", "open", device, "poor_service", "5%", "--evidence", str(evidence))
    refusal = iog.refused(4, *opening)
    key = owned.place.address("slasher")
    assert refusal == f"the slasher is {key}, the wallet is {owned.place.address(owned.name)}"
    text = said(slasher, *opening, "--yes")
    case = text.split()[1]
    assert re.fullmatch(
        f"case {case} is open: 10 IO taken out of {device}, appeal by {DATE}{SIGNATURE}", text
    )
    shown = owned.shown()
    assert (shown["case"], shown["frozen"], shown["state"]) == (case, str(10 * IO), "registered")
    assert re.search(
        f"slash case +{case} is open: 10 IO taken, appeal by", said(iog, "stake", "show", device)
    )
    refusal = arbiter.refused(1, "slash", "uphold", case)
    assert refusal == "the case is open, and only an appealed one is upheld"
    text = said(iog, "slash", "appeal", device)
    assert re.fullmatch(f"case {case} is appealed: the arbiter decides by {DATE}{SIGNATURE}", text)
    text = said(arbiter, "slash", "uphold", case, "--yes")
    assert text.startswith(f"case {case} is upheld: 10 IO are burned\nsignature: ")
    assert iog.json("slash", "show", case)[0]["state"] == "upheld"
    assert iog.json("slash", "show", device, "--open") == []
    assert re.search(r"taken of +own 10 IO", said(iog, "slash", "show", case))


def test_a_case_is_dropped_or_closed_by_time(owned: Owned, judges: tuple[Iog, Iog]) -> None:
    (slasher, _), iog, device = judges, owned.iog, owned.device
    case = slasher.json("slash", "open", device, "overuse", "25%", "--hash", "ab" * 32)["case"]
    text = said(slasher, "slash", "drop", case, "--yes")
    assert text.startswith(f"case {case} is dropped: 50 IO went back\nsignature: ")
    assert owned.shown()["stake"] == str(200 * IO)
    again = ("slash", "open", device, "overuse", "1%", "--hash", "ab" * 32)
    assert slasher.refused(1, *again).startswith(f"this evidence was judged already: case {case}")

    case = slasher.json("slash", "open", device, "overuse", "1%", "--hash", "cd" * 32)["case"]
    refusal = iog.refused(1, "slash", "close", case)
    assert re.fullmatch(f"the case may be appealed until {DATE}", refusal)
    assert case in said(iog, "slash", "show", "--open")
    owned.place.warp(30 * DAY)
    assert "`iog slash close` has it burned" in said(iog, "slash", "show", case)
    text = said(iog, "slash", "close", case)
    assert text.startswith(f"case {case} is upheld: 2 IO are burned\nsignature: ")


@pytest.mark.parametrize(
    ("code", "arguments", "message"),
    [
        (2, ("node", "ask", "DEVICE", "1 IO"), "`1 IO` names no time"),
        (2, ("node", "pause", "x"), "`x` is not an address of a device"),
        (2, ("costake", "offer", "DEVICE", "1 IO", "0%"), "`0%` is outside 0.01% to 100%"),
        (2, ("costake", "accept", "DEVICE", "1 IO"), "say both AMOUNT and SHARE, or neither"),
        (2, ("costake", "show", "DEVICE", "--offers"), "a NODE and --offers exclude each other"),
        (2, ("pool", "stake", "0 IO"), "an amount of 0 IO is not accepted"),
        (2, ("slash", "open", "DEVICE", "overuse", "1%"), "say either --evidence FILE or --hash"),
        (2, ("slash", "open", "DEVICE", "overuse", "1%", "--hash", "x"), "the hash of the evid"),
        (3, ("node", "pause", "DEVICE"), "no node is registered with the device"),
        (3, ("stake", "unstake", "DEVICE"), "no node is registered with the device"),
        (3, ("costake", "leave", "DEVICE"), "no node is registered with the device"),
        (3, ("slash", "appeal", "DEVICE"), "DEVICE is neither a slash case nor the device"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(
    place: Staking, code: int, arguments: tuple[str, ...], message: str
) -> None:
    nobody = "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi"
    iog = place.iog("nobody") if "nobody" in place.keys else place.wallet("nobody")
    named = [nobody if word == "DEVICE" else word for word in arguments]
    assert iog.refused(code, *named).startswith(message.replace("DEVICE", nobody))


def test_a_node_s_stake_is_shown_without_a_wallet(owned: Owned) -> None:
    nowhere = {"IOG_WALLET": str(owned.place.folder / "no such wallet.json")}
    text = owned.iog("stake", "show", owned.device, **nowhere)
    assert (text.returncode, owned.device in text.stdout) == (0, True), text.stderr
    refusal = owned.iog.refused(3, "stake", "show", **nowhere)
    assert refusal.startswith(f"wallet file {nowhere['IOG_WALLET']} does not exist")


def test_a_chain_that_is_away_is_named_with_exit_code_5(tmp_path: Path) -> None:
    away = Iog(tmp_path, IOG_RPC_URL="http://127.0.0.1:1")
    wallets.create(tmp_path / "wallet.json")
    for arguments in (("costake", "show", "--offers"), ("pool", "show"), ("slash", "show")):
        said = away.refused(5, *arguments, IOG_WALLET=str(tmp_path / "wallet.json"))
        assert said.startswith("http://127.0.0.1:1 is not reachable")
