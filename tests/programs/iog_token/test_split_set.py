"""split_set: another share of the backers' pool holds from a future hour on."""

from dataclasses import replace
from itertools import pairwise

import pytest
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_token.events import SplitSet
from stages import HOUR, Network, advance, network
from token_calls import HOURS, config, emitted, set_split
from world import ProgramFailed, World, swap, unsigned


def to_pool(*periods: tuple[int, int, int]) -> int:
    """What the pool has after periods of (hour before the first, last hour, share)."""
    return sum((emitted(b) - emitted(a)) * bps // 10_000 for a, b, bps in periods)


def test_the_share_is_announced_and_nothing_else_changes(world: World, net: Network) -> None:
    net.running()
    before = config(world)
    result = world.send(set_split(net, 2_500, 5), signers=[net.authority])

    assert config(world) == replace(before, next_split_hour=5, next_pool_bps=2_500)
    assert world.events(result) == [SplitSet(old_bps=1_000, new_bps=2_500, from_hour=5)]


@pytest.mark.accident("split that depends on when cranks came")
def test_the_split_does_not_depend_on_when_cranks_came() -> None:
    pools = []
    for cranks in ([12], [3, 5, 12], [4, 7, 12], [5, 6, 12], range(1, 13)):
        net = network(World())
        net.running()
        net.world.send(set_split(net, 2_500, 5), signers=[net.authority])
        for before, after in pairwise([0, *cranks]):
            net.pass_hours(after - before)
            net.world.send(advance())
        pools.append(config(net.world).to_pool)
    assert pools == [to_pool((0, 5, 1_000), (5, 12, 2_500))] * 5


def test_each_period_has_its_own_share(world: World, net: Network) -> None:
    net.running()
    for from_hour, bps in [(1, 0), (4, 10_000), (9, 3_333)]:
        world.send(set_split(net, bps, from_hour), signers=[net.authority])
        net.pass_hours(from_hour + 1 - config(world).advanced_hour)
        world.send(advance())
    net.pass_hours(10)
    world.send(advance())

    state = config(world)
    assert state.advanced_hour == 20
    whole = to_pool((0, 1, 1_000), (1, 4, 0), (4, 9, 10_000), (9, 20, 3_333))
    assert (state.to_pool, state.to_rewards) == (whole, emitted(20) - whole)
    assert world.balance(addresses.pool_vault()) == whole


def test_a_share_can_change_before_the_emission_starts(world: World, net: Network) -> None:
    net.sealed().staking().rewards()
    world.send(set_split(net, 0, 1), signers=[net.authority])
    assert config(world).next_split_hour == 1


def test_an_announced_share_is_replaced(world: World, net: Network) -> None:
    net.running()
    world.send(set_split(net, 2_500, 5), signers=[net.authority])
    world.send(set_split(net, 700, 3), signers=[net.authority])
    net.pass_hours(9)
    world.send(advance())
    assert config(world).to_pool == to_pool((0, 3, 1_000), (3, 9, 700))


# hours passed since the start, hour named, refused as
@pytest.mark.parametrize(
    ("seconds", "from_hour", "error"),
    [
        (0, 0, "SplitTooEarly"),
        (0, 1, None),
        (HOUR - 1, 1, None),
        (HOUR, 1, "SplitTooEarly"),
        (HOUR, 2, None),
        (10 * HOUR - 1, 10, None),
        (10 * HOUR, 10, "SplitTooEarly"),
        (10 * HOUR, 0, "SplitTooEarly"),
        (0, HOURS - 1, None),
        (0, HOURS, "SplitTooLate"),
        (0, 2**32 - 1, "SplitTooLate"),
        ((HOURS - 1) * HOUR, HOURS, "SplitTooLate"),
        (HOURS * HOUR, HOURS, "SplitTooEarly"),
    ],
)
def test_only_hours_that_have_not_begun_change(
    world: World, net: Network, seconds: int, from_hour: int, error: str | None
) -> None:
    net.running()
    world.now += seconds
    if error is None:
        world.send(set_split(net, 1, from_hour), signers=[net.authority])
        assert config(world).next_split_hour == from_hour
        return
    with pytest.raises(ProgramFailed, match=error):
        world.send(set_split(net, 1, from_hour), signers=[net.authority])


def test_a_share_is_at_most_all(world: World, net: Network) -> None:
    net.running()
    world.send(set_split(net, 10_000, 5), signers=[net.authority])
    with pytest.raises(ProgramFailed, match="ShareAboveWhole"):
        world.send(set_split(net, 10_001, 5), signers=[net.authority])


@pytest.mark.accident("rate change without accrual")
def test_a_due_share_that_no_crank_took_over_is_not_replaced(world: World, net: Network) -> None:
    net.running()
    world.send(set_split(net, 2_500, 5), signers=[net.authority])
    net.pass_hours(5)
    for from_hour in (6, 100):
        with pytest.raises(ProgramFailed, match="SplitDue"):
            world.send(set_split(net, 0, from_hour), signers=[net.authority])
    world.send(advance())
    world.send(set_split(net, 0, 6), signers=[net.authority])
    net.pass_hours(2)
    world.send(advance())
    assert config(world).to_pool == to_pool((0, 5, 1_000), (5, 6, 2_500), (6, 7, 0))


def test_in_its_last_hour_an_announced_share_is_still_replaced(world: World, net: Network) -> None:
    net.running()
    world.send(set_split(net, 2_500, 5), signers=[net.authority])
    world.now += 5 * HOUR - 1
    world.send(set_split(net, 700, 6), signers=[net.authority])
    assert config(world).next_split_hour == 6


def test_one_transaction_cranks_and_announces(world: World, net: Network) -> None:
    net.running()
    world.send(set_split(net, 2_500, 5), signers=[net.authority])
    net.pass_hours(7)
    world.send(advance(), set_split(net, 0, 8), signers=[net.authority])
    assert (config(world).pool_bps, config(world).next_split_hour) == (2_500, 8)


@pytest.mark.parametrize("who", ["stranger", "guardian"])
def test_another_signer_is_refused(world: World, net: Network, who: str) -> None:
    net.running()
    signer = net.guardian if who == "guardian" else world.keypair()
    instruction = swap(set_split(net, 0, 5), net.authority.pubkey(), signer.pubkey())
    with pytest.raises(ProgramFailed, match="WrongAuthority"):
        world.send(instruction, signers=[signer])


def test_the_authority_unsigned_is_refused(world: World, net: Network) -> None:
    net.running()
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(set_split(net, 0, 5), net.authority.pubkey()))


def test_a_configuration_at_another_address_is_refused(world: World, net: Network) -> None:
    net.running()
    forged = Pubkey.new_unique()
    world.svm.set_account(forged, world.svm.get_account(addresses.token_config()))
    with pytest.raises(ProgramFailed, match="InvalidSeeds"):
        world.send(
            swap(set_split(net, 0, 5), addresses.token_config(), forged), signers=[net.authority]
        )
