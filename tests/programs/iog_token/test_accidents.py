"""Accidents of other programs that cannot happen to iog_token."""

import pytest
from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_token.accounts import Bucket
from stages import GENESIS, Network, advance, allocate, claim_vesting, initialize, seal
from token_calls import config, emitted
from world import ProgramFailed, World, create_tokens, program_key, set_owner, swap

TOKEN_2022 = Pubkey.from_string("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")


def mint_to(authority: Pubkey, target: Pubkey, amount: int) -> Instruction:
    metas = [
        AccountMeta(addresses.mint(), False, True),
        AccountMeta(target, False, True),
        AccountMeta(authority, True, False),
    ]
    return Instruction(addresses.SPL_TOKEN, b"\x07" + amount.to_bytes(8, "little"), metas)


def set_mint_authority(authority: Pubkey, kind: int, to: Pubkey) -> Instruction:
    """Kind 0 is the authority to mint, 1 the one to freeze."""
    metas = [AccountMeta(addresses.mint(), False, True), AccountMeta(authority, True, False)]
    return Instruction(addresses.SPL_TOKEN, bytes([6, kind, 1]) + bytes(to), metas)


def other_mint(world: World) -> Pubkey:
    """A mint like ours at another address."""
    forged = Pubkey.new_unique()
    world.svm.set_account(forged, world.svm.get_account(addresses.mint()))
    return forged


# --- who may mint and freeze ----------------------------------------------------------------------


def test_after_the_whole_life_the_configuration_alone_mints_and_nobody_freezes(
    world: World, net: Network
) -> None:
    net.running()
    net.pass_hours(10)
    world.send(advance())
    data = bytes(world.svm.get_account(addresses.mint()).data)
    assert data[0:4] == (1).to_bytes(4, "little")
    assert Pubkey.from_bytes(data[4:36]) == addresses.token_config()
    assert data[46:50] == bytes(4), "a freeze authority is set"


@pytest.mark.parametrize("who", ["authority", "guardian", "token", "rewards", "staking"])
def test_no_key_mints(world: World, net: Network, who: str) -> None:
    net.running()
    key = keys(net)[who]
    target = world.tokens(key.pubkey())
    with pytest.raises(ProgramFailed):
        world.send(mint_to(key.pubkey(), target, 1), signers=[key])
    assert world.supply() == GENESIS


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("who", ["authority", "guardian", "token"])
def test_no_key_takes_the_right_to_mint_or_freeze(
    world: World, net: Network, who: str, kind: int
) -> None:
    net.running()
    key = keys(net)[who]
    with pytest.raises(ProgramFailed):
        world.send(set_mint_authority(key.pubkey(), kind, key.pubkey()), signers=[key])


def keys(net: Network) -> dict[str, Keypair]:
    return {
        "authority": net.authority,
        "guardian": net.guardian,
        "token": program_key("iog_token"),
        "rewards": program_key("iog_rewards"),
        "staking": program_key("iog_staking"),
    }


# --- missed cranks --------------------------------------------------------------------------------


@pytest.mark.accident("missed cranks")
@pytest.mark.parametrize("missed", [1, 2, 729, 730, 1_000, 175_199, 1_000_000])
def test_missed_cranks_lose_nothing(world: World, net: Network, missed: int) -> None:
    net.running()
    net.pass_hours(3)
    world.send(advance())
    net.pass_hours(missed)
    world.send(advance())
    hour = min(3 + missed, 175_200)
    assert world.supply() == GENESIS + emitted(hour)
    assert config(world).to_pool == emitted(hour) // 10


# --- initialize -----------------------------------------------------------------------------------


@pytest.mark.accident("initialize sent first by a stranger")
def test_a_stranger_cannot_initialise_before_the_runner(world: World, net: Network) -> None:
    stranger = world.keypair()
    forged = swap(initialize(net), net.authority.pubkey(), stranger.pubkey())
    own = program_key("iog_token").pubkey()
    with pytest.raises(ProgramFailed, match="WrongProgramKey"):
        world.send(swap(forged, own, world.payer.pubkey()), signers=[stranger])
    net.initialized()
    assert config(world).authority == net.authority.pubkey()


@pytest.mark.accident("initialize sent first by a stranger")
def test_lamports_sent_ahead_to_the_accounts_do_not_stop_the_runner(
    world: World, net: Network
) -> None:
    for address in [
        addresses.token_config(),
        addresses.mint(),
        addresses.vesting_vault(),
        addresses.bucket(0),
    ]:
        world.svm.airdrop(address, 10**6)
    net.running()
    net.pass_hours()
    world.send(advance())
    assert world.supply() == GENESIS + emitted(1)


# --- another mint, another token program ----------------------------------------------------------


@pytest.mark.accident("mint substituted")
def test_another_mint_is_refused_wherever_one_is_named(world: World, net: Network) -> None:
    net.allocated()
    forged = other_mint(world)
    with pytest.raises(ProgramFailed, match="ConstraintAddress"):
        world.send(swap(seal(net), addresses.mint(), forged), signers=[net.authority])
    world.send(seal(net), signers=[net.authority])
    net.staking().rewards()
    with pytest.raises(ProgramFailed, match="ConstraintAddress"):
        world.send(swap(advance(), addresses.mint(), forged))


@pytest.mark.accident("mint substituted")
def test_a_token_account_of_another_mint_gets_no_vesting(world: World, net: Network) -> None:
    net.started()
    who = net.beneficiary.pubkey()
    seeds = [bytes(who), bytes(addresses.SPL_TOKEN), bytes(other_mint(world))]
    other = Pubkey.find_program_address(seeds, addresses.ATA_PROGRAM)[0]
    world.svm.set_account(other, world.svm.get_account(world.tokens(who)))
    with pytest.raises(ProgramFailed, match="WrongDestination"):
        world.send(swap(claim_vesting(world, 0, who), addresses.tokens(who), other))


@pytest.mark.accident("wrong token program")
@pytest.mark.parametrize("program", [TOKEN_2022, addresses.SYSTEM, addresses.REWARDS])
def test_another_token_program_is_refused(world: World, net: Network, program: Pubkey) -> None:
    net.allocated()
    with pytest.raises(ProgramFailed, match="IncorrectProgramId"):
        world.send(swap(seal(net), addresses.SPL_TOKEN, program), signers=[net.authority])
    world.send(seal(net), signers=[net.authority])
    net.staking().rewards()
    who = net.beneficiary.pubkey()
    world.tokens(who)
    for instruction in (advance(), claim_vesting(world, 0, who)):
        with pytest.raises(ProgramFailed, match="IncorrectProgramId"):
            world.send(swap(instruction, addresses.SPL_TOKEN, program))


# --- the destination ------------------------------------------------------------------------------


@pytest.mark.accident("destination account missing or reassigned")
def test_a_missing_destination_takes_nothing_and_is_made_in_the_same_transaction(
    world: World, net: Network
) -> None:
    net.started()
    who = net.beneficiary.pubkey()
    with pytest.raises(ProgramFailed):
        world.send(claim_vesting(world, 0, who))
    assert world.account(Bucket, addresses.bucket(0)).claimed == 0
    world.send(create_tokens(world.payer.pubkey(), who), claim_vesting(world, 0, who))
    assert world.balance(addresses.tokens(who)) == GENESIS


@pytest.mark.accident("destination account missing or reassigned")
def test_a_reassigned_destination_is_paid_all_the_same(world: World, net: Network) -> None:
    """Only its owner can give the account away; checking who has it now would let that hold up."""
    net.started()
    who = net.beneficiary.pubkey()
    target = world.tokens(who)
    world.send(set_owner(who, target, Pubkey.new_unique()), signers=[net.beneficiary])
    world.send(claim_vesting(world, 0, who))
    assert world.balance(target) == GENESIS


@pytest.mark.accident("destination account missing or reassigned")
def test_an_account_of_no_token_program_at_the_destination_is_refused(
    world: World, net: Network
) -> None:
    net.started()
    who = net.beneficiary.pubkey()
    real = world.svm.get_account(world.tokens(who))
    fake = Account(real.lamports, bytes(real.data), addresses.SYSTEM, False)
    world.svm.set_account(addresses.tokens(who), fake)
    with pytest.raises(ProgramFailed):
        world.send(claim_vesting(world, 0, who))
    assert world.account(Bucket, addresses.bucket(0)).claimed == 0


def test_a_bucket_is_not_replaced_by_one_sent_after_the_seal(world: World, net: Network) -> None:
    net.sealed()
    with pytest.raises(ProgramFailed, match="GenesisAlreadySealed"):
        world.send(
            allocate(net, index=1, amount=0, beneficiary=Pubkey.new_unique()),
            signers=[net.authority],
        )
