from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_staking.accounts import Config
from iog_client._generated.iog_staking.events import StakingInitialized
from registry_world import NOBODY, copy, refused
from stages import GENESIS_HASH, HOUR, Network, initialize_staking
from world import program_key, swap, unsigned


def signers(net: Network) -> list[Keypair]:
    return [program_key("iog_staking"), net.authority]


def test_the_config_and_both_vaults_come_to_be(net: Network) -> None:
    net.initialized(hour_length=60)
    result = net.world.send(initialize_staking(net), signers=signers(net))
    config = net.world.account(Config, addresses.staking_config())
    assert config.authority == net.authority.pubkey()
    assert config.pending_authority == NOBODY
    assert (config.guardian, config.slasher, config.arbiter) == (
        net.guardian.pubkey(),
        net.slasher.pubkey(),
        net.arbiter.pubkey(),
    )
    assert (config.mint, config.stake_vault, config.pool_vault) == (
        addresses.mint(),
        addresses.stake_vault(),
        addresses.pool_vault(),
    )
    assert (config.genesis_hash, config.hour_length, config.total_staked) == (GENESIS_HASH, 60, 0)
    for vault in (addresses.stake_vault(), addresses.pool_vault()):
        data = bytes(net.world.svm.get_account(vault).data)
        assert data[:64] == bytes(addresses.mint()) + bytes(addresses.staking_config())
    assert net.world.events(result) == [
        StakingInitialized(
            authority=net.authority.pubkey(),
            guardian=net.guardian.pubkey(),
            slasher=net.slasher.pubkey(),
            arbiter=net.arbiter.pubkey(),
            mint=addresses.mint(),
            genesis_hash=GENESIS_HASH,
            hour_length=60,
        )
    ]


def test_the_authority_may_pay_itself(net: Network) -> None:
    net.initialized()
    call = swap(initialize_staking(net), net.world.payer.pubkey(), net.authority.pubkey())
    net.world.send(call, signers=signers(net))
    assert net.world.account(Config, addresses.staking_config()).hour_length == HOUR


def test_a_second_time_is_refused(net: Network) -> None:
    net.initialized().staking()
    with refused("0"):  # the system program's AccountAlreadyInUse
        net.world.send(initialize_staking(net), signers=signers(net))


def test_without_the_id_key_it_is_refused(net: Network) -> None:
    net.initialized()
    key, other = program_key("iog_staking").pubkey(), net.world.keypair()
    with refused("WrongProgramKey"):
        net.world.send(
            swap(initialize_staking(net), key, other.pubkey()), signers=[other, net.authority]
        )
    with refused("MissingRequiredSignature"):
        net.world.send(unsigned(initialize_staking(net), key), signers=[net.authority])


def test_another_mint_is_refused(net: Network) -> None:
    net.initialized()
    other = copy(net.world, addresses.mint())
    with refused("MintMismatch"):
        net.world.send(swap(initialize_staking(net), addresses.mint(), other), signers=signers(net))


def test_a_token_config_of_another_owner_is_refused(net: Network) -> None:
    net.initialized()
    fake = copy(net.world, addresses.token_config(), owner=addresses.JOBS)
    with refused("IllegalOwner"):
        net.world.send(
            swap(initialize_staking(net), addresses.token_config(), fake), signers=signers(net)
        )
