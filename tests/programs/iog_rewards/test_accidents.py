"""Accidents of other programs that cannot happen to iog_rewards."""

from hashlib import sha256

import pytest
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.accounts import Recipient
from iog_client.merkle import leaf, parent
from rewards_calls import distributor
from stages import Network, advance, initialize_rewards
from trees import DELAY, Hour, claim, propose, publish
from world import ProgramFailed, World, create_tokens, program_key, set_owner, swap

TOKEN_2022 = Pubkey.from_string("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")


@pytest.fixture
def wallets(net: Network) -> list[Pubkey]:
    """Four wallets with token accounts, on a network whose first four hours are minted."""
    net.running()
    net.pass_hours(4)
    net.world.send(advance())
    made = sorted((Pubkey.new_unique() for _ in range(4)), key=bytes)
    for wallet in made:
        net.world.tokens(wallet)
    return made


def hour_of(wallets: list[Pubkey], epoch: int = 1) -> Hour:
    return Hour(epoch, {wallet: 100 * epoch for wallet in wallets})


# --- second preimage ------------------------------------------------------------------------------


@pytest.mark.accident("second preimage")
def test_an_inner_node_does_not_pass_for_a_leaf(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    """Its children's bytes as wallet and amount, with the proof from that node up."""
    hour = hour_of(wallets)
    publish(net, hour)
    low, high = sorted(leaf(addresses.distributor(), wallet, 100) for wallet in wallets[:2])
    thief = Pubkey.from_bytes(low)
    proof = hour.tree.proof(wallets[0])[1:]
    for amount in (high[:8], high[24:], high[:8][::-1]):
        stolen = claim(world, hour, thief, cumulative=int.from_bytes(amount, "little"), proof=proof)
        with pytest.raises(ProgramFailed, match="WrongProof"):
            world.send(stolen)


@pytest.mark.accident("second preimage")
def test_a_leaf_hashed_without_its_tag_or_once_does_not_pass(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    """A root that was built by other rules pays nobody."""
    [wallet, *_] = wallets
    body = b"iog-reward-v1" + bytes(addresses.distributor()) + bytes(wallet)
    once = sha256(body + (100).to_bytes(8, "little")).digest()
    for epoch, node in enumerate([once, sha256(once).digest(), sha256(b"\x01" + once).digest()], 1):
        root = parent(node, bytes(32))
        hour = Hour(epoch, {wallet: 100})
        world.send(propose(net, hour, root=root), signers=[net.oracles[0]])
        world.now += DELAY
        with pytest.raises(ProgramFailed, match="WrongProof"):
            world.send(claim(world, hour, wallet, expected_root=root, proof=[bytes(32)]))


@pytest.mark.accident("second preimage")
def test_a_leaf_of_another_distributor_does_not_pass(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    [wallet, *_] = wallets
    foreign = leaf(Pubkey.new_unique(), wallet, 100)
    hour = Hour(1, {wallet: 100})
    world.send(propose(net, hour, root=foreign), signers=[net.oracles[0]])
    world.now += DELAY
    with pytest.raises(ProgramFailed, match="WrongProof"):
        world.send(claim(world, hour, wallet, expected_root=foreign, proof=[]))


# --- roots that are wrong -------------------------------------------------------------------------


@pytest.mark.accident("leaf that falls while the total rises")
def test_a_leaf_that_falls_after_it_was_paid_holds_the_rest_within_the_total(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    first, second, *_ = wallets
    before = Hour(1, {first: 100, second: 0})
    publish(net, before)
    world.send(claim(world, before, first))
    fallen = Hour(2, {first: 40, second: 160})
    publish(net, fallen)
    with pytest.raises(ProgramFailed, match="NothingToClaim"):
        world.send(claim(world, fallen, first))
    with pytest.raises(ProgramFailed, match="TotalExceeded"):
        world.send(claim(world, fallen, second))
    mended = Hour(3, {first: 100, second: 160})
    publish(net, mended)
    world.send(claim(world, mended, second))
    assert (world.balance(addresses.tokens(second)), distributor(world).claimed) == (160, 260)


@pytest.mark.accident("leaf that falls while the total rises")
def test_a_leaf_that_falls_before_it_was_paid_pays_the_lower(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    first, second, *_ = wallets
    publish(net, Hour(1, {first: 100, second: 0}))
    fallen = Hour(2, {first: 40, second: 160})
    publish(net, fallen)
    for wallet, amount in fallen.given.items():
        world.send(claim(world, fallen, wallet))
        assert world.balance(addresses.tokens(wallet)) == amount


@pytest.mark.accident("epoch far in the future")
@pytest.mark.parametrize("epoch", [5, 175_200, 2**31, 2**32 - 1])
def test_an_epoch_far_in_the_future_cannot_block_the_next(
    world: World, net: Network, wallets: list[Pubkey], epoch: int
) -> None:
    with pytest.raises(ProgramFailed, match="EpochNotMinted"):
        world.send(propose(net, hour_of(wallets), epoch=epoch), signers=[net.oracles[0]])
    publish(net, hour_of(wallets))
    world.send(claim(world, hour_of(wallets), wallets[0]))
    assert distributor(world).epoch == 1


@pytest.mark.accident("missed cranks")
@pytest.mark.parametrize("missed", [1, 1_000])
def test_missed_roots_are_caught_up_by_the_next(
    world: World, net: Network, wallets: list[Pubkey], missed: int
) -> None:
    publish(net, hour_of(wallets))
    net.pass_hours(missed)
    world.send(advance())
    later = Hour(4 + missed, {wallet: 1_000 for wallet in wallets})
    publish(net, later)
    world.send(claim(world, later, wallets[0]))
    assert world.balance(addresses.tokens(wallets[0])) == 1_000


# --- initialize -----------------------------------------------------------------------------------


@pytest.mark.accident("initialize sent first by a stranger")
def test_a_stranger_cannot_initialise_before_the_runner(world: World, net: Network) -> None:
    net.initialized()
    stranger: Keypair = world.keypair()
    own = program_key("iog_rewards").pubkey()
    forged = swap(initialize_rewards(net), net.authority.pubkey(), stranger.pubkey())
    with pytest.raises(ProgramFailed, match="WrongProgramKey"):
        world.send(swap(forged, own, world.payer.pubkey()), signers=[stranger])
    net.rewards()
    assert distributor(world).authority == net.authority.pubkey()


@pytest.mark.accident("initialize sent first by a stranger")
def test_lamports_sent_ahead_to_the_accounts_stop_nobody(world: World, net: Network) -> None:
    wallet = Pubkey.new_unique()
    for address in [
        addresses.distributor(),
        addresses.rewards_vault(),
        addresses.recipient(wallet),
    ]:
        world.svm.airdrop(address, 10**6)
    net.running()
    net.pass_hours()
    world.send(advance())
    world.tokens(wallet)
    hour = Hour(1, {wallet: 5})
    publish(net, hour)
    world.send(claim(world, hour, wallet))
    assert world.account(Recipient, addresses.recipient(wallet)).claimed == 5


# --- another mint, another token program ----------------------------------------------------------


@pytest.mark.accident("mint substituted")
def test_a_token_account_of_another_mint_is_not_paid(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    hour, [wallet, *_] = hour_of(wallets), wallets
    publish(net, hour)
    mint = Pubkey.new_unique()
    world.svm.set_account(mint, world.svm.get_account(addresses.mint()))
    seeds = [bytes(wallet), bytes(addresses.SPL_TOKEN), bytes(mint)]
    other = Pubkey.find_program_address(seeds, addresses.ATA_PROGRAM)[0]
    world.svm.set_account(other, world.svm.get_account(addresses.tokens(wallet)))
    with pytest.raises(ProgramFailed, match="WrongDestination"):
        world.send(swap(claim(world, hour, wallet), addresses.tokens(wallet), other))


@pytest.mark.accident("wrong token program")
@pytest.mark.parametrize("program", [TOKEN_2022, addresses.SYSTEM, addresses.TOKEN])
def test_another_token_program_is_refused(
    world: World, net: Network, wallets: list[Pubkey], program: Pubkey
) -> None:
    hour = hour_of(wallets)
    publish(net, hour)
    with pytest.raises(ProgramFailed, match="IncorrectProgramId"):
        world.send(swap(claim(world, hour, wallets[0]), addresses.SPL_TOKEN, program))
    assert distributor(world).claimed == 0


@pytest.mark.accident("wrong token program")
def test_the_distributor_takes_no_other_token_program(world: World, net: Network) -> None:
    net.initialized()
    instruction = swap(initialize_rewards(net), addresses.SPL_TOKEN, TOKEN_2022)
    with pytest.raises(ProgramFailed, match="IncorrectProgramId"):
        world.send(instruction, signers=[program_key("iog_rewards"), net.authority])


# --- the destination ------------------------------------------------------------------------------


@pytest.mark.accident("destination account missing or reassigned")
def test_a_missing_destination_takes_nothing(world: World, net: Network) -> None:
    net.running()
    net.pass_hours()
    world.send(advance())
    wallet = Pubkey.new_unique()
    hour = Hour(1, {wallet: 7})
    publish(net, hour)
    with pytest.raises(ProgramFailed):
        world.send(claim(world, hour, wallet))
    assert not world.exists(addresses.recipient(wallet))
    assert distributor(world).claimed == 0
    world.send(create_tokens(world.payer.pubkey(), wallet), claim(world, hour, wallet))
    assert world.balance(addresses.tokens(wallet)) == 7


@pytest.mark.accident("destination account missing or reassigned")
def test_a_reassigned_destination_is_paid_all_the_same(world: World, net: Network) -> None:
    """Only its owner can give the account away; checking who has it now would let that hold up."""
    net.running()
    net.pass_hours()
    world.send(advance())
    owner = world.keypair()
    target = world.tokens(owner.pubkey())
    world.send(set_owner(owner.pubkey(), target, Pubkey.new_unique()), signers=[owner])
    hour = Hour(1, {owner.pubkey(): 7})
    publish(net, hour)
    world.send(claim(world, hour, owner.pubkey()))
    assert world.balance(target) == 7


@pytest.mark.accident("destination account missing or reassigned")
def test_an_account_of_no_token_program_at_the_destination_is_refused(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    hour, [wallet, *_] = hour_of(wallets), wallets
    publish(net, hour)
    real = world.svm.get_account(addresses.tokens(wallet))
    fake = Account(real.lamports, bytes(real.data), addresses.SYSTEM, False)
    world.svm.set_account(addresses.tokens(wallet), fake)
    with pytest.raises(ProgramFailed):
        world.send(claim(world, hour, wallet))
    assert distributor(world).claimed == 0
