from fractions import Fraction

import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import PoolClaimed
from pool_world import FUNDS, LEAST, Pool, share, to_pool
from registry_world import copy, refused
from world import swap


def test_anyone_sends_what_a_wallet_earned_to_it(pool: Pool) -> None:
    key, other = pool.backed(LEAST), pool.backed(2 * LEAST)
    pool.hours()
    seen = pool.claim(key)
    earned = share(LEAST, 3 * LEAST, to_pool(1))
    assert seen[1:] == [PoolClaimed(wallet=key.pubkey(), amount=earned, staked=LEAST)]
    assert pool.tokens(key) == FUNDS - LEAST + earned
    assert pool.world.balance(addresses.pool_vault()) == to_pool(1) - earned
    assert (pool.read_backer(key).unclaimed, pool.claimable(other)) == (0, share(2 * LEAST, 3 * LEAST, to_pool(1)))


def test_a_second_claim_in_the_hour_is_refused(pool: Pool) -> None:
    key = pool.backed()
    with refused("NothingDue"):
        pool.claim(key)
    pool.hours()
    pool.claim(key)
    with refused("NothingDue"):
        pool.claim(key)


def test_skipped_hours_pay_the_same_as_each_hour(pool: Pool) -> None:
    key, other = pool.backed(LEAST), pool.backed(3 * LEAST)
    for _ in range(5):
        pool.hours()
        pool.claim(key)
    pool.hours(2)
    pool.claim(key)
    pool.claim(other)
    exact = Fraction(to_pool(7), 4)
    assert 0 <= exact - (pool.tokens(key) - FUNDS + LEAST) < 1 + Fraction(1, 10**6)
    assert 0 <= 3 * exact - (pool.tokens(other) - FUNDS + 3 * LEAST) < 1 + Fraction(1, 10**6)


def test_what_a_wallet_earned_is_paid_after_it_has_left(pool: Pool) -> None:
    key = pool.backed()
    pool.hours()
    pool.unstake(key, LEAST)
    pool.claim(key)
    assert pool.tokens(key) == FUNDS - LEAST + to_pool(1) - 1


def test_a_drought_is_paid_later_at_twice_the_pace(pool: Pool) -> None:
    key = pool.backed(LEAST - 1)
    pool.hours(10)
    pool.stake(key, 1)
    assert (pool.claimable(key), pool.read().pool_released) == (0, 0)
    pool.hours()
    pool.advance()
    assert pool.read().pool_released == 2 * (to_pool(11) - to_pool(10))
    pool.hours(2)
    pool.advance()
    assert pool.read().pool_released == 2 * (to_pool(13) - to_pool(10))
    pool.hours(20)
    pool.advance()
    assert pool.read().pool_released == to_pool(33)  # less was left than the hours brought


def test_a_pause_does_not_hold_it_back(pool: Pool) -> None:
    key = pool.backed()
    pool.pause()
    pool.hours()
    pool.claim(key)
    assert pool.tokens(key) > FUNDS - LEAST


def test_emission_that_is_not_advanced_is_refused(pool: Pool) -> None:
    key = pool.backed()
    pool.hours()
    pool.net.pass_hours()
    with refused("PoolEmissionBehind"):
        pool.claim(key)


def test_other_tokens_of_the_wallet_or_of_others_are_refused(pool: Pool) -> None:
    key, other = pool.backed(), pool.backed()
    pool.hours()
    mine, theirs = addresses.tokens(key.pubkey()), addresses.tokens(other.pubkey())
    for tokens in (theirs, copy(pool.world, mine), addresses.stake_vault()):
        with refused("DestinationMismatch"):
            pool.world.send(swap(pool.pool_claim(key.pubkey()), mine, tokens))


@pytest.mark.accident("reordered accounts from another pool")
def test_foreign_accounts_are_refused(pool: Pool) -> None:
    key, world = pool.backed(), pool.world
    pool.hours()
    backer, config = addresses.backer(key.pubkey()), addresses.staking_config()
    wrong = {
        config: (copy(world, config), "InvalidSeeds"),
        backer: (copy(world, backer, owner=addresses.JOBS), "IllegalOwner"),
        addresses.pool_vault(): (addresses.stake_vault(), "VaultMismatch"),
        addresses.token_config(): (copy(world, config), "IllegalOwner"),
        addresses.SPL_TOKEN: (addresses.SYSTEM, "IncorrectProgramId"),
    }
    for right, (other, name) in wrong.items():
        with refused(name):
            world.send(swap(pool.pool_claim(key.pubkey()), right, other))
