from iog_client._generated.iog_staking.events import CostakeRevoked
from registry_world import (
    COSTAKE,
    SHARE_BPS,
    Registry,
    refused,
    refuses_foreign_accounts,
    refuses_strangers,
)


def test_an_offer_nobody_took_is_withdrawn(registry: Registry) -> None:
    registry.offered()
    seen = registry.act(registry.costake_revoke(), registry.owner)
    assert (registry.read_node().offer_amount, registry.read_node().offer_share_bps) == (0, 0)
    assert seen == [CostakeRevoked(node=registry.node, amount=COSTAKE, share_bps=SHARE_BPS)]


def test_without_an_offer_it_is_refused(registry: Registry) -> None:
    registry.active()
    with refused("OfferMissing"):
        registry.act(registry.costake_revoke(), registry.owner)


def test_a_taken_offer_is_fixed(registry: Registry) -> None:
    registry.costaked()
    with refused("OfferMissing"):
        registry.act(registry.costake_revoke(), registry.owner)
    assert registry.read_node().costake == COSTAKE


def test_a_paused_node_withdraws_it_too(registry: Registry) -> None:
    registry.offered()
    registry.act(registry.node_pause(), registry.owner)
    registry.act(registry.costake_revoke(), registry.owner)
    assert registry.read_node().offer_amount == 0


def test_another_signer_is_refused(registry: Registry) -> None:
    registry.offered()
    refuses_strangers(registry, registry.costake_revoke(), registry.owner, "NotOwner")


def test_foreign_accounts_are_refused(registry: Registry) -> None:
    registry.offered()
    refuses_foreign_accounts(registry, registry.costake_revoke(), registry.owner)
