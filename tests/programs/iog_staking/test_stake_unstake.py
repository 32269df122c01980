import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import CostakeEnded, StakeUnstaked
from registry_world import (
    CONFIG_HOUR_LENGTH,
    COOLING,
    COSTAKE,
    NODE_STATES,
    NOTICE,
    SHARE_BPS,
    STAKE,
    Registry,
    copy,
    refused,
    refuses_foreign_accounts,
    refuses_strangers,
)
from stages import HOUR
from world import START, swap


def unstake(registry: Registry, *, record: bool = False) -> list[object]:
    return registry.act(registry.stake_unstake(record=record), registry.owner)


def test_all_own_stake_begins_to_cool_and_the_node_stops_at_once(registry: Registry) -> None:
    registry.active().world.now += HOUR
    seen = unstake(registry)
    node = registry.read_node()
    until = START + HOUR + COOLING
    assert (node.stake, node.prev_stake, node.stake_from_hour) == (0, STAKE, 3)
    assert (node.cooling, node.cooling_until) == (STAKE, until)
    assert (node.state, node.active_from_hour) == (NODE_STATES["registered"], 0)
    assert registry.read_staking().total_staked == STAKE
    assert registry.world.balance(addresses.stake_vault()) == STAKE
    assert seen == [
        StakeUnstaked(
            node=registry.node,
            owner=registry.owner.pubkey(),
            amount=STAKE,
            cooling=STAKE,
            cooling_until=until,
            stake_from_hour=3,
        )
    ]


def test_a_second_time_merges_and_cools_anew(registry: Registry) -> None:
    registry.unstaked().world.now += COOLING - 1
    registry.act(registry.stake_add(5), registry.owner)
    unstake(registry)
    node = registry.read_node()
    assert (node.cooling, node.cooling_until) == (STAKE + 5, START + 2 * COOLING - 1)


@pytest.mark.parametrize(("length", "cooling"), [(60, 20_160), (1, 336)])
def test_cooling_follows_the_length_of_the_hour(
    registry: Registry, length: int, cooling: int
) -> None:
    raw = length.to_bytes(4, "little")
    registry.active().world.write(addresses.staking_config(), CONFIG_HOUR_LENGTH, raw)
    unstake(registry)
    assert registry.read_node().cooling_until == START + cooling


@pytest.mark.parametrize("state", ["registered", "paused"])
def test_a_stopped_node_is_unstaked_too(registry: Registry, state: str) -> None:
    registry.active().set_node_state(NODE_STATES[state])
    unstake(registry)
    assert (registry.read_node().state, registry.read_node().cooling) == (0, STAKE)


def test_running_jobs_and_an_open_case_hold_nobody_in(registry: Registry) -> None:
    """They hold back what is cooling; eligibility ends at once all the same."""
    registry.active().hold()
    registry.open_case()
    unstake(registry)
    assert (registry.read_node().state, registry.read_node().running) == (0, 1)


def test_a_paused_program_lets_out(registry: Registry) -> None:
    registry.active().pause_program()
    unstake(registry)
    assert registry.read_node().cooling == STAKE


def test_without_stake_it_is_refused(registry: Registry) -> None:
    registry.unstaked()
    with refused("NothingStaked"):
        unstake(registry)


def test_stake_that_a_case_has_frozen_does_not_hold_the_owner_in(registry: Registry) -> None:
    """A case that is dropped returns it to where it cools since the owner's leaving."""
    registry.unstaked().world.now += 5
    registry.open_case()
    unstake(registry)
    assert registry.read_node().cooling_until == START + 5 + COOLING


def test_an_offer_nobody_took_is_withdrawn(registry: Registry) -> None:
    registry.offered()
    unstake(registry)
    node = registry.read_node()
    assert (node.offer_amount, node.offer_share_bps) == (0, 0)


# --- with a co-stake ------------------------------------------------------------------------------


def test_a_co_stake_ends_with_the_owner_s(registry: Registry) -> None:
    registry.costaked().world.now += HOUR
    seen = unstake(registry, record=True)
    node = registry.read_node()
    until = START + HOUR + COOLING
    assert (node.costake, node.cooling_costake, node.costake_cooling_until) == (0, COSTAKE, until)
    assert (node.prev_costake_share_bps, node.costake_share_bps) == (SHARE_BPS, 0)
    assert node.costake_from_hour == 3
    assert node.costaker == registry.costaker.pubkey()
    assert registry.read_record().costakes == 0
    assert seen[1:] == [
        CostakeEnded(
            node=registry.node,
            owner=registry.owner.pubkey(),
            costaker=registry.costaker.pubkey(),
            amount=COSTAKE,
            costake_cooling_until=until,
            costake_from_hour=3,
            costakes=0,
            state=0,
            active_from_hour=0,
        )
    ]


@pytest.mark.parametrize("passed", [NOTICE - 1, NOTICE, NOTICE + 100])
def test_a_co_staker_who_is_leaving_waits_no_longer_for_it(registry: Registry, passed: int) -> None:
    """The co-stake cools from its end: the notice's, or the owner's where that comes first."""
    registry.costaked()
    registry.act(registry.costake_leave(), registry.costaker)
    registry.world.now += passed
    unstake(registry, record=True)
    node = registry.read_node()
    assert node.costake_cooling_until == START + min(passed, NOTICE) + COOLING
    assert node.costake_leave_at == 0


def test_a_co_stake_without_the_owner_s_record_is_refused(registry: Registry) -> None:
    registry.costaked()
    with refused("RecordMissing"):
        unstake(registry)


def test_another_owner_s_record_is_refused(registry: Registry) -> None:
    registry.costaked()
    other = copy(registry.world, registry.record)
    registry.world.write(other, 8, bytes(registry.device.pubkey()))
    call = registry.stake_unstake(record=True)
    with refused("RecordMismatch"):
        registry.act(swap(call, registry.record, other), registry.owner)
    stranger = copy(registry.world, registry.record, owner=addresses.JOBS)
    with refused("IllegalOwner"):
        registry.act(swap(call, registry.record, stranger), registry.owner)


def test_another_signer_is_refused(registry: Registry) -> None:
    registry.active()
    refuses_strangers(registry, registry.stake_unstake(), registry.owner, "NotOwner")


def test_foreign_accounts_are_refused(registry: Registry) -> None:
    registry.active()
    refuses_foreign_accounts(registry, registry.stake_unstake(), registry.owner)
