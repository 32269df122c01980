import pytest
from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_staking.events import StakeAdded
from registry_world import (
    FUNDS,
    NODE_COSTAKE,
    NODE_STATES,
    STAKE,
    Registry,
    copy,
    refused,
)
from stages import HOUR
from world import swap, unsigned


@pytest.fixture
def ready(registry: Registry) -> Registry:
    """The node is registered, its owner has tokens."""
    return registry.registered()


def add(registry: Registry, amount: int = STAKE) -> list[object]:
    result = registry.world.send(registry.stake_add(amount), signers=[registry.owner])
    return registry.world.events(result)


def test_stake_at_the_requirement_makes_the_node_active_from_the_next_hour(
    ready: Registry,
) -> None:
    ready.world.now += 5 * HOUR  # the sixth hour is running
    seen = add(ready)
    node = ready.read_node()
    assert (node.state, node.active_from_hour) == (NODE_STATES["active"], 7)
    assert (node.stake, node.prev_stake, node.stake_from_hour) == (STAKE, 0, 7)
    assert ready.read_staking().total_staked == STAKE
    assert ready.world.balance(addresses.stake_vault()) == STAKE
    assert ready.world.balance(addresses.tokens(ready.owner.pubkey())) == FUNDS - STAKE
    assert seen == [
        StakeAdded(
            node=ready.node,
            owner=ready.owner.pubkey(),
            amount=STAKE,
            stake=STAKE,
            stake_from_hour=7,
            state=1,
            active_from_hour=7,
            total_staked=STAKE,
        )
    ]


def test_one_unit_below_the_requirement_the_node_is_not_active(ready: Registry) -> None:
    add(ready, STAKE - 1)
    assert (ready.read_node().state, ready.read_node().active_from_hour) == (0, 0)
    ready.world.now += HOUR
    add(ready, 1)
    node = ready.read_node()
    assert (node.state, node.active_from_hour, node.prev_stake) == (1, 3, STAKE - 1)


def test_two_additions_in_one_hour_keep_the_stake_before_it(ready: Registry) -> None:
    add(ready)
    ready.world.now += HOUR
    add(ready, 1)
    add(ready, 2)
    node = ready.read_node()
    assert (node.prev_stake, node.stake, node.stake_from_hour) == (STAKE, STAKE + 3, 3)
    assert node.active_from_hour == 2


def test_before_the_start_the_first_hour_counts(ready: Registry) -> None:
    start = 8 + 5 * 32  # Config.start of iog_token
    ready.world.write(addresses.token_config(), start, bytes(8))
    add(ready)
    assert (ready.read_node().active_from_hour, ready.read_node().stake_from_hour) == (1, 1)


@pytest.mark.parametrize("state", ["registered", "active", "paused"])
def test_stake_is_taken_in_every_state_but_retired(ready: Registry, state: str) -> None:
    add(ready)
    ready.set_node_state(NODE_STATES[state])
    add(ready, 5)
    expected = "active" if state == "registered" else state
    assert (ready.read_node().stake, ready.read_node().state) == (STAKE + 5, NODE_STATES[expected])


def test_a_retired_node_is_refused(ready: Registry) -> None:
    ready.set_node_state(NODE_STATES["retired"])
    with refused("NodeRetired"):
        add(ready)


def test_a_paused_program_is_refused(ready: Registry) -> None:
    ready.pause_program()
    with refused("StakingPaused"):
        add(ready)


def test_an_open_case_does_not_matter(ready: Registry) -> None:
    ready.open_case()
    add(ready)
    assert ready.read_node().state == NODE_STATES["active"]


def test_with_a_co_stake_the_owner_s_half_makes_it_active(ready: Registry) -> None:
    """A case has taken the owner's stake: co-stake and half the requirement are not less."""
    ready.world.write(ready.node, NODE_COSTAKE, (STAKE - 5).to_bytes(8, "little"))
    add(ready, STAKE // 2 - 1)
    assert ready.read_node().state == NODE_STATES["registered"]
    add(ready, 1)
    assert ready.read_node().state == NODE_STATES["active"]


def test_nothing_is_refused(ready: Registry) -> None:
    with refused("AmountZero"):
        add(ready, 0)


def test_more_than_the_owner_has_is_refused_and_leaves_no_trace(ready: Registry) -> None:
    with refused("1"):  # the token program's InsufficientFunds
        add(ready, FUNDS + 1)
    assert (ready.read_node().stake, ready.read_staking().total_staked) == (0, 0)


def test_another_signer_is_refused(ready: Registry) -> None:
    owner, other = ready.owner.pubkey(), ready.world.keypair()
    with refused("NotOwner"):
        ready.world.send(swap(ready.stake_add(), owner, other.pubkey()), signers=[other])
    with refused("MissingRequiredSignature"):
        ready.world.send(unsigned(ready.stake_add(), owner))


def test_another_vault_is_refused(ready: Registry) -> None:
    other = ready.world.tokens(Keypair().pubkey())
    with refused("VaultMismatch"):
        ready.world.send(
            swap(ready.stake_add(), addresses.stake_vault(), other), signers=[ready.owner]
        )


def test_another_s_tokens_are_refused(ready: Registry) -> None:
    other = ready.net.fund(Keypair().pubkey(), FUNDS)
    mine = addresses.tokens(ready.owner.pubkey())
    with refused("4"):  # the token program's OwnerMismatch
        ready.world.send(swap(ready.stake_add(), mine, other), signers=[ready.owner])


def test_foreign_accounts_are_refused(ready: Registry) -> None:
    world = ready.world
    wrong = {
        ready.node: (copy(world, ready.node, owner=addresses.JOBS), "IllegalOwner"),
        addresses.staking_config(): (copy(world, addresses.staking_config()), "InvalidSeeds"),
        addresses.token_config(): (copy(world, ready.node), "IllegalOwner"),
        addresses.SPL_TOKEN: (addresses.SYSTEM, "IncorrectProgramId"),
    }
    for right, (other, name) in wrong.items():
        with refused(name):
            world.send(swap(ready.stake_add(), right, other), signers=[ready.owner])
