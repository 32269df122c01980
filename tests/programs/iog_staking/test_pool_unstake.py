import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import PoolUnstaked
from pool_world import LEAST, UNBONDING, Pool, per_share, share, to_pool
from registry_world import copy, refused
from world import swap, unsigned


def test_unstaked_tokens_unbond_and_what_was_earned_stays(pool: Pool) -> None:
    key = pool.backed(3 * LEAST)
    pool.hours()
    seen = pool.unstake(key, LEAST)
    assert seen[1:] == [
        PoolUnstaked(
            wallet=key.pubkey(),
            amount=LEAST,
            staked=2 * LEAST,
            unclaimed=share(3 * LEAST, 3 * LEAST, to_pool(1)),
            unbonding=LEAST,
            unbonding_until=pool.world.now + UNBONDING,
            pool_total=2 * LEAST,
        )
    ]
    config = pool.read()
    assert (config.pool_total, config.pool_unbonding) == (2 * LEAST, LEAST)
    assert pool.world.balance(addresses.stake_vault()) == 3 * LEAST


def test_unbonding_stake_earns_nothing(pool: Pool) -> None:
    key, other = pool.backed(2 * LEAST), pool.backed(2 * LEAST)
    pool.unstake(key, 2 * LEAST)
    pool.hours()
    pool.advance()
    assert (pool.claimable(key), pool.claimable(other)) == (0, to_pool(1) - 1)


def test_a_second_unstake_joins_the_first_and_restarts_its_time(pool: Pool) -> None:
    key = pool.backed(2 * LEAST)
    pool.unstake(key, LEAST)
    pool.hours(5)
    pool.unstake(key, LEAST)
    backer = pool.read_backer(key)
    assert (backer.staked, backer.unbonding) == (0, 2 * LEAST)
    assert backer.unbonding_until == pool.world.now + UNBONDING


@pytest.mark.accident("reward debt on partial unstake")
def test_unstaking_in_parts_earns_no_more_than_at_once(pool: Pool) -> None:
    parts, whole = pool.backed(7 * LEAST), pool.backed(7 * LEAST)
    pool.hours()
    for amount in (1, 3, LEAST, 6 * LEAST - 4):
        pool.unstake(parts, amount)
    pool.unstake(whole, 7 * LEAST)
    half = share(7 * LEAST, 14 * LEAST, to_pool(1))
    assert pool.claimable(parts) == pool.claimable(whole) == half
    pool.hours()
    pool.advance()
    assert pool.claimable(parts) == pool.claimable(whole) == half


@pytest.mark.accident("rate change without accrual")
def test_each_hour_is_shared_by_the_stake_that_it_had(pool: Pool) -> None:
    first, second = pool.backed(LEAST), pool.backed(LEAST)
    pool.hours()
    pool.unstake(second, LEAST)
    pool.hours()
    pool.advance()
    together = per_share(to_pool(1), 2 * LEAST)
    alone = per_share(to_pool(2) - to_pool(1), LEAST)
    assert pool.claimable(second) == LEAST * together >> 64
    assert pool.claimable(first) == LEAST * (together + alone) >> 64


def test_a_pause_does_not_hold_stake_back(pool: Pool) -> None:
    key = pool.backed()
    pool.pause()
    pool.unstake(key, LEAST)
    assert pool.read_backer(key).unbonding == LEAST


def test_more_than_is_staked_is_refused(pool: Pool) -> None:
    key, _ = pool.backed(LEAST), pool.backed(LEAST)
    with refused("PoolStakeLess"):
        pool.unstake(key, LEAST + 1)
    with refused("AmountZero"):
        pool.unstake(key, 0)
    pool.unstake(key, LEAST)
    with refused("PoolStakeLess"):
        pool.unstake(key, 1)


def test_emission_that_is_not_advanced_is_refused(pool: Pool) -> None:
    key = pool.backed()
    pool.net.pass_hours()
    with refused("PoolEmissionBehind"):
        pool.unstake(key, LEAST)


def test_another_s_backer_and_signature_are_refused(pool: Pool) -> None:
    key, other = pool.backed(), pool.backed()
    call, mine = pool.pool_unstake(key.pubkey(), 1), key.pubkey()
    with refused("MissingRequiredSignature"):
        pool.world.send(unsigned(call, mine))
    with refused("InvalidSeeds"):
        pool.world.send(swap(call, mine, other.pubkey()), signers=[other])


def test_foreign_accounts_are_refused(pool: Pool) -> None:
    key, world = pool.backed(), pool.world
    backer, config = addresses.backer(key.pubkey()), addresses.staking_config()
    wrong = {
        config: (copy(world, config), "InvalidSeeds"),
        backer: (copy(world, backer), "InvalidSeeds"),
        addresses.token_config(): (copy(world, config), "IllegalOwner"),
    }
    for right, (other, name) in wrong.items():
        with refused(name):
            call = swap(pool.pool_unstake(key.pubkey(), 1), right, other)
            world.send(call, signers=[key])
