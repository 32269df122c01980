"""authority_accept: who was offered the authority takes it over by signing."""

from dataclasses import replace

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client._generated.iog_token.events import AuthorityAccepted
from stages import Network
from token_calls import accept_authority, config, propose_authority, set_guardian
from world import ProgramFailed, World, swap, unsigned

ZERO = Pubkey.default()


@pytest.fixture
def new(world: World, net: Network) -> Keypair:
    """The key that the authority was offered to."""
    net.initialized()
    key = world.keypair()
    world.send(propose_authority(net, key.pubkey()), signers=[net.authority])
    return key


def test_the_new_authority_takes_over(world: World, net: Network, new: Keypair) -> None:
    before = config(world)
    result = world.send(accept_authority(new.pubkey()), signers=[new])

    assert config(world) == replace(before, authority=new.pubkey(), pending_authority=ZERO)
    assert world.events(result) == [AuthorityAccepted(old=net.authority.pubkey(), new=new.pubkey())]


def test_the_old_authority_is_none_from_then_on(world: World, net: Network, new: Keypair) -> None:
    world.send(accept_authority(new.pubkey()), signers=[new])
    instruction = set_guardian(net, Pubkey.new_unique())
    with pytest.raises(ProgramFailed, match="WrongAuthority"):
        world.send(instruction, signers=[net.authority])
    world.send(swap(instruction, net.authority.pubkey(), new.pubkey()), signers=[new])


def test_the_old_authority_remains_until_then(world: World, net: Network, new: Keypair) -> None:
    instruction = set_guardian(net, Pubkey.new_unique())
    with pytest.raises(ProgramFailed, match="WrongAuthority"):
        world.send(swap(instruction, net.authority.pubkey(), new.pubkey()), signers=[new])
    world.send(instruction, signers=[net.authority])


@pytest.mark.parametrize("who", ["stranger", "authority", "guardian"])
def test_another_signer_is_refused(world: World, net: Network, new: Keypair, who: str) -> None:
    keys = {"stranger": world.keypair(), "authority": net.authority, "guardian": net.guardian}
    with pytest.raises(ProgramFailed, match="WrongPendingAuthority"):
        world.send(accept_authority(keys[who].pubkey()), signers=[keys[who]])
    assert config(world).authority == net.authority.pubkey()


def test_the_new_authority_unsigned_is_refused(world: World, new: Keypair) -> None:
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(accept_authority(new.pubkey()), new.pubkey()))


def test_accepting_twice_is_refused(world: World, new: Keypair) -> None:
    world.send(accept_authority(new.pubkey()), signers=[new])
    with pytest.raises(ProgramFailed, match="WrongPendingAuthority"):
        world.send(accept_authority(new.pubkey()), signers=[new])


def test_while_nothing_is_offered_the_zero_address_cannot_accept(
    world: World, net: Network
) -> None:
    net.initialized()
    assert config(world).pending_authority == ZERO
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(accept_authority(ZERO), ZERO))
