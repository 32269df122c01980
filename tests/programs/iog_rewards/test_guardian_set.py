"""guardian_set: the authority names the key that can only stop things."""

from dataclasses import replace

import pytest
from solders.pubkey import Pubkey

from iog_client._generated.iog_rewards.events import GuardianSet
from rewards_calls import distributor, pause, set_guardian
from stages import Network
from world import ProgramFailed, World, swap, unsigned


@pytest.fixture(autouse=True)
def stage(net: Network) -> None:
    net.initialized().rewards()


@pytest.mark.parametrize("new", [Pubkey.from_bytes(bytes([7]) * 32), Pubkey.default()])
def test_the_guardian_is_replaced_and_nothing_else(world: World, net: Network, new: Pubkey) -> None:
    before = distributor(world)
    result = world.send(set_guardian(net, new), signers=[net.authority])

    assert distributor(world) == replace(before, guardian=new)
    assert world.events(result) == [GuardianSet(old=net.guardian.pubkey(), new=new)]


def test_the_old_guardian_stops_nothing_from_then_on(world: World, net: Network) -> None:
    new = world.keypair()
    world.send(set_guardian(net, new.pubkey()), signers=[net.authority])
    with pytest.raises(ProgramFailed, match="NotGuardianNorAuthority"):
        world.send(pause(net.guardian.pubkey()), signers=[net.guardian])
    world.send(pause(new.pubkey()), signers=[new])


@pytest.mark.parametrize("who", ["stranger", "guardian"])
def test_another_signer_is_refused(world: World, net: Network, who: str) -> None:
    signer = net.guardian if who == "guardian" else world.keypair()
    instruction = set_guardian(net, signer.pubkey())
    with pytest.raises(ProgramFailed, match="WrongAuthority"):
        world.send(swap(instruction, net.authority.pubkey(), signer.pubkey()), signers=[signer])


def test_the_authority_unsigned_is_refused(world: World, net: Network) -> None:
    instruction = set_guardian(net, Pubkey.new_unique())
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(instruction, net.authority.pubkey()))
