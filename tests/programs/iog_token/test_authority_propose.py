"""authority_propose: the authority offers its place to another key, and can take the offer back."""

from dataclasses import replace

import pytest
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_token.events import AuthorityProposed
from stages import Network
from token_calls import accept_authority, config, propose_authority
from world import ProgramFailed, World, swap, unsigned

ZERO = Pubkey.default()


@pytest.fixture(autouse=True)
def stage(net: Network) -> None:
    net.initialized()


def test_the_offer_is_written_and_nothing_else(world: World, net: Network) -> None:
    before = config(world)
    new = Pubkey.new_unique()
    result = world.send(propose_authority(net, new), signers=[net.authority])

    assert config(world) == replace(before, pending_authority=new)
    assert world.events(result) == [AuthorityProposed(old=net.authority.pubkey(), new=new)]


def test_a_later_offer_replaces_the_earlier(world: World, net: Network) -> None:
    first, second = world.keypair(), world.keypair()
    for key in (first, second):
        world.send(propose_authority(net, key.pubkey()), signers=[net.authority])
    with pytest.raises(ProgramFailed, match="WrongPendingAuthority"):
        world.send(accept_authority(first.pubkey()), signers=[first])
    assert config(world).pending_authority == second.pubkey()


def test_the_zero_address_withdraws_the_offer(world: World, net: Network) -> None:
    new = world.keypair()
    world.send(propose_authority(net, new.pubkey()), signers=[net.authority])
    result = world.send(propose_authority(net, ZERO), signers=[net.authority])

    assert config(world).pending_authority == ZERO
    assert world.events(result) == [AuthorityProposed(old=net.authority.pubkey(), new=ZERO)]
    with pytest.raises(ProgramFailed, match="WrongPendingAuthority"):
        world.send(accept_authority(new.pubkey()), signers=[new])


@pytest.mark.parametrize("who", ["stranger", "guardian"])
def test_another_signer_is_refused(world: World, net: Network, who: str) -> None:
    signer = net.guardian if who == "guardian" else world.keypair()
    instruction = propose_authority(net, signer.pubkey())
    with pytest.raises(ProgramFailed, match="WrongAuthority"):
        world.send(swap(instruction, net.authority.pubkey(), signer.pubkey()), signers=[signer])


def test_the_authority_unsigned_is_refused(world: World, net: Network) -> None:
    instruction = propose_authority(net, Pubkey.new_unique())
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(instruction, net.authority.pubkey()))


def test_a_configuration_at_another_address_is_refused(world: World, net: Network) -> None:
    forged = Pubkey.new_unique()
    world.svm.set_account(forged, world.svm.get_account(addresses.token_config()))
    instruction = propose_authority(net, Pubkey.new_unique())
    with pytest.raises(ProgramFailed, match="InvalidSeeds"):
        world.send(swap(instruction, addresses.token_config(), forged), signers=[net.authority])
