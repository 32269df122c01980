from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_staking.events import NodePayeeSet
from registry_world import (
    NOBODY,
    Registry,
    refused,
    refuses_foreign_accounts,
    refuses_strangers,
)
from stages import HOUR

FIRST, SECOND = (Keypair.from_seed(bytes([each] * 32)).pubkey() for each in (1, 2))


def values(registry: Registry) -> tuple[object, ...]:
    node = registry.read_node()
    return node.prev_payee, node.payee, node.payee_from_hour


def test_the_payee_counts_from_the_next_hour_and_the_old_one_is_kept(registry: Registry) -> None:
    registry.active().world.now += 4 * HOUR  # the fifth hour is running
    seen = registry.act(registry.node_payee(FIRST), registry.owner)
    assert values(registry) == (registry.payee, FIRST, 6)
    assert seen == [
        NodePayeeSet(node=registry.node, payee=FIRST, prev_payee=registry.payee, payee_from_hour=6)
    ]


def test_a_second_change_in_the_hour_keeps_the_payee_of_that_hour(registry: Registry) -> None:
    registry.active()
    registry.act(registry.node_payee(FIRST), registry.owner)
    registry.act(registry.node_payee(SECOND), registry.owner)
    assert values(registry) == (registry.payee, SECOND, 2)


def test_a_change_in_the_next_hour_keeps_the_first_change(registry: Registry) -> None:
    registry.active()
    registry.act(registry.node_payee(FIRST), registry.owner)
    registry.world.now += HOUR
    registry.act(registry.node_payee(SECOND), registry.owner)
    assert values(registry) == (FIRST, SECOND, 3)


def test_before_the_start_the_first_hour_counts(registry: Registry) -> None:
    registry.active().world.write(addresses.token_config(), 8 + 5 * 32, bytes(8))
    registry.act(registry.node_payee(FIRST), registry.owner)
    assert values(registry) == (registry.payee, FIRST, 1)


def test_a_zero_payee_is_refused(registry: Registry) -> None:
    registry.active()
    with refused("PayeeZero"):
        registry.act(registry.node_payee(NOBODY), registry.owner)


def test_a_retired_node_is_refused(registry: Registry) -> None:
    registry.retired()
    with refused("NodeRetired"):
        registry.act(registry.node_payee(FIRST), registry.owner)


def test_another_signer_is_refused(registry: Registry) -> None:
    registry.active()
    refuses_strangers(registry, registry.node_payee(FIRST), registry.owner, "NotOwner")


def test_foreign_accounts_are_refused(registry: Registry) -> None:
    registry.active()
    refuses_foreign_accounts(registry, registry.node_payee(FIRST), registry.owner)
