"""emission_start: emission and vesting get their start, once."""

import pytest

from iog_client import addresses
from iog_client._generated.iog_token.accounts import Config
from iog_client._generated.iog_token.events import EmissionStarted
from stages import Network, start
from world import ProgramFailed, World, swap, unsigned

YEAR = 365 * 86_400


@pytest.mark.parametrize("later", [0, 1, YEAR])
def test_sets_a_start_from_now_on(world: World, net: Network, later: int) -> None:
    net.sealed()
    at = world.now + later
    result = world.send(start(net, at), signers=[net.authority])

    assert world.account(Config, addresses.token_config()).start == at
    assert world.events(result) == [EmissionStarted(start=at)]


def test_a_start_more_than_a_year_ahead_is_refused(world: World, net: Network) -> None:
    net.sealed()
    with pytest.raises(ProgramFailed, match="StartTooFar"):
        world.send(start(net, world.now + YEAR + 1), signers=[net.authority])
    with pytest.raises(ProgramFailed, match="StartTooFar"):
        world.send(start(net, 2**63 - 1), signers=[net.authority])


@pytest.mark.parametrize("earlier", [1, 10**9])
def test_a_start_in_the_past_is_refused(world: World, net: Network, earlier: int) -> None:
    net.sealed()
    with pytest.raises(ProgramFailed, match="StartInThePast"):
        world.send(start(net, world.now - earlier), signers=[net.authority])


def test_zero_and_negative_starts_are_refused_even_on_a_clock_at_zero(
    world: World, net: Network
) -> None:
    net.sealed()
    world.now = -5
    for at in (-1, 0):
        with pytest.raises(ProgramFailed, match="StartInThePast"):
            world.send(start(net, at), signers=[net.authority])
    world.send(start(net, 1), signers=[net.authority])


def test_before_the_seal_it_is_refused(world: World, net: Network) -> None:
    net.allocated()
    with pytest.raises(ProgramFailed, match="GenesisNotSealed"):
        world.send(start(net, world.now), signers=[net.authority])


def test_a_second_start_is_refused(world: World, net: Network) -> None:
    net.started()
    with pytest.raises(ProgramFailed, match="EmissionAlreadyStarted"):
        world.send(start(net, world.now + 1), signers=[net.authority])


def test_another_signer_is_refused(world: World, net: Network) -> None:
    net.sealed()
    stranger = world.keypair()
    instruction = swap(start(net, world.now), net.authority.pubkey(), stranger.pubkey())
    with pytest.raises(ProgramFailed, match="WrongAuthority"):
        world.send(instruction, signers=[stranger])


def test_the_authority_unsigned_is_refused(world: World, net: Network) -> None:
    net.sealed()
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(start(net, world.now), net.authority.pubkey()))
