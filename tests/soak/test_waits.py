"""Every verb that has to wait for days, done after its time on a real validator.

Hours of one second make 14 days 336 seconds and 30 days 720. All waits begin at once, so that the
file takes about as long as the longest of them. `make soak` runs it; `make test` does not.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import pytest
from staking_samples import Staking

from iog_client import addresses, tokens
from iog_client.amounts import IO
from iog_client.rpc import HttpRpc
from iog_client.validator import Validator

DAY = 24
"""Seconds of a day at hours of one second."""
PATIENCE = 3
"""A busy machine's validator runs behind: so many times the wait, and it is taken for hung."""


class Place(Staking):
    def chain_time(self) -> int:
        """Unix seconds by the chain's clock."""
        return asyncio.run(self._chain_time())

    async def _chain_time(self) -> int:
        rpc = HttpRpc(self.url)
        found = await rpc.chain_time()
        await rpc.close()
        return found

    def wait_until(self, moment: int) -> None:
        """Sleeps until the chain's clock has reached this moment."""
        ahead = moment - self.chain_time()
        guard = time.monotonic() + max(ahead, 20) * PATIENCE
        while (ahead := moment - self.chain_time()) > 0:
            assert time.monotonic() < guard, f"the chain's clock is {ahead} s short of {moment}"
            time.sleep(min(ahead, 10))

    def io(self, name: str) -> int:
        """Base units in the wallet of that name."""
        return int(self.iog(name).json("wallet", "show")["io"])

    def staked(self) -> int:
        """Base units in the stake vault."""
        return asyncio.run(self._staked())

    async def _staked(self) -> int:
        rpc = HttpRpc(self.url)
        [found] = await tokens.amounts_at(rpc, [addresses.stake_vault()])
        await rpc.close()
        return found


@dataclass(frozen=True, slots=True)
class Begun:
    """What waits, and until which moment of the chain's clock (unix seconds)."""

    place: Place
    unstaked: str
    costaked: str
    accused: str
    appellant: str
    burnt: str
    returned: str
    cooled: int
    left: int
    unbonded: int
    judged: int
    lapsed: int


def begin_stake(place: Place) -> tuple[str, int]:
    """A node with all of its stake on the way out: its device, and until when."""
    owner = place.wallet("leaving", 200)
    device = place.register(owner, "leaving")
    owner.json("stake", "add", device, "200 IO")
    gone = owner.json("stake", "unstake", device)
    assert (gone["state"], gone["cooling"]) == ("registered", str(200 * IO))
    return device, gone["cooling_until"]


def begin_costake(place: Place) -> tuple[str, int]:
    """A node whose co-staker has given notice: its device, and until when."""
    owner, friend = place.wallet("offering", 200), place.wallet("friend", 100)
    device = place.register(owner, "offering")
    owner.json("stake", "add", device, "200 IO")
    owner.json("costake", "offer", device, "100 IO", "25%")
    friend.json("costake", "accept", device, "100 IO", "25%")
    return device, friend.json("costake", "leave", device)["costake_leave_at"]


def begin_pool(place: Place) -> int:
    """A backer with a third of its stake on the way out, until when."""
    backer = place.wallet("backer", 1500)
    backer.json("pool", "stake", "1500 IO")
    part = backer.json("pool", "unstake", "500 IO")
    assert (part["staked"], part["unbonding"]) == (str(1000 * IO), str(500 * IO))
    return int(part["unbonding_until"])


def begin_case(place: Place, name: str, *, appeal: bool) -> tuple[str, str, int]:
    """A case that took 10 IO out of a node: its device, the case, and until when."""
    owner = place.wallet(name, 200)
    device = place.register(owner, name)
    owner.json("stake", "add", device, "200 IO")
    charge = ("poor_service", "5%", "--hash", "ab" * 32)
    case = place.iog("slasher").json("slash", "open", device, *charge)
    assert (case["amount"], case["state"]) == (str(10 * IO), "open")
    if appeal:
        case = owner.json("slash", "appeal", case["case"])
        assert case["state"] == "appealed"
    return device, case["case"], case["deadline"]


@pytest.fixture(scope="module")
def begun(loaded: Validator, tmp_path_factory: pytest.TempPathFactory) -> Begun:
    """Everything that takes days, begun."""
    place = Place(tmp_path_factory.mktemp("waits"), loaded.url)
    place.open(1)
    place.judge("slasher")
    accused, burnt, judged = begin_case(place, "accused", appeal=False)
    appellant, returned, lapsed = begin_case(place, "appellant", appeal=True)
    unstaked, cooled = begin_stake(place)
    costaked, left = begin_costake(place)
    unbonded = begin_pool(place)
    # What was staked, of five wallets and the backer; nothing of it has moved yet.
    assert place.staked() == (4 * 200 + 100 + 1500) * IO
    place.wallet("stranger")
    return Begun(
        place, unstaked, costaked, accused, appellant, burnt, returned,
        cooled, left, unbonded, judged, lapsed,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "verb"),
    [
        ("200 IO of the node UNSTAKED cool until", "stake withdraw UNSTAKED"),
        ("the co-stake of the node COSTAKED", "costake end COSTAKED"),
        ("no co-stake of the node COSTAKED", "costake withdraw COSTAKED"),
        ("500 IO of BACKER unbond until", "pool withdraw --for BACKER"),
        ("the case may be appealed until", "slash close BURNT"),
        ("the case waits for the arbiter until", "slash close RETURNED"),
    ],
)
def test_before_its_time_it_is_refused(begun: Begun, said: str, verb: str) -> None:
    names = {
        "UNSTAKED": begun.unstaked,
        "COSTAKED": begun.costaked,
        "BACKER": begun.place.address("backer"),
        "BURNT": begun.burnt,
        "RETURNED": begun.returned,
    }
    words = [names.get(word, word) for word in verb.split()]
    expected = " ".join(names.get(word, word) for word in said.split())
    assert begun.place.iog("stranger").refused(1, *words).startswith(expected)


def test_a_co_stake_ends_after_seven_days_and_cools_for_fourteen(begun: Begun) -> None:
    place, stranger = begun.place, begun.place.iog("stranger")
    place.wait_until(begun.left)
    ended = stranger.json("costake", "end", begun.costaked)
    assert (ended["costake"], ended["cooling_costake"]) == ("0", str(100 * IO))
    assert ended["state"] == "active"  # the owner's own stake meets the requirement
    assert ended["costake_cooling_until"] - begun.left >= 14 * DAY
    place.wait_until(ended["costake_cooling_until"])
    paid = stranger.json("costake", "withdraw", begun.costaked)
    assert (paid["amount"], paid["paid_to"]) == (str(100 * IO), place.address("friend"))
    assert place.io("friend") == 100 * IO
    assert place.iog("friend").json("costake", "show") == []


def test_a_stake_is_withdrawn_after_fourteen_days(begun: Begun) -> None:
    place, stranger = begun.place, begun.place.iog("stranger")
    place.wait_until(begun.cooled)
    paid = stranger.json("stake", "withdraw", begun.unstaked)
    assert (paid["amount"], paid["owner"]) == (str(200 * IO), place.address("leaving"))
    assert place.io("leaving") == 200 * IO
    assert place.iog("leaving").json("node", "retire", begun.unstaked)["state"] == "retired"


def test_what_left_the_pool_is_withdrawn_after_fourteen_days(begun: Begun) -> None:
    place = begun.place
    place.wait_until(begun.unbonded)
    paid = place.iog("stranger").json("pool", "withdraw", "--for", place.address("backer"))
    assert (paid["amount"], paid["unbonding"]) == (str(500 * IO), "0")
    assert place.io("backer") == 500 * IO


def test_a_case_that_nobody_appealed_is_burned_after_thirty_days(begun: Begun) -> None:
    place, stranger = begun.place, begun.place.iog("stranger")
    place.wait_until(begun.judged)
    closed = stranger.json("slash", "close", begun.burnt)
    assert (closed["state"], closed["amount"]) == ("upheld", str(10 * IO))
    [shown] = place.iog("accused").json("stake", "show", begun.accused)
    assert (shown["stake"], shown["missing"]) == (str(190 * IO), str(10 * IO))


def test_a_case_that_the_arbiter_did_not_decide_is_given_back(begun: Begun) -> None:
    place, stranger = begun.place, begun.place.iog("stranger")
    place.wait_until(begun.lapsed)
    closed = stranger.json("slash", "close", begun.returned)
    assert (closed["state"], closed["amount"]) == ("dropped", str(10 * IO))
    [shown] = place.iog("appellant").json("stake", "show", begun.appellant)
    assert (shown["stake"], shown["state"], shown["missing"]) == (str(200 * IO), "active", "0")


def test_the_stake_vault_holds_what_is_left(begun: Begun) -> None:
    """The offering owner's, the appellant's, the accused's less what was burned, the pool's."""
    assert begun.place.staked() == (200 + 200 + 190 + 1000) * IO
