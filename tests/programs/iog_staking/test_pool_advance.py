import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import PoolAdvanced
from pool_world import LEAST, Pool, number, to_pool
from registry_world import copy, refused
from stages import advance
from world import swap


def test_an_hour_is_released_to_the_stake(pool: Pool) -> None:
    pool.backed(3 * LEAST)
    pool.hours()
    share = (to_pool(1) << 64) // (3 * LEAST)
    assert pool.advance() == [
        PoolAdvanced(
            hour=1,
            released=45_662_100_456,
            pool_released=45_662_100_456,
            pool_seen=45_662_100_456,
            pool_total=3 * LEAST,
            per_share=share.to_bytes(16, "little"),
        )
    ]
    config = pool.read()
    assert (config.pool_hour, number(config.pool_per_share)) == (1, share)
    assert (config.pool_released, config.pool_seen) == (to_pool(1), to_pool(1))


def test_a_second_time_in_the_hour_changes_nothing(pool: Pool) -> None:
    pool.backed()
    pool.hours()
    pool.advance()
    before = pool.read()
    pool.world.now += 3_599
    assert pool.advance() == []
    assert pool.read() == before


def test_before_the_first_hour_has_ended_nothing_is_released(pool: Pool) -> None:
    pool.backed()
    pool.world.now += 3_599
    assert pool.advance() == []
    assert (pool.read().pool_hour, pool.read().pool_released) == (0, 0)


@pytest.mark.parametrize(("staked", "released"), [(LEAST - 1, 0), (LEAST, to_pool(1))])
def test_nothing_is_released_while_less_than_the_least_is_staked(
    pool: Pool, staked: int, released: int
) -> None:
    pool.backed(staked)
    pool.hours()
    pool.advance()
    config = pool.read()
    assert (config.pool_released, config.pool_seen, config.pool_hour) == (released, to_pool(1), 1)


@pytest.mark.accident("backlog taken by whoever comes first")
def test_a_backlog_is_not_released_to_who_ends_the_drought(pool: Pool) -> None:
    pool.hours(100)
    key = pool.backed(LEAST)
    pool.advance()
    assert pool.read().pool_released == 0
    pool.hours()
    pool.advance()
    assert pool.claimable(key) == 2 * (to_pool(101) - to_pool(100)) - 1


def test_hours_that_nobody_advanced_are_released_at_once(pool: Pool) -> None:
    pool.backed()
    pool.hours(24)
    [event] = pool.advance()
    assert (event.hour, event.released) == (24, to_pool(24))


@pytest.mark.accident("crank that omits accounts")
def test_emission_that_is_not_advanced_is_refused(pool: Pool) -> None:
    pool.backed()
    pool.hours()
    pool.net.pass_hours(2)
    with refused("PoolEmissionBehind"):
        pool.advance()
    pool.world.send(advance(), pool.pool_advance())
    assert pool.read().pool_hour == 3


def test_foreign_accounts_are_refused(pool: Pool) -> None:
    world, config = pool.world, addresses.staking_config()
    wrong = {
        config: (copy(world, config), "InvalidSeeds"),
        addresses.token_config(): (copy(world, config), "IllegalOwner"),
    }
    for right, (other, name) in wrong.items():
        with refused(name):
            world.send(swap(pool.pool_advance(), right, other))
