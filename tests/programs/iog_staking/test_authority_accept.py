import pytest
from solders.keypair import Keypair

from iog_client._generated.iog_staking.events import AuthorityAccepted
from keys_world import Keys
from registry_world import NOBODY, refused


@pytest.fixture
def new(keys: Keys) -> Keypair:
    """The proposed authority."""
    key = keys.world.keypair()
    keys.send(keys.propose(key.pubkey()), keys.authority)
    return key


def test_the_proposed_key_becomes_the_authority(keys: Keys, new: Keypair) -> None:
    assert keys.send(keys.accept(new.pubkey()), new) == [
        AuthorityAccepted(old=keys.authority.pubkey(), new=new.pubkey())
    ]
    assert (keys.read().authority, keys.read().pending_authority) == (new.pubkey(), NOBODY)
    with refused("NotAuthority"):
        keys.send(keys.propose(new.pubkey()), keys.authority)


def test_a_second_acceptance_is_refused(keys: Keys, new: Keypair) -> None:
    keys.send(keys.accept(new.pubkey()), new)
    with refused("NotPendingAuthority"):
        keys.send(keys.accept(new.pubkey()), new)


def test_others_are_refused(keys: Keys, new: Keypair) -> None:
    call = keys.accept(new.pubkey())
    keys.refuses_others(call, new, "NotPendingAuthority", keys.authority, keys.net.guardian)


def test_without_a_proposal_nobody_accepts(keys: Keys) -> None:
    with refused("NotPendingAuthority"):
        keys.send(keys.accept(keys.authority.pubkey()), keys.authority)
