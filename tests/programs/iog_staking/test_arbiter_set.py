from solders.keypair import Keypair

from iog_client._generated.iog_staking.events import ArbiterSet
from keys_world import Keys
from registry_world import NOBODY, Registry, refused
from slash_world import Court


def test_the_authority_names_another_arbiter(keys: Keys) -> None:
    new = Keypair().pubkey()
    assert keys.send(keys.set("arbiter", new), keys.authority) == [
        ArbiterSet(old=keys.net.arbiter.pubkey(), new=new)
    ]
    assert keys.read().arbiter == new


def test_the_zero_address_leaves_nobody(keys: Keys) -> None:
    keys.send(keys.set("arbiter", NOBODY), keys.authority)
    assert keys.read().arbiter == NOBODY


def test_the_old_arbiter_decides_nothing_any_more(keys: Keys, registry: Registry) -> None:
    court = Court(registry.active())
    court.open()
    court.appeal()
    new = keys.world.keypair()
    keys.send(keys.set("arbiter", new.pubkey()), keys.authority)
    with refused("NotArbiter"):
        court.drop(court.arbiter)
    court.drop(new)


def test_others_are_refused(keys: Keys) -> None:
    call = keys.set("arbiter", Keypair().pubkey())
    keys.refuses_others(call, keys.authority, "NotAuthority", keys.net.arbiter, keys.net.guardian)
