"""rewards_pause: roots stop being proposed; whoever is owed is paid all the same."""

from dataclasses import replace

import pytest
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.events import RewardsPaused, RootActivated
from rewards_calls import distributor, pause, resume, veto
from stages import Network, advance
from trees import DELAY, Hour, claim, propose, publish
from world import ProgramFailed, World, unsigned


@pytest.fixture
def hours(net: Network) -> list[Hour]:
    """A network three hours old, minted, with hours 1 to 3 to publish."""
    net.running()
    net.pass_hours(3)
    net.world.send(advance())
    wallets = [Pubkey.new_unique() for _ in range(2)]
    for wallet in wallets:
        net.world.tokens(wallet)
    return [Hour(epoch, {wallet: 10 * epoch for wallet in wallets}) for epoch in (1, 2, 3)]


@pytest.mark.parametrize("who", ["guardian", "authority"])
def test_guardian_and_authority_pause(
    world: World, net: Network, hours: list[Hour], who: str
) -> None:
    before = distributor(world)
    stopper = getattr(net, who)
    result = world.send(pause(stopper.pubkey()), signers=[stopper])

    assert distributor(world) == replace(before, paused=1)
    assert world.events(result) == [RewardsPaused(by=stopper.pubkey())]
    with pytest.raises(ProgramFailed, match="Paused"):
        world.send(propose(net, hours[0]), signers=[net.oracles[0]])


def test_claims_go_on_while_paused(world: World, net: Network, hours: list[Hour]) -> None:
    publish(net, hours[0])
    world.send(pause(net.guardian.pubkey()), signers=[net.guardian])
    for wallet in hours[0].given:
        world.send(claim(world, hours[0], wallet))
        assert world.balance(addresses.tokens(wallet)) == 10


def test_a_pending_root_becomes_live_while_paused(
    world: World, net: Network, hours: list[Hour]
) -> None:
    publish(net, hours[0], live=False)
    world.send(pause(net.guardian.pubkey()), signers=[net.guardian])
    world.now += DELAY
    [wallet, *_] = hours[0].given
    result = world.send(claim(world, hours[0], wallet))
    assert world.events(result)[0] == RootActivated(epoch=1, root=hours[0].tree.root, total=20)


def test_emission_goes_on_while_paused(world: World, net: Network, hours: list[Hour]) -> None:
    world.send(pause(net.guardian.pubkey()), signers=[net.guardian])
    before = world.balance(addresses.rewards_vault())
    net.pass_hours()
    world.send(advance())
    assert world.balance(addresses.rewards_vault()) > before


def test_a_root_can_be_vetoed_while_paused(world: World, net: Network, hours: list[Hour]) -> None:
    publish(net, hours[0], live=False)
    world.send(pause(net.guardian.pubkey()), signers=[net.guardian])
    world.send(veto(net.guardian.pubkey()), signers=[net.guardian])
    assert distributor(world).pending_epoch == 0


def test_a_second_time_is_refused(world: World, net: Network, hours: list[Hour]) -> None:
    world.send(pause(net.guardian.pubkey()), signers=[net.guardian])
    with pytest.raises(ProgramFailed, match="Paused"):
        world.send(pause(net.guardian.pubkey()), signers=[net.guardian])
    world.send(resume(net), signers=[net.authority])
    world.send(pause(net.authority.pubkey()), signers=[net.authority])


def test_a_stranger_is_refused(world: World, net: Network, hours: list[Hour]) -> None:
    for stranger in (world.keypair(), net.oracles[0], net.beneficiary):
        with pytest.raises(ProgramFailed, match="NotGuardianNorAuthority"):
            world.send(pause(stranger.pubkey()), signers=[stranger])
    assert distributor(world).paused == 0


@pytest.mark.parametrize("who", ["guardian", "authority"])
def test_without_the_signature_it_is_refused(
    world: World, net: Network, hours: list[Hour], who: str
) -> None:
    key = getattr(net, who).pubkey()
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(pause(key), key))
