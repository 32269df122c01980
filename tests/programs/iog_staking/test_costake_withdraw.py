import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import CostakeWithdrawn
from registry_world import (
    COOLING,
    COSTAKE,
    FUNDS,
    NOBODY,
    STAKE,
    Registry,
    refused,
    refuses_foreign_accounts,
)
from world import swap


@pytest.fixture
def cooled(registry: Registry) -> Registry:
    """Owner and co-staker may take out everything."""
    registry.costaked()
    registry.act(registry.stake_unstake(record=True), registry.owner)
    registry.world.now += COOLING
    return registry


def withdraw(registry: Registry) -> list[object]:
    return registry.act(registry.costake_withdraw())


def test_anyone_sends_what_has_cooled_to_the_co_staker(cooled: Registry) -> None:
    seen = withdraw(cooled)
    node = cooled.read_node()
    assert (node.cooling_costake, node.costake_cooling_until, node.costaker) == (0, 0, NOBODY)
    assert cooled.read_staking().total_staked == STAKE
    assert cooled.world.balance(addresses.stake_vault()) == STAKE
    assert cooled.world.balance(addresses.tokens(cooled.costaker.pubkey())) == FUNDS
    assert seen == [
        CostakeWithdrawn(
            node=cooled.node,
            costaker=cooled.costaker.pubkey(),
            amount=COSTAKE,
            total_staked=STAKE,
        )
    ]


def test_one_second_early_is_refused(cooled: Registry) -> None:
    cooled.world.now -= 1
    with refused("StillCooling"):
        withdraw(cooled)


def test_a_second_time_is_refused(cooled: Registry) -> None:
    withdraw(cooled)
    with refused("NothingCooling"):
        withdraw(cooled)


@pytest.mark.accident("stake held busy by a friend's job")
def test_a_friend_s_job_does_not_hold_it(cooled: Registry) -> None:
    """A friend of the owner keeps the node busy; the owner waits for that, the co-staker not."""
    cooled.hold()
    with refused("NodeBusy"):
        cooled.act(cooled.stake_withdraw())
    withdraw(cooled)
    assert cooled.read_node().cooling_costake == 0


def test_an_open_case_holds_it_back(cooled: Registry) -> None:
    cooled.open_case()
    with refused("CaseOpen"):
        withdraw(cooled)


def test_a_paused_program_pays_out(cooled: Registry) -> None:
    cooled.pause_program()
    withdraw(cooled)
    assert cooled.read_node().cooling_costake == 0


def test_neither_the_owner_nor_anyone_else_is_paid(cooled: Registry) -> None:
    mine = addresses.tokens(cooled.costaker.pubkey())
    for wallet in (cooled.owner.pubkey(), cooled.device.pubkey()):
        with refused("DestinationMismatch"):
            cooled.act(swap(cooled.costake_withdraw(), mine, cooled.world.tokens(wallet)))


def test_foreign_accounts_are_refused(cooled: Registry) -> None:
    refuses_foreign_accounts(cooled, cooled.costake_withdraw())
