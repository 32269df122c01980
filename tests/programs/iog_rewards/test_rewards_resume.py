"""rewards_resume: the authority alone lets roots be proposed again."""

from dataclasses import replace

import pytest
from solders.pubkey import Pubkey

from iog_client._generated.iog_rewards.events import RewardsResumed
from rewards_calls import distributor, pause, resume
from stages import Network, advance
from trees import Hour, propose
from world import ProgramFailed, World, swap, unsigned


@pytest.fixture(autouse=True)
def paused(net: Network) -> None:
    """A paused network whose first hour is minted."""
    net.running()
    net.pass_hours()
    net.world.send(advance())
    net.world.send(pause(net.guardian.pubkey()), signers=[net.guardian])


def test_roots_are_proposed_again(world: World, net: Network) -> None:
    before = distributor(world)
    result = world.send(resume(net), signers=[net.authority])

    assert distributor(world) == replace(before, paused=0)
    assert world.events(result) == [RewardsResumed(by=net.authority.pubkey())]
    world.send(propose(net, Hour(1, {Pubkey.new_unique(): 1})), signers=[net.oracles[0]])
    assert distributor(world).pending_epoch == 1


def test_a_second_time_is_refused(world: World, net: Network) -> None:
    world.send(resume(net), signers=[net.authority])
    with pytest.raises(ProgramFailed, match="NotPaused"):
        world.send(resume(net), signers=[net.authority])


@pytest.mark.parametrize("who", ["stranger", "guardian", "oracle"])
def test_another_signer_is_refused(world: World, net: Network, who: str) -> None:
    keys = {"stranger": world.keypair(), "guardian": net.guardian, "oracle": net.oracles[0]}
    signer = keys[who]
    with pytest.raises(ProgramFailed, match="WrongAuthority"):
        world.send(swap(resume(net), net.authority.pubkey(), signer.pubkey()), signers=[signer])
    assert distributor(world).paused == 1


def test_the_authority_unsigned_is_refused(world: World, net: Network) -> None:
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(resume(net), net.authority.pubkey()))
