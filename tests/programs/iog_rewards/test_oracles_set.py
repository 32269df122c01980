"""oracles_set: the authority names the oracles and how many of them must sign."""

from dataclasses import replace

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.events import OraclesSet
from rewards_calls import distributor, set_oracles
from stages import Network, advance
from trees import DELAY, Hour, claim, cosigned, propose, publish
from world import ProgramFailed, World, swap, unsigned

ZERO = Pubkey.default()


@pytest.fixture
def hour(net: Network) -> Hour:
    """A network whose first two hours are minted, with its first to publish."""
    net.running()
    net.pass_hours(2)
    net.world.send(advance())
    return Hour(1, {Pubkey.new_unique(): 5})


def test_the_oracles_are_replaced_and_nothing_else(world: World, net: Network, hour: Hour) -> None:
    before = distributor(world)
    keys = [Pubkey.new_unique(), Pubkey.new_unique()]
    result = world.send(set_oracles(net, 2, keys), signers=[net.authority])

    padded = [*keys, *[ZERO] * 5]
    assert distributor(world) == replace(before, oracles=padded, oracle_count=2, threshold=2)
    assert world.events(result) == [OraclesSet(threshold=2, oracle_count=2, oracles=padded)]


def test_a_replaced_oracle_is_none_from_then_on(world: World, net: Network, hour: Hour) -> None:
    new = world.keypair()
    world.send(set_oracles(net, 1, [new.pubkey()]), signers=[net.authority])
    with pytest.raises(ProgramFailed, match="WrongOracle"):
        world.send(propose(net, hour), signers=[net.oracles[0]])
    instruction = swap(propose(net, hour), net.oracles[0].pubkey(), new.pubkey())
    world.send(instruction, signers=[new])


def test_the_replaced_ones_do_not_count_as_cosigners(
    world: World, net: Network, hour: Hour
) -> None:
    new: list[Keypair] = [world.keypair(), world.keypair()]
    world.send(set_oracles(net, 2, [key.pubkey() for key in new]), signers=[net.authority])
    first = swap(propose(net, hour), net.oracles[0].pubkey(), new[0].pubkey())
    with pytest.raises(ProgramFailed, match="TooFewOracles"):
        world.send(cosigned(first, net.oracles), signers=[new[0], *net.oracles])
    world.send(cosigned(first, [new[1]]), signers=new)


def test_a_pending_root_stays(world: World, net: Network, hour: Hour) -> None:
    publish(net, hour, live=False)
    world.send(set_oracles(net, 1, [Pubkey.new_unique()]), signers=[net.authority])
    world.now += DELAY
    [wallet] = hour.given
    world.tokens(wallet)
    world.send(claim(world, hour, wallet))
    assert world.balance(addresses.tokens(wallet)) == 5


@pytest.mark.parametrize(
    ("count", "threshold", "error"),
    [
        (1, 1, None),
        (7, 7, None),
        (0, 0, "OracleCountOutOfRange"),
        (8, 1, "OracleCountOutOfRange"),
        (3, 0, "ThresholdOutOfRange"),
        (3, 4, "ThresholdOutOfRange"),
        (7, 255, "ThresholdOutOfRange"),
    ],
)
def test_limits(
    world: World, net: Network, hour: Hour, count: int, threshold: int, error: str | None
) -> None:
    before = distributor(world)
    keys = [Pubkey.new_unique() for _ in range(count)]
    if error is None:
        world.send(set_oracles(net, threshold, keys), signers=[net.authority])
        assert distributor(world).oracles == [*keys, *[ZERO] * (7 - count)]
        return
    with pytest.raises(ProgramFailed, match=error):
        world.send(set_oracles(net, threshold, keys), signers=[net.authority])
    assert distributor(world) == before


def test_the_same_oracle_twice_is_refused(world: World, net: Network, hour: Hour) -> None:
    keys = [Pubkey.new_unique() for _ in range(7)]
    keys[6] = keys[0]
    with pytest.raises(ProgramFailed, match="OracleRepeated"):
        world.send(set_oracles(net, 1, keys), signers=[net.authority])


@pytest.mark.parametrize("who", ["stranger", "guardian", "oracle"])
def test_another_signer_is_refused(world: World, net: Network, hour: Hour, who: str) -> None:
    keys = {"stranger": world.keypair(), "guardian": net.guardian, "oracle": net.oracles[0]}
    signer = keys[who]
    instruction = set_oracles(net, 1, [signer.pubkey()])
    with pytest.raises(ProgramFailed, match="WrongAuthority"):
        world.send(swap(instruction, net.authority.pubkey(), signer.pubkey()), signers=[signer])


def test_the_authority_unsigned_is_refused(world: World, net: Network, hour: Hour) -> None:
    instruction = set_oracles(net, 1, [Pubkey.new_unique()])
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(instruction, net.authority.pubkey()))
