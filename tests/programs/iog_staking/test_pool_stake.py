import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.events import PoolAdvanced, PoolStaked
from pool_world import FUNDS, LEAST, Pool, number, per_share, share, to_pool
from registry_world import copy, refused
from stages import IO
from world import swap, unsigned


def test_stake_moves_into_the_vault_and_is_counted(pool: Pool) -> None:
    key = pool.wallet()
    seen = pool.stake(key, 7 * IO)
    backer, config = pool.read_backer(key), pool.read()
    assert seen == [
        PoolStaked(
            wallet=key.pubkey(), amount=7 * IO, staked=7 * IO, unclaimed=0, pool_total=7 * IO
        )
    ]
    assert (backer.wallet, backer.staked, backer.unclaimed) == (key.pubkey(), 7 * IO, 0)
    assert (backer.unbonding, backer.unbonding_until) == (0, 0)
    assert (config.pool_total, config.total_staked) == (7 * IO, 0)
    assert pool.world.balance(addresses.stake_vault()) == 7 * IO
    assert pool.tokens(key) == FUNDS - 7 * IO


def test_more_stake_credits_what_the_old_one_earned(pool: Pool) -> None:
    key = pool.backed(LEAST)
    pool.hours()
    seen = pool.stake(key, 2 * LEAST)
    moved = per_share(to_pool(1), LEAST)
    assert seen == [
        PoolAdvanced(
            hour=1,
            released=to_pool(1),
            pool_released=to_pool(1),
            pool_seen=to_pool(1),
            pool_total=LEAST,
            per_share=moved.to_bytes(16, "little"),
        ),
        PoolStaked(
            wallet=key.pubkey(),
            amount=2 * LEAST,
            staked=3 * LEAST,
            unclaimed=LEAST * moved >> 64,
            pool_total=3 * LEAST,
        ),
    ]
    assert number(pool.read_backer(key).per_share) == moved
    pool.hours()
    pool.stake(key, 1)
    more = per_share(to_pool(2) - to_pool(1), 3 * LEAST)
    earned = LEAST * moved + 3 * LEAST * more >> 64
    assert pool.read_backer(key).unclaimed == earned


@pytest.mark.accident("flash stake")
def test_stake_that_comes_and_goes_within_the_hour_earns_nothing(pool: Pool) -> None:
    first = pool.backed(LEAST)
    pool.hours()
    flash = pool.wallet()
    pool.world.send(
        pool.pool_stake(flash.pubkey(), 100 * LEAST),
        pool.pool_unstake(flash.pubkey(), 100 * LEAST),
        signers=[flash],
    )
    assert pool.read_backer(flash).unclaimed == 0
    with refused("NothingDue"):
        pool.claim(flash)
    pool.claim(first)
    assert pool.tokens(first) == FUNDS - LEAST + to_pool(1) - 1  # the floor of the share


@pytest.mark.accident("backlog taken by whoever comes first")
def test_hours_before_the_stake_are_not_the_newcomer_s(pool: Pool) -> None:
    first = pool.backed(LEAST)
    pool.hours(10)
    newcomer = pool.backed(9 * LEAST)
    assert (pool.claimable(first), pool.claimable(newcomer)) == (to_pool(10) - 1, 0)
    pool.hours()
    pool.advance()
    hour = to_pool(11) - to_pool(10)
    assert pool.claimable(newcomer) == hour * 9 // 10
    assert pool.claimable(first) == to_pool(10) + hour // 10


@pytest.mark.accident("first depositor")
def test_a_donation_before_the_first_stake_changes_nobody_s_share(pool: Pool) -> None:
    for vault in (addresses.stake_vault(), addresses.pool_vault()):
        pool.donate(vault, 1_000_003)
    first, second = pool.backed(LEAST), pool.backed(LEAST)
    pool.hours()
    pool.advance()
    half = share(LEAST, 2 * LEAST, to_pool(1))
    assert pool.claimable(first) == pool.claimable(second) == half
    assert pool.read().pool_total == 2 * LEAST


def test_emission_that_is_not_advanced_is_refused(pool: Pool) -> None:
    key = pool.wallet()
    pool.net.pass_hours()
    with refused("PoolEmissionBehind"):
        pool.stake(key, LEAST)
    pool.world.now -= 1  # the hour has not ended
    pool.stake(key, LEAST)


def test_nothing_is_refused(pool: Pool) -> None:
    with refused("AmountZero"):
        pool.stake(pool.wallet(), 0)


def test_more_than_the_wallet_has_is_refused_and_leaves_no_trace(pool: Pool) -> None:
    key = pool.wallet()
    with refused("1"):  # the token program's InsufficientFunds
        pool.stake(key, FUNDS + 1)
    assert pool.read().pool_total == 0
    assert not pool.world.exists(addresses.backer(key.pubkey()))


def test_a_pause_refuses_stake(pool: Pool) -> None:
    key = pool.wallet()
    pool.pause()
    with refused("StakingPaused"):
        pool.stake(key, LEAST)


def test_another_s_backer_tokens_and_signature_are_refused(pool: Pool) -> None:
    key, other = pool.backed(), pool.backed()
    call, mine = pool.pool_stake(key.pubkey(), 1), key.pubkey()
    with refused("MissingRequiredSignature"):
        pool.world.send(unsigned(call, mine))
    with refused("InvalidSeeds"):
        pool.world.send(swap(call, mine, other.pubkey()), signers=[other])
    with refused("InvalidSeeds"):
        theirs = addresses.backer(other.pubkey())
        pool.world.send(swap(call, addresses.backer(mine), theirs), signers=[key])
    with refused("4"):  # the token program's OwnerMismatch
        theirs = addresses.tokens(other.pubkey())
        pool.world.send(swap(call, addresses.tokens(mine), theirs), signers=[key])


@pytest.mark.accident("reordered accounts from another pool")
def test_foreign_accounts_are_refused(pool: Pool) -> None:
    key, world = pool.backed(), pool.world
    wrong = {
        addresses.staking_config(): (copy(world, addresses.staking_config()), "InvalidSeeds"),
        addresses.token_config(): (copy(world, addresses.staking_config()), "IllegalOwner"),
        addresses.stake_vault(): (addresses.pool_vault(), "VaultMismatch"),
        addresses.SPL_TOKEN: (addresses.SYSTEM, "IncorrectProgramId"),
    }
    for right, (other, name) in wrong.items():
        with refused(name):
            call = swap(pool.pool_stake(key.pubkey(), 1), right, other)
            world.send(call, signers=[key])
