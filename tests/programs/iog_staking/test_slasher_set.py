from solders.keypair import Keypair

from iog_client._generated.iog_staking.events import SlasherSet
from keys_world import Keys
from registry_world import NOBODY, Registry, refused
from slash_world import Court


def test_the_authority_names_another_slasher(keys: Keys) -> None:
    new = Keypair().pubkey()
    assert keys.send(keys.set("slasher", new), keys.authority) == [
        SlasherSet(old=keys.net.slasher.pubkey(), new=new)
    ]
    assert keys.read().slasher == new


def test_the_zero_address_leaves_nobody(keys: Keys) -> None:
    keys.send(keys.set("slasher", NOBODY), keys.authority)
    assert keys.read().slasher == NOBODY


def test_the_old_slasher_opens_no_case_any_more(keys: Keys, registry: Registry) -> None:
    court = Court(registry.active())
    keys.send(keys.set("slasher", keys.world.keypair().pubkey()), keys.authority)
    with refused("NotSlasher"):
        court.open()


def test_others_are_refused(keys: Keys) -> None:
    call = keys.set("slasher", Keypair().pubkey())
    keys.refuses_others(call, keys.authority, "NotAuthority", keys.net.slasher, keys.net.guardian)
