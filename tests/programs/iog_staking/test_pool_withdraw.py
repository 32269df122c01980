from iog_client import addresses
from iog_client._generated.iog_staking.events import PoolWithdrawn
from pool_world import FUNDS, LEAST, UNBONDING, Pool
from registry_world import copy, refused
from world import swap


def test_anyone_sends_what_has_unbonded_to_its_wallet(pool: Pool) -> None:
    key = pool.backed(3 * LEAST)
    pool.unstake(key, 2 * LEAST)
    pool.world.now += UNBONDING
    assert pool.withdraw(key) == [
        PoolWithdrawn(wallet=key.pubkey(), amount=2 * LEAST, pool_unbonding=0)
    ]
    backer = pool.read_backer(key)
    assert (backer.staked, backer.unbonding, backer.unbonding_until) == (LEAST, 0, 0)
    assert pool.read().pool_unbonding == 0
    assert pool.tokens(key) == FUNDS - LEAST
    assert pool.world.balance(addresses.stake_vault()) == LEAST


def test_a_second_before_the_end_it_is_refused(pool: Pool) -> None:
    key = pool.backed()
    pool.unstake(key, LEAST)
    pool.world.now += UNBONDING - 1
    with refused("UnbondingRuns"):
        pool.withdraw(key)
    pool.world.now += 1
    pool.withdraw(key)


def test_neither_a_pause_nor_the_emission_holds_it_back(pool: Pool) -> None:
    key = pool.backed()
    pool.unstake(key, LEAST)
    pool.pause()
    pool.world.now += UNBONDING  # 336 hours that nobody has advanced
    pool.withdraw(key)
    assert pool.tokens(key) == FUNDS


def test_nothing_unbonding_and_a_second_withdrawal_are_refused(pool: Pool) -> None:
    key = pool.backed()
    with refused("NothingUnbonding"):
        pool.withdraw(key)
    pool.unstake(key, LEAST)
    pool.world.now += UNBONDING
    pool.withdraw(key)
    with refused("NothingUnbonding"):
        pool.withdraw(key)


def test_other_tokens_of_the_wallet_or_of_others_are_refused(pool: Pool) -> None:
    key, other = pool.backed(), pool.backed()
    pool.unstake(key, LEAST)
    pool.world.now += UNBONDING
    mine, theirs = addresses.tokens(key.pubkey()), addresses.tokens(other.pubkey())
    for tokens in (theirs, copy(pool.world, mine), addresses.pool_vault()):
        with refused("DestinationMismatch"):
            pool.world.send(swap(pool.pool_withdraw(key.pubkey()), mine, tokens))


def test_foreign_accounts_are_refused(pool: Pool) -> None:
    key, world = pool.backed(), pool.world
    pool.unstake(key, LEAST)
    pool.world.now += UNBONDING
    backer, config = addresses.backer(key.pubkey()), addresses.staking_config()
    wrong = {
        config: (copy(world, config), "InvalidSeeds"),
        backer: (copy(world, backer, owner=addresses.JOBS), "IllegalOwner"),
        addresses.stake_vault(): (addresses.pool_vault(), "VaultMismatch"),
        addresses.SPL_TOKEN: (addresses.SYSTEM, "IncorrectProgramId"),
    }
    for right, (other, name) in wrong.items():
        with refused(name):
            world.send(swap(pool.pool_withdraw(key.pubkey()), right, other))
