"""The pool's numbers are the program's, and nothing of it is paid twice or too early."""

import pytest
from network_samples import HOUR, TestNetwork
from solders.keypair import Keypair

from iog_client import pool, schedule, stakes, times, tokens
from iog_client.amounts import IO
from iog_client.errors import NotFound, Refused, UsageError

UNBONDING = 14 * 24 * HOUR
SHARE = schedule.emitted(1) // 10
"""What the pool's tenth of the first hour is."""


def part(staked: int, total: int) -> int:
    """What so much IO of the pool earns in the first hour: rounded down for each base unit."""
    return staked * IO * (SHARE * 2**64 // (total * IO)) // 2**64


async def backer(net: TestNetwork, io: int = 1000) -> Keypair:
    """A wallet that has staked so much."""
    wallet = await net.wallet(io * IO)
    await pool.stake(net.sender(wallet), wallet, io * IO)
    return wallet


@pytest.mark.parametrize(
    ("available", "new", "staked", "released"),
    [
        (10, 4, 1_000 * IO - 1, 0),
        (10, 4, 1_000 * IO, 8),
        (7, 4, 1_000 * IO, 7),
        (10, 0, 1_000 * IO, 0),
    ],
)
def test_a_backlog_is_released_at_most_as_fast_as_new_emission_comes(
    available: int, new: int, staked: int, released: int
) -> None:
    assert pool.release(available, new, staked) == released


def test_what_a_stake_earns_is_rounded_down() -> None:
    assert pool.earned(3, 2**64 // 2) == 1
    assert pool.earned(2**64 - 1, 2**64) == 2**64 - 1
    assert pool.earned(1, 2**64 - 1) == 0
    assert pool.earned(1, 2**64 - 1, 1) == 1


async def test_an_hour_is_shared_by_stake_and_paid_out(net: TestNetwork) -> None:
    one, other = await backer(net, 1000), await backer(net, 3000)
    net.warp(HOUR)
    whole = await pool.read(net.rpc)
    assert (whole.pool_total, whole.backers, whole.hour) == (4000 * IO, 2, 0)
    assert (whole.waiting, whole.due, whole.released) == (SHARE, SHARE, 0)
    mine = await pool.get(net.rpc, one.pubkey())
    assert (mine.staked, mine.claimable) == (1000 * IO, part(1000, 4000))
    anyone = net.sender(await net.wallet())
    await pool.claim(anyone, one.pubkey())
    assert await tokens.balance(net.rpc, one.pubkey()) == part(1000, 4000)
    assert (await pool.get(net.rpc, other.pubkey())).claimable == part(3000, 4000)
    with pytest.raises(Refused, match=f"nothing is due to {one.pubkey()}, which has 1000 IO"):
        await pool.claim(anyone, one.pubkey())


async def test_what_is_shown_as_claimable_is_what_a_claim_pays(net: TestNetwork) -> None:
    wallet = await backer(net, 999)
    net.warp(5 * HOUR)
    assert (await pool.get(net.rpc, wallet.pubkey())).claimable == 0
    await backer(net, 1)
    for hours in (1, 3, 2):
        net.warp(hours * HOUR)
        shown = (await pool.get(net.rpc, wallet.pubkey())).claimable
        before = await tokens.balance(net.rpc, wallet.pubkey())
        await pool.claim(net.sender(wallet), wallet.pubkey())
        assert await tokens.balance(net.rpc, wallet.pubkey()) - before == shown > 0


async def test_the_pool_is_advanced_once_an_hour(net: TestNetwork) -> None:
    await backer(net)
    anyone = net.sender(await net.wallet())
    with pytest.raises(Refused, match="the pool is at hour 0, the last that has ended"):
        await pool.advance(anyone)
    net.warp(2 * HOUR)
    await pool.advance(anyone)
    whole = await pool.read(net.rpc)
    assert (whole.hour, whole.waiting) == (2, 0)
    assert whole.released == schedule.emitted(2) // 10
    with pytest.raises(Refused, match="the pool is at hour 2"):
        await pool.advance(anyone)


async def test_what_leaves_unbonds_first_and_then_goes_back(net: TestNetwork) -> None:
    wallet = await backer(net, 1500)
    key, sender = wallet.pubkey(), net.sender(wallet)
    with pytest.raises(Refused, match=f"nothing of {key} unbonds: 1500 IO are staked"):
        await pool.withdraw(sender, key)
    await pool.unstake(sender, wallet, 500 * IO)
    net.warp(UNBONDING - 60)
    await pool.unstake(sender, wallet, None)
    mine = await pool.get(net.rpc, key)
    end = net.start + 2 * UNBONDING - 60
    assert (mine.staked, mine.unbonding, mine.unbonding_until) == (0, 1500 * IO, end)
    with pytest.raises(Refused, match=f"1500 IO of {key} unbond until {times.date(end)}"):
        await pool.withdraw(sender, key)
    with pytest.raises(Refused, match=f"{key} has 0 IO in the pool; 1500 IO unbond"):
        await pool.unstake(sender, wallet, None)
    net.warp(UNBONDING)
    await pool.withdraw(net.sender(await net.wallet()), key)
    assert await tokens.balance(net.rpc, key) == 1500 * IO


async def test_amounts_that_cannot_be_are_refused(net: TestNetwork) -> None:
    wallet = await backer(net)
    key, sender = wallet.pubkey(), net.sender(wallet)
    with pytest.raises(UsageError, match="an amount of 0 IO is not accepted"):
        await pool.stake(sender, wallet, 0)
    with pytest.raises(UsageError, match="an amount of 0 IO is not accepted"):
        await pool.unstake(sender, wallet, 0)
    with pytest.raises(Refused, match=f"{key} holds 0 IO, the stake takes 1 IO"):
        await pool.stake(sender, wallet, IO)
    with pytest.raises(Refused, match=f"{key} has 1000 IO in the pool$"):
        await pool.unstake(sender, wallet, 1000 * IO + 1)


async def test_a_wallet_that_never_staked_has_no_part(net: TestNetwork) -> None:
    wallet = await net.wallet()
    sender = net.sender(wallet)
    for verb in (pool.claim, pool.withdraw):
        with pytest.raises(NotFound, match=f"{wallet.pubkey()} never had a part of the pool"):
            await verb(sender, wallet.pubkey())
    with pytest.raises(NotFound, match="`iog pool stake` stakes in it"):
        await pool.unstake(sender, wallet, None)


async def test_while_staking_is_paused_nothing_comes_in_and_all_may_leave(
    net: TestNetwork,
) -> None:
    wallet = await backer(net)
    net.write_staking(paused=1)
    with pytest.raises(Refused, match="staking is paused: nothing comes in"):
        await pool.stake(net.sender(wallet), wallet, 1)
    net.warp(HOUR)
    await pool.claim(net.sender(wallet), wallet.pubkey())
    await pool.unstake(net.sender(wallet), wallet, None)
    assert (await stakes.config(net.rpc)).pool_unbonding == 1000 * IO
