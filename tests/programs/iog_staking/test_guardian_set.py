from solders.keypair import Keypair

from iog_client._generated.iog_staking.events import GuardianSet
from keys_world import Keys
from registry_world import NOBODY, refused


def test_the_authority_names_another_guardian(keys: Keys) -> None:
    new = Keypair().pubkey()
    assert keys.send(keys.set("guardian", new), keys.authority) == [
        GuardianSet(old=keys.net.guardian.pubkey(), new=new)
    ]
    assert keys.read().guardian == new


def test_the_zero_address_leaves_nobody(keys: Keys) -> None:
    keys.send(keys.set("guardian", NOBODY), keys.authority)
    assert keys.read().guardian == NOBODY


def test_the_old_guardian_stops_nothing_any_more(keys: Keys) -> None:
    new = keys.world.keypair()
    keys.send(keys.set("guardian", new.pubkey()), keys.authority)
    with refused("NotStopper"):
        keys.send(keys.pause(keys.net.guardian.pubkey()), keys.net.guardian)
    keys.send(keys.pause(new.pubkey()), new)


def test_others_are_refused(keys: Keys) -> None:
    call = keys.set("guardian", Keypair().pubkey())
    keys.refuses_others(call, keys.authority, "NotAuthority", keys.net.guardian, keys.net.arbiter)
