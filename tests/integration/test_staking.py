"""Every verb of nodes, stakes, co-stakes, the pool and slash cases on a real validator, once.

What takes longer than a minute here is shown by its refusal; acceptance tests let it happen, on a
chain whose clock can be moved.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from staking_samples import Staking

from iog_client.amounts import IO
from iog_client.validator import Validator

HOUR = 15
PATIENCE = 90
"""Real seconds after which an hour is taken for never ending."""


@pytest.fixture(scope="module")
def place(loaded: Validator, tmp_path_factory: pytest.TempPathFactory) -> Staking:
    """A network whose emission runs."""
    found = Staking(tmp_path_factory.mktemp("staking"), loaded.url)
    found.open(HOUR)
    return found


def test_an_owner_prices_stops_and_leaves_a_node(place: Staking) -> None:
    owner = place.wallet("owner", 250)
    device = place.register(owner, "owner")
    assert owner.json("stake", "add", device, "250 IO")["state"] == "active"
    assert owner.json("stake", "reduce", device)["amount"] == str(50 * IO)
    assert owner.json("node", "ask", device, "0.72 IO/h")["ask"] == str(72 * IO // 360_000)
    payee = place.wallet("payee")
    assert payee.json("wallet", "show")["io"] == "0"
    assert owner.json("node", "payee", device, place.address("payee"))["payee"] == place.address(
        "payee"
    )
    assert owner.json("node", "pause", device)["state"] == "paused"
    assert owner.json("node", "resume", device)["state"] == "active"
    gone = owner.json("stake", "unstake", device)
    assert (gone["state"], gone["cooling"]) == ("registered", str(200 * IO))
    assert owner.refused(1, "stake", "withdraw", device).startswith("200 IO of the node")
    said = owner.refused(1, "node", "retire", device)
    assert said.endswith("cannot be retired: 200 IO of its stake are cooling")

    empty = place.register(owner, "owner")
    assert owner.json("node", "retire", empty)["state"] == "retired"


def test_a_co_staker_comes_and_gives_notice(place: Staking) -> None:
    owner, friend = place.wallet("offering", 200), place.wallet("friend", 100)
    device = place.register(owner, "offering")
    owner.json("stake", "add", device, "200 IO")
    owner.json("costake", "offer", device, "100 IO", "20%")
    assert owner.json("costake", "revoke", device)["offer_amount"] == "0"
    owner.json("costake", "offer", device, "100 IO", "25%")
    taken = friend.json("costake", "accept", device, "100 IO", "25%")
    assert (taken["costake"], taken["costake_share_bps"]) == (str(100 * IO), 2500)
    assert owner.json("stake", "reduce", device)["amount"] == str(100 * IO)
    left = friend.json("costake", "leave", device)
    assert left["costake_leave_at"] > 0
    assert owner.refused(1, "costake", "end", device).startswith(
        f"the co-stake of the node {device}"
    )
    assert friend.refused(1, "costake", "withdraw", device).startswith("no co-stake of the node")
    [shown] = friend.json("costake", "show")
    assert shown["device"] == device


def test_backers_share_an_hour(place: Staking) -> None:
    backer = place.wallet("backer", 1500)
    backer.json("pool", "stake", "1500 IO")
    hour = backer.json("pool", "show")["pool"]["hour"]
    until = time.monotonic() + PATIENCE
    while backer.json("token", "supply")["hour"] <= hour:
        assert time.monotonic() < until, "the hour did not end"
        time.sleep(1)
    assert int(backer.json("pool", "claim")["amount"]) > 0
    _advance_in_a_new_hour(place)
    part = backer.json("pool", "unstake", "500 IO")
    assert (part["staked"], part["unbonding"]) == (str(1000 * IO), str(500 * IO))
    said = backer.refused(1, "pool", "withdraw")
    assert said.startswith(f"500 IO of {place.address('backer')} unbond until")


def _advance_in_a_new_hour(place: Staking) -> None:
    iog = place.iog("backer")
    until = time.monotonic() + PATIENCE
    while (done := iog("pool", "advance", "--json")).returncode:
        assert "the last that has ended" in done.stderr, done.stderr
        assert time.monotonic() < until, "the hour did not end"
        time.sleep(1)


def test_a_case_is_decided(place: Staking, tmp_path: Path) -> None:
    owner, slasher, arbiter = (
        place.wallet("accused", 200),
        place.judge("slasher"),
        place.judge("arbiter"),
    )
    device = place.register(owner, "accused")
    owner.json("stake", "add", device, "200 IO")
    evidence = tmp_path / "evidence.txt"
    evidence.write_text("seen")
    opening = ("slash", "open", device, "poor_service", "5%")
    first = slasher.json(*opening, "--evidence", str(evidence))
    assert (first["amount"], first["state"]) == (str(10 * IO), "open")
    assert owner.refused(1, "slash", "close", first["case"]).startswith("the case may be appealed")
    assert slasher.json("slash", "drop", first["case"])["state"] == "dropped"
    second = slasher.json(*opening, "--hash", "ab" * 32)["case"]
    assert owner.json("slash", "appeal", second)["state"] == "appealed"
    assert arbiter.json("slash", "uphold", second)["state"] == "upheld"
    [shown] = owner.json("stake", "show", device)
    assert (shown["stake"], shown["case"], shown["missing"]) == (str(190 * IO), None, str(10 * IO))
    assert len(owner.json("slash", "show", device)) == 2
