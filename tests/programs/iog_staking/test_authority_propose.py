from solders.keypair import Keypair

from iog_client._generated.iog_staking.events import AuthorityProposed
from keys_world import Keys
from registry_world import NOBODY, refused


def test_a_proposal_changes_nothing_but_itself(keys: Keys) -> None:
    new, old = Keypair().pubkey(), keys.read()
    assert keys.send(keys.propose(new), keys.authority) == [
        AuthorityProposed(old=keys.authority.pubkey(), new=new)
    ]
    assert keys.read().pending_authority == new
    assert keys.read().authority == old.authority == keys.authority.pubkey()


def test_a_second_proposal_replaces_the_first(keys: Keys) -> None:
    first, second = keys.world.keypair(), Keypair().pubkey()
    keys.send(keys.propose(first.pubkey()), keys.authority)
    keys.send(keys.propose(second), keys.authority)
    assert keys.read().pending_authority == second
    with refused("NotPendingAuthority"):
        keys.send(keys.accept(first.pubkey()), first)


def test_the_zero_address_withdraws_a_proposal(keys: Keys) -> None:
    new = keys.world.keypair()
    keys.send(keys.propose(new.pubkey()), keys.authority)
    keys.send(keys.propose(NOBODY), keys.authority)
    with refused("NotPendingAuthority"):
        keys.send(keys.accept(new.pubkey()), new)


def test_only_the_authority_proposes(keys: Keys) -> None:
    call = keys.propose(Keypair().pubkey())
    keys.refuses_others(call, keys.authority, "NotAuthority", keys.net.guardian, keys.net.slasher)
