"""root_veto: the guardian stops a root while it is pending."""

import pytest
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.events import RootVetoed
from rewards_calls import distributor, veto
from stages import Network, advance
from trees import DATA_HASH, DELAY, Hour, claim, propose, publish
from world import ProgramFailed, World, unsigned


@pytest.fixture
def hours(net: Network) -> list[Hour]:
    """A network three hours old, minted, with hours 1 to 3 to publish."""
    net.running()
    net.pass_hours(3)
    net.world.send(advance())
    wallets = [Pubkey.new_unique() for _ in range(3)]
    return [Hour(epoch, {wallet: 10 * epoch for wallet in wallets}) for epoch in (1, 2, 3)]


@pytest.mark.parametrize("waited", [0, DELAY - 1])
def test_the_pending_root_is_withdrawn_and_nothing_else(
    world: World, net: Network, hours: list[Hour], waited: int
) -> None:
    before = distributor(world)
    publish(net, hours[0], live=False)
    world.now += waited
    result = world.send(veto(net.guardian.pubkey()), signers=[net.guardian])

    assert distributor(world) == before
    root = hours[0].tree.root
    assert world.events(result) == [
        RootVetoed(epoch=1, root=root, data_hash=DATA_HASH, total=30, count=3)
    ]


def test_a_vetoed_root_never_pays(world: World, net: Network, hours: list[Hour]) -> None:
    [wallet, *_] = hours[0].given
    world.tokens(wallet)
    publish(net, hours[0], live=False)
    world.send(veto(net.guardian.pubkey()), signers=[net.guardian])
    world.now += 10 * DELAY
    with pytest.raises(ProgramFailed, match="StaleRoot"):
        world.send(claim(world, hours[0], wallet))


def test_the_same_epoch_is_proposed_again(world: World, net: Network, hours: list[Hour]) -> None:
    [wallet, *_] = hours[0].given
    world.tokens(wallet)
    publish(net, hours[0], live=False)
    world.send(veto(net.guardian.pubkey()), signers=[net.guardian])
    better = Hour(1, {wallet: 7})
    publish(net, better)
    world.send(claim(world, better, wallet))
    assert world.balance(addresses.tokens(wallet)) == 7


def test_the_live_root_goes_on(world: World, net: Network, hours: list[Hour]) -> None:
    [wallet, *_] = hours[0].given
    world.tokens(wallet)
    publish(net, hours[0])
    publish(net, hours[1], live=False)
    world.send(veto(net.guardian.pubkey()), signers=[net.guardian])
    world.send(claim(world, hours[0], wallet))
    state = distributor(world)
    assert (state.epoch, state.pending_epoch, state.claimed) == (1, 0, 10)


@pytest.mark.parametrize("waited", [DELAY, 10 * DELAY])
def test_a_due_root_is_not_stopped(
    world: World, net: Network, hours: list[Hour], waited: int
) -> None:
    publish(net, hours[0], live=False)
    world.now += waited
    with pytest.raises(ProgramFailed, match="RootDue"):
        world.send(veto(net.guardian.pubkey()), signers=[net.guardian])
    world.send(propose(net, hours[1]), signers=[net.oracles[0]])
    assert distributor(world).epoch == 1


def test_while_nothing_is_pending_it_is_refused(
    world: World, net: Network, hours: list[Hour]
) -> None:
    with pytest.raises(ProgramFailed, match="NoRootPending"):
        world.send(veto(net.guardian.pubkey()), signers=[net.guardian])
    publish(net, hours[0], live=False)
    world.send(veto(net.guardian.pubkey()), signers=[net.guardian])
    with pytest.raises(ProgramFailed, match="NoRootPending"):
        world.send(veto(net.guardian.pubkey()), signers=[net.guardian])


@pytest.mark.parametrize("who", ["stranger", "authority", "oracle"])
def test_another_signer_is_refused(world: World, net: Network, hours: list[Hour], who: str) -> None:
    keys = {"stranger": world.keypair(), "authority": net.authority, "oracle": net.oracles[0]}
    publish(net, hours[0], live=False)
    before = distributor(world)
    with pytest.raises(ProgramFailed, match="WrongGuardian"):
        world.send(veto(keys[who].pubkey()), signers=[keys[who]])
    assert distributor(world) == before


def test_the_guardian_unsigned_is_refused(world: World, net: Network, hours: list[Hour]) -> None:
    publish(net, hours[0], live=False)
    guardian = net.guardian.pubkey()
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(veto(guardian), guardian))
