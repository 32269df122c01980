"""emission_advance: every hour's emission arrives once, however often or seldom anyone cranks."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_token.accounts import Config
from iog_client._generated.iog_token.events import EmissionAdvanced
from stages import GENESIS, HOUR, Network, advance, network
from token_calls import HOURS, TOTAL, emitted
from world import ProgramFailed, World, swap

FIRST_HOUR = 456_621_004_566
VECTORS = json.loads((Path(__file__).parents[2] / "vectors/schedule.json").read_text())


def state(world: World) -> tuple[int, int, int, int]:
    config = world.account(Config, addresses.token_config())
    return config.advanced_hour, config.minted, config.to_rewards, config.to_pool


def expected(hour: int, pool_bps: int) -> tuple[int, int, int, int]:
    pool = emitted(hour) * pool_bps // 10_000
    return hour, emitted(hour), emitted(hour) - pool, pool


def assert_minted(world: World, hour: int, pool_bps: int = 1_000) -> None:
    """The configuration, both vaults and the supply agree with the model."""
    _, minted, rewards, pool = expected(hour, pool_bps)
    assert state(world) == (hour, minted, rewards, pool)
    assert world.balance(addresses.rewards_vault()) == rewards
    assert world.balance(addresses.pool_vault()) == pool
    assert world.supply() == GENESIS + minted


def test_the_first_hour_goes_to_rewards_and_the_pool(world: World, net: Network) -> None:
    net.running()
    net.pass_hours()
    result = world.send(advance())

    assert_minted(world, 1)
    pool = FIRST_HOUR // 10
    assert world.events(result) == [
        EmissionAdvanced(hour=1, minted=FIRST_HOUR, to_rewards=FIRST_HOUR - pool, to_pool=pool)
    ]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["hour"]))
def test_every_golden_hour_is_minted_in_one_go(
    world: World, net: Network, vector: dict[str, int]
) -> None:
    net.running()
    net.pass_hours(vector["hour"])
    world.send(advance())
    assert world.supply() == GENESIS + vector["emitted"]
    assert_minted(world, min(vector["hour"], HOURS))


def test_the_last_hour_ends_the_emission_at_exactly_the_total(world: World, net: Network) -> None:
    net.running()
    net.pass_hours(HOURS - 1)
    world.send(advance())
    assert world.supply() < GENESIS + TOTAL
    net.pass_hours()
    world.send(advance())
    assert world.supply() == GENESIS + TOTAL
    net.pass_hours(10 * HOURS)
    assert world.events(world.send(advance())) == []
    assert_minted(world, HOURS)


@pytest.mark.parametrize("seconds", [0, 1, HOUR - 1])
def test_within_an_hour_nothing_changes(world: World, net: Network, seconds: int) -> None:
    net.running()
    net.pass_hours(3)
    world.send(advance())
    before = bytes(world.svm.get_account(addresses.token_config()).data)
    world.now += seconds
    result = world.send(advance())

    assert world.events(result) == []
    assert bytes(world.svm.get_account(addresses.token_config()).data) == before
    assert_minted(world, 3)


def test_a_clock_that_went_back_changes_nothing(world: World, net: Network) -> None:
    net.running()
    net.pass_hours(3)
    world.send(advance())
    world.now -= 2 * HOUR
    world.send(advance())
    assert_minted(world, 3)


def test_before_the_start_nothing_is_minted(world: World, net: Network) -> None:
    net.sealed().staking().rewards()
    world.now += 100 * HOUR
    world.send(advance())
    assert_minted(world, 0)


@pytest.mark.parametrize("pool_bps", [0, 10_000])
def test_all_of_it_may_go_to_one_side(world: World, net: Network, pool_bps: int) -> None:
    net.running(pool_bps=pool_bps)
    net.pass_hours(731)
    world.send(advance())
    assert_minted(world, 731, pool_bps)


def test_the_length_of_an_hour_is_the_networks(world: World, net: Network) -> None:
    net.running(hour_length=10)
    world.now += 29
    world.send(advance())
    assert_minted(world, 2)


def test_without_the_vaults_it_is_refused_and_nothing_is_lost(world: World, net: Network) -> None:
    net.started()
    net.pass_hours(2)
    with pytest.raises(ProgramFailed):
        world.send(advance())
    net.staking().rewards()
    world.send(advance())
    assert_minted(world, 2)


@pytest.mark.parametrize("vault", ["rewards_vault", "pool_vault"])
def test_another_vault_is_refused(world: World, net: Network, vault: str) -> None:
    net.running()
    net.pass_hours()
    thief = world.tokens(world.payer.pubkey())
    with pytest.raises(ProgramFailed, match="InvalidSeeds"):
        world.send(swap(advance(), getattr(addresses, vault)(), thief))


def test_one_vault_in_both_places_is_refused(world: World, net: Network) -> None:
    net.running()
    net.pass_hours()
    instruction = swap(advance(), addresses.pool_vault(), addresses.rewards_vault())
    with pytest.raises(ProgramFailed):
        world.send(instruction)


def test_another_mint_or_configuration_is_refused(world: World, net: Network) -> None:
    net.running()
    net.pass_hours()
    with pytest.raises(ProgramFailed, match="ConstraintAddress"):
        world.send(swap(advance(), addresses.mint(), Pubkey.new_unique()))
    forged = Pubkey.new_unique()
    world.svm.set_account(forged, world.svm.get_account(addresses.token_config()))
    with pytest.raises(ProgramFailed, match="InvalidSeeds"):
        world.send(swap(advance(), addresses.token_config(), forged))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pool_bps=st.integers(0, 10_000),
    steps=st.lists(st.integers(1, 40 * 730 * HOUR), min_size=1, max_size=8),
)
def test_any_pattern_of_cranks_mints_what_the_exact_model_says(
    pool_bps: int, steps: list[int]
) -> None:
    net = network(World())
    net.running(pool_bps=pool_bps)
    passed = 0
    for step in steps:
        passed += step
        net.world.now += step
        net.world.send(advance())
        assert_minted(net.world, min(passed // HOUR, HOURS), pool_bps)
