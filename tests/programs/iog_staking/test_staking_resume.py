import pytest

from iog_client._generated.iog_staking.events import StakingResumed
from keys_world import Keys
from registry_world import Registry, refused


@pytest.fixture
def paused(keys: Keys) -> Keys:
    keys.send(keys.pause(keys.net.guardian.pubkey()), keys.net.guardian)
    return keys


def test_the_authority_ends_the_pause(paused: Keys, registry: Registry) -> None:
    key = paused.authority
    assert paused.send(paused.resume(), key) == [StakingResumed(by=key.pubkey())]
    assert paused.read().paused == 0
    registry.active()


def test_without_a_pause_it_is_refused(keys: Keys) -> None:
    with refused("NotPaused"):
        keys.send(keys.resume(), keys.authority)


def test_the_guardian_and_others_are_refused(paused: Keys) -> None:
    paused.refuses_others(
        paused.resume(), paused.authority, "NotAuthority", paused.net.guardian, paused.net.slasher
    )
