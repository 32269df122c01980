"""vesting_claim: a bucket pays its beneficiary what is due, by whole months of 730 hours."""

import pytest
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_token.accounts import Bucket
from iog_client._generated.iog_token.events import VestingClaimed
from stages import GENESIS, HOUR, MONTH, Network, allocate, claim_vesting, seal, start
from world import ProgramFailed, World, swap

AMOUNT = 1_000_003


def vesting(net: Network, **schedule: int) -> World:
    """A started network whose bucket 0 holds AMOUNT on the given schedule."""
    world = net.initialized().world
    plan = {"launch_bps": 0, "cliff_months": 0, "linear_months": 0} | schedule
    world.send(allocate(net, amount=AMOUNT, **plan), signers=[net.authority])
    rest = allocate(net, index=1, amount=GENESIS - AMOUNT, linear_months=48, launch_bps=0)
    world.send(rest, signers=[net.authority])
    world.send(seal(net), signers=[net.authority])
    world.send(start(net, world.now), signers=[net.authority])
    return world


def claim(net: Network) -> int:
    """Claims bucket 0 and returns what arrived."""
    world, who = net.world, net.beneficiary.pubkey()
    target = world.tokens(who)
    before = world.balance(target)
    world.send(claim_vesting(world, 0, who))
    return world.balance(target) - before


def test_pays_what_is_due_and_records_it(world: World, net: Network) -> None:
    vesting(net, launch_bps=2_500)
    who = net.beneficiary.pubkey()
    target = world.tokens(who)
    world.now += MONTH - 1
    # linear 0 and cliff 0: everything is due at once, whatever the launch share
    result = world.send(claim_vesting(world, 0, who))

    assert world.balance(target) == AMOUNT
    assert world.balance(addresses.vesting_vault()) == GENESIS - AMOUNT
    assert world.account(Bucket, addresses.bucket(0)).claimed == AMOUNT
    assert world.events(result) == [
        VestingClaimed(index=0, beneficiary=who, amount=AMOUNT, claimed=AMOUNT)
    ]


# launch, cliff, linear, seconds since the start, due of AMOUNT = 1,000,003
@pytest.mark.parametrize(
    ("launch", "cliff", "linear", "seconds", "due"),
    [
        (10_000, 0, 0, 0, 1_000_003),
        (1, 6, 24, 0, 100),
        (500, 6, 24, 0, 50_000),
        (500, 6, 24, 7 * MONTH - 1, 50_000),
        (500, 6, 24, 7 * MONTH, 50_000 + 950_003 // 24),
        (500, 6, 24, 18 * MONTH, 50_000 + 950_003 * 12 // 24),
        (500, 6, 24, 30 * MONTH - 1, 50_000 + 950_003 * 23 // 24),
        (500, 6, 24, 30 * MONTH, 1_000_003),
        (500, 6, 24, 400 * MONTH, 1_000_003),
        (0, 0, 1, MONTH, 1_000_003),
        (0, 12, 0, 12 * MONTH, 1_000_003),
        (0, 0, 3, 2 * MONTH, 666_668),
    ],
)
def test_what_is_due(
    net: Network, launch: int, cliff: int, linear: int, seconds: int, due: int
) -> None:
    world = vesting(net, launch_bps=launch, cliff_months=cliff, linear_months=linear)
    world.now += seconds
    assert claim(net) == due


@pytest.mark.parametrize(
    ("cliff", "linear", "seconds"),
    [(0, 24, 0), (0, 24, MONTH - 1), (6, 24, 6 * MONTH), (12, 0, 12 * MONTH - 1)],
)
def test_nothing_due_is_refused(net: Network, cliff: int, linear: int, seconds: int) -> None:
    world = vesting(net, cliff_months=cliff, linear_months=linear)
    world.now += seconds
    with pytest.raises(ProgramFailed, match="NothingDue"):
        claim(net)


def test_claiming_every_month_pays_the_same_as_claiming_once(net: Network) -> None:
    world = vesting(net, launch_bps=777, linear_months=7)
    paid = claim(net)
    for _ in range(7):
        world.now += MONTH
        paid += claim(net)
    assert paid == AMOUNT


def test_a_second_claim_in_the_same_month_is_refused(net: Network) -> None:
    world = vesting(net, linear_months=7)
    world.now += MONTH
    claim(net)
    world.now += MONTH - 1
    with pytest.raises(ProgramFailed, match="NothingDue"):
        claim(net)


def test_months_follow_the_length_of_an_hour(world: World, net: Network) -> None:
    net.initialized(hour_length=10)
    world.send(allocate(net, launch_bps=0, linear_months=2), signers=[net.authority])
    world.send(seal(net), signers=[net.authority])
    world.send(start(net, world.now), signers=[net.authority])
    world.now += 7_299
    with pytest.raises(ProgramFailed, match="NothingDue"):
        claim(net)
    world.now += 1
    assert claim(net) == GENESIS // 2


def test_before_the_start_only_the_part_at_launch_is_due(world: World, net: Network) -> None:
    net.initialized()
    plan = allocate(net, launch_bps=2_500, cliff_months=0, linear_months=0)
    world.send(plan, signers=[net.authority])
    world.send(seal(net), signers=[net.authority])
    assert claim(net) == GENESIS // 4
    world.send(start(net, world.now + HOUR), signers=[net.authority])
    world.now += HOUR - 1
    with pytest.raises(ProgramFailed, match="NothingDue"):
        claim(net)
    world.now += 1
    assert claim(net) == GENESIS - GENESIS // 4


def test_before_the_start_nothing_is_due_without_a_part_at_launch(net: Network) -> None:
    world = net.initialized().world
    world.send(allocate(net, launch_bps=0, linear_months=1), signers=[net.authority])
    world.send(seal(net), signers=[net.authority])
    with pytest.raises(ProgramFailed, match="NothingDue"):
        claim(net)


def test_before_the_seal_it_is_refused(net: Network) -> None:
    net.allocated()
    with pytest.raises(ProgramFailed, match="GenesisNotSealed"):
        claim(net)


def test_a_token_account_of_someone_else_is_refused(world: World, net: Network) -> None:
    net.started()
    thief = world.tokens(world.payer.pubkey())
    own = world.tokens(net.beneficiary.pubkey())
    with pytest.raises(ProgramFailed, match="WrongDestination"):
        world.send(swap(claim_vesting(world, 0, net.beneficiary.pubkey()), own, thief))


def test_another_vault_is_refused(world: World, net: Network) -> None:
    net.started()
    world.tokens(net.beneficiary.pubkey())
    other = world.tokens(world.payer.pubkey())
    instruction = claim_vesting(world, 0, net.beneficiary.pubkey())
    with pytest.raises(ProgramFailed, match="ConstraintAddress"):
        world.send(swap(instruction, addresses.vesting_vault(), other))


def test_a_bucket_that_was_never_written_is_refused(world: World, net: Network) -> None:
    net.started()
    world.tokens(net.beneficiary.pubkey())
    with pytest.raises(ProgramFailed):
        world.send(claim_vesting(world, 5, net.beneficiary.pubkey()))


def test_a_bucket_at_another_address_is_refused(world: World, net: Network) -> None:
    net.started()
    world.tokens(net.beneficiary.pubkey())
    forged = Pubkey.new_unique()
    world.svm.set_account(forged, world.svm.get_account(addresses.bucket(0)))
    instruction = claim_vesting(world, 0, net.beneficiary.pubkey())
    with pytest.raises(ProgramFailed, match="InvalidSeeds"):
        world.send(swap(instruction, addresses.bucket(0), forged))
