"""root_propose: oracles put up the root of an epoch; the guardian has ten minutes to stop it."""

from dataclasses import replace

import pytest
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.accounts import Distributor
from iog_client._generated.iog_rewards.events import RootActivated, RootProposed
from iog_client._generated.iog_token.events import EmissionAdvanced
from rewards_calls import pause
from stages import Network, advance
from trees import DATA_HASH, DELAY, Hour, cosigned, propose, publish
from world import ProgramFailed, World, swap, unsigned

EMPTY = bytes(32)
TO_REWARDS = 456_621_004_566 - 45_662_100_456
"""What the first hour brings to rewards."""


@pytest.fixture
def hours(net: Network) -> list[Hour]:
    """A network three hours old, minted, with hours 1 to 3 to publish."""
    net.running()
    net.pass_hours(3)
    net.world.send(advance())
    wallets = [Pubkey.new_unique() for _ in range(5)]
    return [
        Hour(epoch, {wallet: epoch * (at + 1) for at, wallet in enumerate(wallets)})
        for epoch in (1, 2, 3)
    ]


def distributor(world: World) -> Distributor:
    return world.account(Distributor, addresses.distributor())


def test_a_root_is_pending_for_ten_minutes(world: World, net: Network, hours: list[Hour]) -> None:
    before = distributor(world)
    hour = hours[0]
    result = world.send(propose(net, hour), signers=[net.oracles[0]])

    active_at = world.now + DELAY
    assert distributor(world) == replace(
        before,
        pending_root=hour.tree.root,
        pending_data_hash=DATA_HASH,
        pending_total=hour.total,
        pending_epoch=1,
        pending_count=5,
        active_at=active_at,
    )
    assert world.events(result) == [
        RootProposed(
            epoch=1,
            root=hour.tree.root,
            data_hash=DATA_HASH,
            total=hour.total,
            count=5,
            active_at=active_at,
        )
    ]


def test_the_next_proposal_makes_a_due_root_the_live_one(
    world: World, net: Network, hours: list[Hour]
) -> None:
    publish(net, hours[0])
    result = world.send(propose(net, hours[1]), signers=[net.oracles[0]])

    state = distributor(world)
    assert (state.root, state.data_hash) == (hours[0].tree.root, DATA_HASH)
    assert (state.epoch, state.total, state.count) == (1, hours[0].total, 5)
    assert (state.pending_root, state.pending_epoch) == (hours[1].tree.root, 2)
    assert world.events(result)[0] == RootActivated(
        epoch=1, root=hours[0].tree.root, total=hours[0].total
    )


@pytest.mark.parametrize("waited", [0, DELAY - 1])
def test_while_a_root_is_pending_another_is_refused(
    world: World, net: Network, hours: list[Hour], waited: int
) -> None:
    publish(net, hours[0], live=False)
    world.now += waited
    with pytest.raises(ProgramFailed, match="RootPending"):
        world.send(propose(net, hours[1]), signers=[net.oracles[0]])
    assert distributor(world).epoch == 0


def test_the_delay_follows_the_length_of_an_hour(world: World, net: Network) -> None:
    net.running(hour_length=10)
    world.now += 10
    world.send(advance())
    world.send(propose(net, Hour(1, {Pubkey.new_unique(): 1})), signers=[net.oracles[0]])
    assert distributor(world).active_at == world.now + 1


def test_emission_and_root_fit_one_transaction(world: World, net: Network) -> None:
    net.running()
    net.pass_hours()
    hour = Hour(1, {Pubkey.new_unique(): TO_REWARDS})
    result = world.send(advance(), propose(net, hour), signers=[net.oracles[0]])
    assert [type(event) for event in world.events(result)] == [EmissionAdvanced, RootProposed]


def test_skipped_hours_are_caught_up(world: World, net: Network, hours: list[Hour]) -> None:
    publish(net, hours[2])
    with pytest.raises(ProgramFailed, match="EpochNotNew"):
        world.send(propose(net, hours[1]), signers=[net.oracles[0]])


@pytest.mark.parametrize("epoch", [0, 1])
def test_an_epoch_that_is_not_new_is_refused(
    world: World, net: Network, hours: list[Hour], epoch: int
) -> None:
    publish(net, hours[0])
    with pytest.raises(ProgramFailed, match="EpochNotNew"):
        world.send(propose(net, hours[1], epoch=epoch), signers=[net.oracles[0]])


def test_an_epoch_above_the_hours_minted_is_refused(
    world: World, net: Network, hours: list[Hour]
) -> None:
    net.pass_hours(5)
    with pytest.raises(ProgramFailed, match="EpochNotMinted"):
        world.send(propose(net, hours[2], epoch=4), signers=[net.oracles[0]])
    world.send(propose(net, hours[2], epoch=3), signers=[net.oracles[0]])


def test_a_total_below_the_live_one_is_refused(
    world: World, net: Network, hours: list[Hour]
) -> None:
    publish(net, hours[1])
    with pytest.raises(ProgramFailed, match="TotalFell"):
        world.send(propose(net, hours[2], total=hours[1].total - 1), signers=[net.oracles[0]])
    world.send(propose(net, hours[2], total=hours[1].total), signers=[net.oracles[0]])


def test_a_total_above_what_was_emitted_is_refused(world: World, net: Network) -> None:
    net.running()
    net.pass_hours()
    world.send(advance())
    hour = Hour(1, {Pubkey.new_unique(): 1})
    with pytest.raises(ProgramFailed, match="TotalAboveEmission"):
        world.send(propose(net, hour, total=TO_REWARDS + 1), signers=[net.oracles[0]])
    world.send(propose(net, hour, total=TO_REWARDS), signers=[net.oracles[0]])


@pytest.mark.parametrize("count", [0, 2**23 + 1, 2**32 - 1])
def test_a_count_out_of_range_is_refused(
    world: World, net: Network, hours: list[Hour], count: int
) -> None:
    with pytest.raises(ProgramFailed, match="CountOutOfRange"):
        world.send(propose(net, hours[0], count=count), signers=[net.oracles[0]])


@pytest.mark.parametrize("count", [1, 2**23])
def test_the_ends_of_the_range_of_counts_are_accepted(
    world: World, net: Network, hours: list[Hour], count: int
) -> None:
    world.send(propose(net, hours[0], count=count), signers=[net.oracles[0]])
    assert distributor(world).pending_count == count


def test_a_paused_distributor_refuses_roots(world: World, net: Network, hours: list[Hour]) -> None:
    world.send(pause(net.guardian.pubkey()), signers=[net.guardian])
    with pytest.raises(ProgramFailed, match="Paused"):
        world.send(propose(net, hours[0]), signers=[net.oracles[0]])


# --- who signs ------------------------------------------------------------------------------------


def test_each_oracle_may_be_the_one_that_sends(
    world: World, net: Network, hours: list[Hour]
) -> None:
    for oracle, hour in zip(net.oracles, hours, strict=True):
        instruction = swap(propose(net, hour), net.oracles[0].pubkey(), oracle.pubkey())
        world.send(instruction, signers=[oracle])
        world.now += DELAY
    assert distributor(world).pending_epoch == 3


def test_a_stranger_is_refused(world: World, net: Network, hours: list[Hour]) -> None:
    stranger = world.keypair()
    instruction = swap(propose(net, hours[0]), net.oracles[0].pubkey(), stranger.pubkey())
    with pytest.raises(ProgramFailed, match="WrongOracle"):
        world.send(cosigned(instruction, [net.oracles[0]]), signers=[stranger, net.oracles[0]])


def test_the_zero_key_that_fills_the_list_is_no_oracle(
    world: World, net: Network, hours: list[Hour]
) -> None:
    instruction = swap(propose(net, hours[0]), net.oracles[0].pubkey(), Pubkey.default())
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(instruction, Pubkey.default()))


def test_an_oracle_unsigned_is_refused(world: World, net: Network, hours: list[Hour]) -> None:
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(propose(net, hours[0]), net.oracles[0].pubkey()))


@pytest.fixture
def council(world: World, net: Network) -> Hour:
    """A network that asks for two of three oracles, with its first hour to publish."""
    net.started().staking().rewards(threshold=2)
    net.pass_hours()
    world.send(advance())
    return Hour(1, {Pubkey.new_unique(): 1})


@pytest.mark.parametrize("others", [[1], [2], [1, 2]])
def test_enough_oracles_are_accepted(
    world: World, net: Network, council: Hour, others: list[int]
) -> None:
    keys = [net.oracles[other] for other in others]
    world.send(cosigned(propose(net, council), keys), signers=[net.oracles[0], *keys])
    assert distributor(world).pending_epoch == 1


def test_fewer_oracles_than_the_threshold_are_refused(
    world: World, net: Network, council: Hour
) -> None:
    with pytest.raises(ProgramFailed, match="TooFewOracles"):
        world.send(propose(net, council), signers=[net.oracles[0]])


def test_one_oracle_twice_counts_once(world: World, net: Network, council: Hour) -> None:
    again = cosigned(propose(net, council), [net.oracles[0], net.oracles[0]])
    with pytest.raises(ProgramFailed, match="TooFewOracles"):
        world.send(again, signers=[net.oracles[0]])


def test_an_oracle_that_is_named_without_signing_does_not_count(
    world: World, net: Network, council: Hour
) -> None:
    named = cosigned(propose(net, council), [net.oracles[1]])
    with pytest.raises(ProgramFailed, match="TooFewOracles"):
        world.send(unsigned(named, net.oracles[1].pubkey()), signers=[net.oracles[0]])


def test_strangers_do_not_count(world: World, net: Network, council: Hour) -> None:
    strangers = [world.keypair(), world.keypair()]
    with pytest.raises(ProgramFailed, match="TooFewOracles"):
        world.send(cosigned(propose(net, council), strangers), signers=[net.oracles[0], *strangers])


# --- accounts -------------------------------------------------------------------------------------


def test_another_token_configuration_is_refused(
    world: World, net: Network, hours: list[Hour]
) -> None:
    forged = Pubkey.new_unique()
    world.svm.set_account(forged, world.svm.get_account(addresses.token_config()))
    instruction = swap(propose(net, hours[0]), addresses.token_config(), forged)
    with pytest.raises(ProgramFailed, match="InvalidSeeds"):
        world.send(instruction, signers=[net.oracles[0]])


def test_an_account_of_another_kind_as_token_configuration_is_refused(
    world: World, net: Network, hours: list[Hour]
) -> None:
    instruction = swap(propose(net, hours[0]), addresses.token_config(), addresses.bucket(0))
    with pytest.raises(ProgramFailed, match="AccountDataTooSmall"):
        world.send(instruction, signers=[net.oracles[0]])
