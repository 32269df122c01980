import pytest

from iog_client._generated.iog_staking.events import StakingPaused
from keys_world import Keys
from registry_world import Registry, refused


@pytest.mark.parametrize("who", ["guardian", "authority"])
def test_guardian_and_authority_stop_what_comes_in(keys: Keys, who: str) -> None:
    key = getattr(keys.net, who)
    assert keys.send(keys.pause(key.pubkey()), key) == [StakingPaused(by=key.pubkey())]
    assert keys.read().paused == 1


def test_a_second_pause_is_refused(keys: Keys) -> None:
    keys.send(keys.pause(keys.authority.pubkey()), keys.authority)
    with refused("StakingPaused"):
        keys.send(keys.pause(keys.authority.pubkey()), keys.authority)


def test_registrations_stake_and_co_stake_are_refused(keys: Keys, registry: Registry) -> None:
    registry.offered()
    keys.send(keys.pause(keys.net.guardian.pubkey()), keys.net.guardian)
    with refused("StakingPaused"):
        registry.act(registry.stake_add(1), registry.owner)
    with refused("StakingPaused"):
        registry.act(registry.costake_accept(), registry.costaker)


def test_what_takes_out_goes_on(keys: Keys, registry: Registry) -> None:
    registry.costaked()
    keys.send(keys.pause(keys.net.guardian.pubkey()), keys.net.guardian)
    registry.act(registry.costake_leave(), registry.costaker)
    registry.act(registry.stake_unstake(record=True), registry.owner)
    registry.world.now = registry.read_node().cooling_until
    registry.act(registry.stake_withdraw())
    registry.act(registry.costake_withdraw())
    registry.act(registry.node_retire(), registry.owner)


def test_others_are_refused(keys: Keys) -> None:
    call = keys.pause(keys.net.guardian.pubkey())
    others = (keys.net.slasher, keys.net.arbiter)
    keys.refuses_others(call, keys.net.guardian, "NotStopper", *others)
