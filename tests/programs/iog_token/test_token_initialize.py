"""token_initialize: the mint, the vesting vault and the configuration."""

import pytest
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_token.accounts import Config
from iog_client._generated.iog_token.events import TokenInitialized
from stages import HOUR, POOL_BPS, Network, initialize
from world import ProgramFailed, World, program_key, swap, unsigned

ZERO = Pubkey.default()


def signers(net: Network) -> list:
    return [program_key("iog_token"), net.authority]


def test_writes_every_field_of_the_configuration(world: World, net: Network) -> None:
    result = world.send(initialize(net), signers=signers(net))

    config = world.account(Config, addresses.token_config())
    derived = {
        name: Pubkey.find_program_address([seed], program)[1]
        for name, seed, program in [
            ("bump", b"config", addresses.TOKEN),
            ("mint_bump", b"mint", addresses.TOKEN),
            ("vesting_bump", b"vesting", addresses.TOKEN),
            ("rewards_vault_bump", b"vault", addresses.REWARDS),
            ("pool_vault_bump", b"pool_vault", addresses.STAKING),
        ]
    }
    assert config == Config(
        authority=net.authority.pubkey(),
        pending_authority=ZERO,
        guardian=net.guardian.pubkey(),
        mint=addresses.mint(),
        vesting_vault=addresses.vesting_vault(),
        start=0,
        minted=0,
        to_rewards=0,
        to_pool=0,
        pool_base=0,
        allocated=0,
        hour_length=HOUR,
        advanced_hour=0,
        split_from_hour=0,
        next_split_hour=0,
        pool_bps=POOL_BPS,
        next_pool_bps=0,
        sealed=0,
        buckets=0,
        **derived,
    )
    assert world.events(result) == [
        TokenInitialized(
            authority=net.authority.pubkey(),
            guardian=net.guardian.pubkey(),
            mint=addresses.mint(),
            hour_length=HOUR,
            pool_bps=POOL_BPS,
        )
    ]


def test_the_mint_has_eight_decimals_one_authority_and_no_freeze(
    world: World, net: Network
) -> None:
    net.initialized()

    data = world.svm.get_account(addresses.mint()).data
    assert data[0:4] == (1).to_bytes(4, "little")
    assert Pubkey.from_bytes(data[4:36]) == addresses.token_config()
    assert world.supply() == 0
    assert data[44] == 8
    assert data[46:50] == bytes(4), "a freeze authority is set"


def test_the_vesting_vault_belongs_to_the_configuration(world: World, net: Network) -> None:
    net.initialized()

    data = world.svm.get_account(addresses.vesting_vault()).data
    assert Pubkey.from_bytes(data[0:32]) == addresses.mint()
    assert Pubkey.from_bytes(data[32:64]) == addresses.token_config()
    assert world.balance(addresses.vesting_vault()) == 0


def test_one_key_may_pay_and_be_the_authority(world: World, net: Network) -> None:
    instruction = swap(initialize(net), world.payer.pubkey(), net.authority.pubkey())
    world.send(instruction, signers=signers(net))
    assert world.account(Config, addresses.token_config()).authority == net.authority.pubkey()


def test_a_second_time_is_refused(world: World, net: Network) -> None:
    net.initialized()
    with pytest.raises(ProgramFailed):
        world.send(initialize(net), signers=signers(net))


def test_another_key_than_the_programs_is_refused(world: World, net: Network) -> None:
    stranger = world.keypair()
    own = program_key("iog_token").pubkey()
    with pytest.raises(ProgramFailed, match="WrongProgramKey"):
        world.send(swap(initialize(net), own, stranger.pubkey()), signers=[stranger, net.authority])


@pytest.mark.parametrize("who", ["program", "authority"])
def test_a_missing_signature_is_refused(world: World, net: Network, who: str) -> None:
    key = program_key("iog_token") if who == "program" else net.authority
    others = [signer for signer in signers(net) if signer != key]
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(initialize(net), key.pubkey()), signers=others)


@pytest.mark.parametrize("name", ["token_config", "mint", "vesting_vault"])
def test_another_address_for_a_new_account_is_refused(
    world: World, net: Network, name: str
) -> None:
    instruction = swap(initialize(net), getattr(addresses, name)(), Pubkey.new_unique())
    with pytest.raises(ProgramFailed, match="InvalidSeeds"):
        world.send(instruction, signers=signers(net))


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"hour_length": 1, "pool_bps": 10_000}, None),
        ({"hour_length": 2**32 - 1, "pool_bps": 0}, None),
        ({"hour_length": 0}, "HourLengthZero"),
        ({"pool_bps": 10_001}, "ShareAboveWhole"),
    ],
)
def test_limits(world: World, net: Network, limits: dict[str, int], error: str | None) -> None:
    if error is None:
        net.initialized(**limits)
        config = world.account(Config, addresses.token_config())
        assert {name: getattr(config, name) for name in limits} == limits
        return
    with pytest.raises(ProgramFailed, match=error):
        net.initialized(**limits)
