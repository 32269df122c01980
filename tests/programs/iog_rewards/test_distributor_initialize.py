"""distributor_initialize: the distributor and the vault that rewards are paid from."""

import pytest
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.accounts import Distributor
from iog_client._generated.iog_rewards.events import DistributorInitialized
from stages import HOUR, Network, initialize_rewards
from world import ProgramFailed, World, program_key, swap, unsigned

ZERO = Pubkey.default()
EMPTY = bytes(32)


def signers(net: Network) -> list:
    return [program_key("iog_rewards"), net.authority]


def test_writes_every_field_of_the_distributor(world: World, net: Network) -> None:
    net.initialized()
    result = world.send(initialize_rewards(net, threshold=2), signers=signers(net))

    keys = [oracle.pubkey() for oracle in net.oracles]
    assert world.account(Distributor, addresses.distributor()) == Distributor(
        authority=net.authority.pubkey(),
        pending_authority=ZERO,
        guardian=net.guardian.pubkey(),
        mint=addresses.mint(),
        vault=addresses.rewards_vault(),
        oracles=[*keys, ZERO, ZERO, ZERO, ZERO],
        root=EMPTY,
        pending_root=EMPTY,
        data_hash=EMPTY,
        pending_data_hash=EMPTY,
        total=0,
        claimed=0,
        pending_total=0,
        active_at=0,
        epoch=0,
        pending_epoch=0,
        count=0,
        pending_count=0,
        hour_length=HOUR,
        oracle_count=3,
        threshold=2,
        paused=0,
        bump=Pubkey.find_program_address([b"distributor"], addresses.REWARDS)[1],
    )
    assert world.events(result) == [
        DistributorInitialized(
            authority=net.authority.pubkey(),
            guardian=net.guardian.pubkey(),
            vault=addresses.rewards_vault(),
            threshold=2,
            oracle_count=3,
            hour_length=HOUR,
        )
    ]


def test_the_vault_belongs_to_the_distributor(world: World, net: Network) -> None:
    net.initialized().rewards()
    data = world.svm.get_account(addresses.rewards_vault()).data
    assert Pubkey.from_bytes(data[0:32]) == addresses.mint()
    assert Pubkey.from_bytes(data[32:64]) == addresses.distributor()


def test_takes_the_length_of_an_hour_from_the_token(world: World, net: Network) -> None:
    net.initialized(hour_length=10).rewards()
    assert world.account(Distributor, addresses.distributor()).hour_length == 10


def test_one_key_may_pay_and_be_the_authority(world: World, net: Network) -> None:
    net.initialized()
    instruction = swap(initialize_rewards(net), world.payer.pubkey(), net.authority.pubkey())
    world.send(instruction, signers=signers(net))
    assert world.exists(addresses.distributor())


@pytest.mark.parametrize(
    ("count", "threshold", "error"),
    [
        (1, 1, None),
        (7, 1, None),
        (7, 7, None),
        (0, 0, "OracleCountOutOfRange"),
        (8, 1, "OracleCountOutOfRange"),
        (3, 0, "ThresholdOutOfRange"),
        (3, 4, "ThresholdOutOfRange"),
    ],
)
def test_limits(world: World, net: Network, count: int, threshold: int, error: str | None) -> None:
    net.initialized()
    oracles = [Pubkey.new_unique() for _ in range(count)]
    instruction = initialize_rewards(net, threshold=threshold, oracles=oracles)
    if error is None:
        world.send(instruction, signers=signers(net))
        made = world.account(Distributor, addresses.distributor())
        assert made.oracles == [*oracles, *[ZERO] * (7 - count)]
        assert (made.oracle_count, made.threshold) == (count, threshold)
        return
    with pytest.raises(ProgramFailed, match=error):
        world.send(instruction, signers=signers(net))


@pytest.mark.parametrize("places", [(0, 1), (0, 6), (5, 6)])
def test_the_same_oracle_twice_is_refused(
    world: World, net: Network, places: tuple[int, int]
) -> None:
    net.initialized()
    oracles = [Pubkey.new_unique() for _ in range(7)]
    oracles[places[1]] = oracles[places[0]]
    with pytest.raises(ProgramFailed, match="OracleRepeated"):
        world.send(initialize_rewards(net, oracles=oracles), signers=signers(net))


def test_a_second_time_is_refused(world: World, net: Network) -> None:
    net.initialized().rewards()
    with pytest.raises(ProgramFailed):
        world.send(initialize_rewards(net), signers=signers(net))


def test_another_key_than_the_programs_is_refused(world: World, net: Network) -> None:
    net.initialized()
    stranger = world.keypair()
    own = program_key("iog_rewards").pubkey()
    with pytest.raises(ProgramFailed, match="WrongProgramKey"):
        world.send(
            swap(initialize_rewards(net), own, stranger.pubkey()),
            signers=[stranger, net.authority],
        )


@pytest.mark.parametrize("who", ["program", "authority"])
def test_a_missing_signature_is_refused(world: World, net: Network, who: str) -> None:
    net.initialized()
    key = program_key("iog_rewards") if who == "program" else net.authority
    others = [signer for signer in signers(net) if signer != key]
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(initialize_rewards(net), key.pubkey()), signers=others)


def test_before_the_token_it_is_refused(world: World, net: Network) -> None:
    with pytest.raises(ProgramFailed):
        net.rewards()


def test_another_mint_is_refused(world: World, net: Network) -> None:
    net.initialized()
    forged = Pubkey.new_unique()
    world.svm.set_account(forged, world.svm.get_account(addresses.mint()))
    with pytest.raises(ProgramFailed, match="ConstraintAddress"):
        world.send(swap(initialize_rewards(net), addresses.mint(), forged), signers=signers(net))


def test_another_token_configuration_is_refused(world: World, net: Network) -> None:
    net.initialized()
    forged = Pubkey.new_unique()
    world.svm.set_account(forged, world.svm.get_account(addresses.token_config()))
    with pytest.raises(ProgramFailed, match="InvalidSeeds"):
        world.send(
            swap(initialize_rewards(net), addresses.token_config(), forged), signers=signers(net)
        )
