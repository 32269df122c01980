"""The backers' pool: anybody stakes IO and shares the pool's part of the emission by stake.

The same integers as iog_staking: what the emission has brought is released at the first transaction
after an hour has ended, at most twice what is new at a time, and nothing while less than 1,000 IO
are staked. Stake that leaves unbonds for 14 days (scaled to the hour's length), earning nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, funds, records, schedule, stakes, tokens
from iog_client._generated.iog_staking.accounts import Backer, Config
from iog_client._generated.iog_staking.instructions.pool_advance import pool_advance
from iog_client._generated.iog_staking.instructions.pool_claim import pool_claim
from iog_client._generated.iog_staking.instructions.pool_stake import pool_stake
from iog_client._generated.iog_staking.instructions.pool_unstake import pool_unstake
from iog_client._generated.iog_staking.instructions.pool_withdraw import pool_withdraw
from iog_client._generated.iog_token.instructions.emission_advance import emission_advance
from iog_client.amounts import IO, format_amount
from iog_client.errors import Refused, UsageError
from iog_client.rpc import Rpc
from iog_client.times import Now
from iog_client.transactions import Sender, Sent

LEAST = 1_000 * IO
"""While less is staked nothing is released."""
UNBONDING = 14 * 86_400
"""How long stake unbonds, seconds before scaling."""
_ONE = 2**64


@dataclass(frozen=True, slots=True)
class Pool:
    """The pool as the chain has it. Amounts are base units.

    `released` is what went to its backers by the end of `hour`; `waiting` what the emission has
    brought by now and is not released yet, `due` what of it the next transaction releases.
    """

    pool_total: int
    pool_unbonding: int
    released: int
    waiting: int
    due: int
    hour: int
    backers: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A backer's part. `claimable` is what a claim now would pay, in base units."""

    wallet: Pubkey
    staked: int
    claimable: int
    unbonding: int
    unbonding_until: int


def release(available: int, new: int, staked: int) -> int:
    """What the pool releases when the emission has brought `new` since the last time and
    `available` is not released yet."""
    return min(available, 2 * new) if staked >= LEAST else 0


def earned(staked: int, growth: int, fraction: int = 0) -> int:
    """What `staked` earned while the reward of a base unit grew by `growth` (64.64 fixed point),
    on top of a fraction from before, in 2^-64 of a base unit."""
    return (staked * growth + fraction) // _ONE


def due(settings: Config, now: Now) -> tuple[int, int]:
    """What the emission has brought to the pool and is not released by now, and what of that the
    next transaction releases."""
    token = now.token
    ended = schedule.hours_ended(token.start, token.hour_length, now.at)
    _, to_pool = schedule.split(
        ended,
        token.pool_bps,
        split_from_hour=token.split_from_hour,
        pool_base=token.pool_base,
        next_split_hour=token.next_split_hour,
        next_pool_bps=token.next_pool_bps,
    )
    waiting = to_pool - settings.pool_released
    if ended == settings.pool_hour:
        return waiting, 0
    return waiting, release(waiting, to_pool - settings.pool_seen, settings.pool_total)


def standing(backer: Backer, settings: Config, now: Now) -> Standing:
    """A backer's part now, with what the next transaction would release."""
    per_share = int.from_bytes(bytes(settings.pool_per_share), "little")
    if coming := due(settings, now)[1]:
        per_share += coming * _ONE // settings.pool_total
    growth = per_share - int.from_bytes(bytes(backer.per_share), "little")
    return Standing(
        wallet=backer.wallet,
        staked=backer.staked,
        claimable=backer.unclaimed + earned(backer.staked, growth, backer.fraction),
        unbonding=backer.unbonding,
        unbonding_until=backer.unbonding_until,
    )


async def read(rpc: Rpc) -> Pool:
    """The pool as it is now. Raises `NotFound` on a chain without a network."""
    settings, now = await stakes.config(rpc), await Now.read(rpc)
    waiting, coming = due(settings, now)
    backers = await records.search(rpc, addresses.STAKING, Backer)
    return Pool(
        pool_total=settings.pool_total,
        pool_unbonding=settings.pool_unbonding,
        released=settings.pool_released,
        waiting=waiting,
        due=coming,
        hour=settings.pool_hour,
        backers=sum(1 for _, one in backers if one.staked),
    )


async def get(rpc: Rpc, wallet: Pubkey) -> Standing:
    """A wallet's part of the pool now. Raises `NotFound` when it never had any."""
    backer = await _backer(rpc, wallet)
    return standing(backer, await stakes.config(rpc), await Now.read(rpc))


async def stake(sender: Sender, wallet: Keypair, amount: int) -> Sent:
    """Stake `amount` base units in the pool.

    Raises:
        UsageError: the amount is 0.
        Refused: the wallet holds too little, or staking is paused.
    """
    _require_positive(amount)
    await stakes.require_open(sender.rpc)
    key = wallet.pubkey()
    await funds.require(sender.rpc, key, amount, "the stake")
    wanted = pool_stake(
        {"amount": amount},
        {
            "wallet": key,
            "config": addresses.staking_config(),
            "backer": addresses.backer(key),
            "wallet_tokens": addresses.tokens(key),
            "stake_vault": addresses.stake_vault(),
            "token_config": addresses.token_config(),
        },
    )
    return await sender.send([emission(), wanted], signers=[wallet])


async def unstakable(rpc: Rpc, wallet: Pubkey, amount: int | None) -> int:
    """What `unstake` would send on its way out: `amount`, or all that is staked.

    Raises:
        NotFound: the wallet never had a part of the pool.
        UsageError: the amount is 0.
        Refused: less is staked.
    """
    backer = await _backer(rpc, wallet)
    if amount is not None:
        _require_positive(amount)
    if not backer.staked or (amount or 0) > backer.staked:
        unbonding = f"; {format_amount(backer.unbonding)} unbond" if backer.unbonding else ""
        raise Refused(f"{wallet} has {format_amount(backer.staked)} in the pool{unbonding}")
    return backer.staked if amount is None else amount


async def unstake(sender: Sender, wallet: Keypair, amount: int | None) -> Sent:
    """Send stake on its way out of the pool. What unbonds already goes on with it, to the new end.

    Raises what `unstakable` does.
    """
    amount = await unstakable(sender.rpc, wallet.pubkey(), amount)
    wanted = pool_unstake(
        {"amount": amount},
        {
            "wallet": wallet.pubkey(),
            "config": addresses.staking_config(),
            "backer": addresses.backer(wallet.pubkey()),
            "token_config": addresses.token_config(),
        },
    )
    return await sender.send([emission(), wanted], signers=[wallet])


async def withdraw(sender: Sender, wallet: Pubkey) -> Sent:
    """Pay a backer what has unbonded. Anyone may.

    Raises:
        NotFound: the wallet never had a part of the pool.
        Refused: nothing unbonds, or it does still.
    """
    backer = await _backer(sender.rpc, wallet)
    if not backer.unbonding:
        raise Refused(f"nothing of {wallet} unbonds: {format_amount(backer.staked)} are staked")
    now = await Now.read(sender.rpc)
    if now.at < backer.unbonding_until:
        raise Refused(
            f"{format_amount(backer.unbonding)} of {wallet} unbond until "
            f"{now.moment(backer.unbonding_until)}"
        )
    created = await tokens.create_missing(sender.rpc, sender.payer.pubkey(), [wallet])
    paid = pool_withdraw(
        {
            "config": addresses.staking_config(),
            "backer": addresses.backer(wallet),
            "stake_vault": addresses.stake_vault(),
            "wallet_tokens": addresses.tokens(wallet),
        }
    )
    return await sender.send([*created, paid])


async def claim(sender: Sender, wallet: Pubkey) -> Sent:
    """Pay a backer all that it has earned by the end of the last hour. Anyone may.

    Raises:
        NotFound: the wallet never had a part of the pool.
        Refused: nothing is due.
    """
    found = await get(sender.rpc, wallet)
    if not found.claimable:
        raise Refused(f"nothing is due to {wallet}, which has {format_amount(found.staked)} staked")
    created = await tokens.create_missing(sender.rpc, sender.payer.pubkey(), [wallet])
    paid = pool_claim(
        {
            "config": addresses.staking_config(),
            "backer": addresses.backer(wallet),
            "pool_vault": addresses.pool_vault(),
            "wallet_tokens": addresses.tokens(wallet),
            "token_config": addresses.token_config(),
        }
    )
    return await sender.send([*created, emission(), paid])


async def advance(sender: Sender) -> Sent:
    """Bring emission and pool to the last hour that has ended. Anyone may.

    Raises `Refused` when they are there.
    """
    settings, now = await stakes.config(sender.rpc), await Now.read(sender.rpc)
    token = now.token
    ended = schedule.hours_ended(token.start, token.hour_length, now.at)
    if settings.pool_hour == ended == token.advanced_hour:
        raise Refused(f"the pool is at hour {ended}, the last that has ended")
    wanted = pool_advance(
        {"config": addresses.staking_config(), "token_config": addresses.token_config()}
    )
    return await sender.send([emission(), wanted])


def emission() -> Instruction:
    """Mints what the emission is behind by, without which the pool releases nothing; a second one
    in the same hour changes nothing."""
    return emission_advance(
        {
            "config": addresses.token_config(),
            "mint": addresses.mint(),
            "rewards_vault": addresses.rewards_vault(),
            "pool_vault": addresses.pool_vault(),
        }
    )


async def _backer(rpc: Rpc, wallet: Pubkey) -> Backer:
    return await records.get(
        rpc,
        Backer,
        addresses.backer(wallet),
        f"{wallet} never had a part of the pool; `iog pool stake` stakes in it",
    )


def _require_positive(amount: int) -> None:
    if amount < 1:
        raise UsageError("an amount of 0 IO is not accepted; more than 0 IO is")
