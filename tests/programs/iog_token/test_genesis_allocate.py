"""genesis_allocate: buckets can be written and replaced until the genesis is sealed."""

import pytest
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_token.accounts import Bucket, Config
from iog_client._generated.iog_token.events import GenesisAllocated
from stages import GENESIS, Network, allocate
from world import ProgramFailed, World, swap, unsigned


def totals(world: World) -> tuple[int, int]:
    config = world.account(Config, addresses.token_config())
    return config.allocated, config.buckets


def test_writes_the_bucket_and_counts_it(world: World, net: Network) -> None:
    net.initialized()
    schedule = {"launch_bps": 500, "cliff_months": 6, "linear_months": 24}
    result = world.send(allocate(net, index=3, amount=7, **schedule), signers=[net.authority])

    bump = Pubkey.find_program_address([b"bucket", b"\x03"], addresses.TOKEN)[1]
    who = net.beneficiary.pubkey()
    assert world.account(Bucket, addresses.bucket(3)) == Bucket(
        beneficiary=who, amount=7, claimed=0, index=3, bump=bump, **schedule
    )
    assert totals(world) == (7, 1)
    assert world.events(result) == [
        GenesisAllocated(index=3, amount=7, beneficiary=who, allocated=7, **schedule)
    ]


def test_replaces_a_bucket(world: World, net: Network) -> None:
    net.initialized()
    other = Pubkey.new_unique()
    world.send(allocate(net, amount=10), signers=[net.authority])
    world.send(allocate(net, index=1, amount=5), signers=[net.authority])
    world.send(allocate(net, amount=3, beneficiary=other, launch_bps=0), signers=[net.authority])

    bucket = world.account(Bucket, addresses.bucket(0))
    assert (bucket.amount, bucket.beneficiary, bucket.launch_bps) == (3, other, 0)
    assert totals(world) == (8, 2)


def test_writing_the_same_again_changes_nothing(world: World, net: Network) -> None:
    net.allocated()
    world.send(allocate(net), signers=[net.authority])
    assert totals(world) == (GENESIS, 1)


def test_eight_buckets_fit_and_a_ninth_does_not(world: World, net: Network) -> None:
    net.initialized()
    for index in range(8):
        world.send(allocate(net, index=index, amount=1), signers=[net.authority])
    assert totals(world) == (8, 8)
    with pytest.raises(ProgramFailed, match="BucketIndexOutOfRange"):
        world.send(allocate(net, index=8), signers=[net.authority])


def test_a_sum_beyond_64_bits_is_refused(world: World, net: Network) -> None:
    net.initialized()
    world.send(allocate(net, amount=2**64 - 1), signers=[net.authority])
    world.send(allocate(net, index=1, amount=0), signers=[net.authority])
    with pytest.raises(ProgramFailed, match="AmountOverflow"):
        world.send(allocate(net, index=1, amount=1), signers=[net.authority])


def test_the_launch_share_may_be_all_and_not_more(world: World, net: Network) -> None:
    net.initialized()
    world.send(allocate(net, launch_bps=10_000), signers=[net.authority])
    with pytest.raises(ProgramFailed, match="ShareAboveWhole"):
        world.send(allocate(net, launch_bps=10_001), signers=[net.authority])


def test_after_the_seal_it_is_refused(world: World, net: Network) -> None:
    net.sealed()
    with pytest.raises(ProgramFailed, match="GenesisAlreadySealed"):
        world.send(allocate(net), signers=[net.authority])


def test_another_signer_is_refused(world: World, net: Network) -> None:
    net.initialized()
    stranger = world.keypair()
    instruction = swap(allocate(net), net.authority.pubkey(), stranger.pubkey())
    with pytest.raises(ProgramFailed, match="WrongAuthority"):
        world.send(instruction, signers=[stranger])


def test_the_authority_unsigned_is_refused(world: World, net: Network) -> None:
    net.initialized()
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(allocate(net), net.authority.pubkey()))


def test_the_bucket_of_another_index_is_refused(world: World, net: Network) -> None:
    net.initialized()
    instruction = swap(allocate(net), addresses.bucket(0), addresses.bucket(1))
    with pytest.raises(ProgramFailed, match="InvalidSeeds"):
        world.send(instruction, signers=[net.authority])


def test_another_account_in_place_of_the_configuration_is_refused(
    world: World, net: Network
) -> None:
    net.allocated()
    instruction = swap(allocate(net, index=1), addresses.token_config(), addresses.bucket(0))
    with pytest.raises(ProgramFailed, match="AccountDataTooSmall"):
        world.send(instruction, signers=[net.authority])
