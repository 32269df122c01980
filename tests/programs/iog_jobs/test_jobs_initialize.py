import pytest
from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_jobs.accounts import Config
from iog_client._generated.iog_jobs.events import JobsInitialized
from jobs_world import Jobs
from registry_world import NOBODY, Registry, copy, refused
from stages import GENESIS_HASH, Network
from world import program_key, swap, unsigned

FEE_BPS = 25


@pytest.fixture
def bare(net: Network) -> Jobs:
    """A network with the token alone."""
    keys = [net.world.keypair() for _ in range(4)]
    return Jobs(Registry(net.initialized(hour_length=60), keys[0], keys[1]), keys[2], keys[3])


def signers(jobs: Jobs) -> list[Keypair]:
    return [program_key("iog_jobs"), jobs.registry.net.authority]


def test_the_config_and_the_fee_vault_come_to_be(bare: Jobs) -> None:
    net = bare.registry.net
    result = bare.world.send(bare.jobs_initialize(), signers=signers(bare))
    config = bare.world.account(Config, addresses.jobs_config())
    assert config == Config(
        authority=net.authority.pubkey(),
        pending_authority=NOBODY,
        guardian=net.guardian.pubkey(),
        arbiter=net.arbiter.pubkey(),
        treasury=NOBODY,
        mint=addresses.mint(),
        fee_vault=addresses.fee_vault(),
        genesis_hash=GENESIS_HASH,
        hour_length=60,
        fee_bps=FEE_BPS,
        burn_bps=0,
        paused=0,
        bump=config.bump,
    )
    vault = bytes(bare.world.svm.get_account(addresses.fee_vault()).data)
    assert vault[:64] == bytes(addresses.mint()) + bytes(addresses.jobs_config())
    assert bare.world.events(result) == [
        JobsInitialized(
            authority=net.authority.pubkey(),
            guardian=net.guardian.pubkey(),
            arbiter=net.arbiter.pubkey(),
            mint=addresses.mint(),
            fee_vault=addresses.fee_vault(),
            genesis_hash=GENESIS_HASH,
            hour_length=60,
            fee_bps=FEE_BPS,
        )
    ]


def test_a_second_time_is_refused(bare: Jobs) -> None:
    bare.world.send(bare.jobs_initialize(), signers=signers(bare))
    with refused("0"):  # the system program's AccountAlreadyInUse
        bare.world.send(bare.jobs_initialize(), signers=signers(bare))


def test_without_the_id_key_it_is_refused(bare: Jobs) -> None:
    key, other = program_key("iog_jobs").pubkey(), bare.world.keypair()
    authority = bare.registry.net.authority
    with refused("WrongProgramKey"):
        bare.world.send(
            swap(bare.jobs_initialize(), key, other.pubkey()), signers=[other, authority]
        )
    with refused("MissingRequiredSignature"):
        bare.world.send(unsigned(bare.jobs_initialize(), key), signers=[authority])


def test_another_mint_or_token_config_is_refused(bare: Jobs) -> None:
    mint = copy(bare.world, addresses.mint())
    with refused("MintMismatch"):
        bare.world.send(swap(bare.jobs_initialize(), addresses.mint(), mint), signers=signers(bare))
    fake = copy(bare.world, addresses.token_config(), owner=addresses.JOBS)
    with refused("IllegalOwner"):
        bare.world.send(
            swap(bare.jobs_initialize(), addresses.token_config(), fake), signers=signers(bare)
        )
