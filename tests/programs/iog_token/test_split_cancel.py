"""split_cancel: the guardian or the authority takes an announced share back before it is due."""

from dataclasses import replace

import pytest

from iog_client._generated.iog_token.events import SplitCancelled
from stages import HOUR, Network, advance
from token_calls import cancel_split, config, emitted, set_split
from world import ProgramFailed, World, unsigned


@pytest.fixture(autouse=True)
def announced(net: Network) -> None:
    """A quarter goes to the pool after hour 5."""
    net.running()
    net.world.send(set_split(net, 2_500, 5), signers=[net.authority])


@pytest.mark.parametrize("who", ["guardian", "authority"])
def test_the_share_that_holds_goes_on(world: World, net: Network, who: str) -> None:
    before = config(world)
    stopper = getattr(net, who)
    result = world.send(cancel_split(stopper.pubkey()), signers=[stopper])

    assert config(world) == replace(before, next_split_hour=0, next_pool_bps=0)
    assert world.events(result) == [SplitCancelled(by=stopper.pubkey(), new_bps=2_500, from_hour=5)]
    net.pass_hours(20)
    world.send(advance())
    assert config(world).to_pool == emitted(20) // 10


def test_until_the_hour_is_over_it_can_be_taken_back(world: World, net: Network) -> None:
    world.now += 5 * HOUR - 1
    world.send(cancel_split(net.guardian.pubkey()), signers=[net.guardian])
    assert config(world).next_split_hour == 0


@pytest.mark.parametrize("hours", [5, 6, 1_000])
def test_a_due_share_is_not_taken_back(world: World, net: Network, hours: int) -> None:
    net.pass_hours(hours)
    with pytest.raises(ProgramFailed, match="SplitDue"):
        world.send(cancel_split(net.guardian.pubkey()), signers=[net.guardian])
    world.send(advance())
    late = (emitted(hours) - emitted(5)) * 2_500 // 10_000
    assert config(world).to_pool == emitted(5) // 10 + late


def test_a_share_taken_over_is_not_announced_any_more(world: World, net: Network) -> None:
    net.pass_hours(6)
    world.send(advance())
    with pytest.raises(ProgramFailed, match="NoSplit"):
        world.send(cancel_split(net.guardian.pubkey()), signers=[net.guardian])


def test_a_second_time_is_refused(world: World, net: Network) -> None:
    world.send(cancel_split(net.guardian.pubkey()), signers=[net.guardian])
    with pytest.raises(ProgramFailed, match="NoSplit"):
        world.send(cancel_split(net.guardian.pubkey()), signers=[net.guardian])


def test_after_a_cancel_another_share_is_announced(world: World, net: Network) -> None:
    world.send(cancel_split(net.guardian.pubkey()), signers=[net.guardian])
    world.send(set_split(net, 0, 2), signers=[net.authority])
    assert (config(world).next_split_hour, config(world).next_pool_bps) == (2, 0)


def test_a_stranger_is_refused(world: World, net: Network) -> None:
    for stranger in (world.keypair(), net.beneficiary, net.oracles[0]):
        with pytest.raises(ProgramFailed, match="NotGuardianNorAuthority"):
            world.send(cancel_split(stranger.pubkey()), signers=[stranger])


@pytest.mark.parametrize("who", ["guardian", "authority"])
def test_without_the_signature_it_is_refused(world: World, net: Network, who: str) -> None:
    key = getattr(net, who).pubkey()
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(cancel_split(key), key))
