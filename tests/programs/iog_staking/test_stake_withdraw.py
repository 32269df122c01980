import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import StakeWithdrawn
from registry_world import COOLING, FUNDS, STAKE, Registry, refused, refuses_foreign_accounts
from world import swap, transfer_tokens


@pytest.fixture
def cooled(registry: Registry) -> Registry:
    """All of a node's stake has cooled."""
    registry.unstaked().world.now += COOLING
    return registry


def withdraw(registry: Registry) -> list[object]:
    return registry.act(registry.stake_withdraw())


def test_anyone_sends_what_has_cooled_to_the_owner(cooled: Registry) -> None:
    seen = withdraw(cooled)
    node = cooled.read_node()
    assert (node.cooling, node.cooling_until) == (0, 0)
    assert cooled.read_staking().total_staked == 0
    assert cooled.world.balance(addresses.stake_vault()) == 0
    assert cooled.world.balance(addresses.tokens(cooled.owner.pubkey())) == FUNDS
    assert seen == [
        StakeWithdrawn(node=cooled.node, owner=cooled.owner.pubkey(), amount=STAKE, total_staked=0)
    ]


def test_one_second_early_is_refused(cooled: Registry) -> None:
    cooled.world.now -= 1
    with refused("StillCooling"):
        withdraw(cooled)


def test_a_second_time_is_refused(cooled: Registry) -> None:
    withdraw(cooled)
    with refused("NothingCooling"):
        withdraw(cooled)


def test_a_running_job_holds_it_back_until_its_end(cooled: Registry) -> None:
    cooled.hold()
    with refused("NodeBusy"):
        withdraw(cooled)
    cooled.hold(0)
    withdraw(cooled)
    assert cooled.read_node().cooling == 0


@pytest.mark.accident("slash escape by unbonding")
def test_an_open_case_holds_it_back(cooled: Registry) -> None:
    """Slash escape by unbonding: what is cooling stays within reach of a case."""
    cooled.open_case()
    with refused("CaseOpen"):
        withdraw(cooled)


def test_what_strangers_sent_to_the_vault_stays_there(cooled: Registry) -> None:
    mine = addresses.tokens(cooled.owner.pubkey())
    gift = transfer_tokens(cooled.owner.pubkey(), mine, addresses.stake_vault(), 7)
    cooled.world.send(gift, signers=[cooled.owner])
    withdraw(cooled)
    assert cooled.world.balance(addresses.stake_vault()) == 7
    assert cooled.world.balance(mine) == FUNDS - 7


def test_a_paused_program_pays_out(cooled: Registry) -> None:
    cooled.pause_program()
    withdraw(cooled)
    assert cooled.read_node().cooling == 0


def test_new_stake_does_not_free_the_old(cooled: Registry) -> None:
    cooled.act(cooled.stake_add(), cooled.owner)
    withdraw(cooled)
    node = cooled.read_node()
    assert (node.stake, node.cooling, node.state) == (STAKE, 0, 1)
    assert cooled.read_staking().total_staked == STAKE


def test_another_destination_is_refused(cooled: Registry) -> None:
    mine, thief = addresses.tokens(cooled.owner.pubkey()), cooled.world.keypair()
    with refused("DestinationMismatch"):
        cooled.act(swap(cooled.stake_withdraw(), mine, cooled.world.tokens(thief.pubkey())))


def test_foreign_accounts_are_refused(cooled: Registry) -> None:
    refuses_foreign_accounts(cooled, cooled.stake_withdraw())
