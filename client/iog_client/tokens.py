"""The IO token: supply and emission as the chain has them, balances, transfers, vesting."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer

from iog_client import addresses, amounts, schedule
from iog_client._generated.iog_token.accounts import Bucket, Config
from iog_client._generated.iog_token.instructions import vesting_claim
from iog_client.errors import InsufficientTokens, NotFound, Refused
from iog_client.rpc import Rpc
from iog_client.transactions import Sender, Sent, confirmed

GENESIS_SUPPLY = 500_000_000 * amounts.IO
MAX_BUCKETS = 8

_AMOUNT_OFFSET = 64
_SUPPLY_OFFSET = 36
_CREATE_IDEMPOTENT = b"\1"
_TRANSFER_CHECKED = 12


@dataclass(frozen=True, slots=True)
class Supply:
    """What the chain says of the token. Amounts are base units; `start` 0 means not started.

    `hour` counts the hours that have ended; `minted` is what was minted of the emission, to the
    vault of rewards and the backers' pool.
    """

    supply: int
    minted: int
    to_rewards: int
    to_pool: int
    start: int
    hour: int
    hour_length: int


@dataclass(frozen=True, slots=True)
class Holding:
    """A wallet's IO (base units) and SOL (lamports)."""

    wallet: Pubkey
    io: int
    lamports: int


async def config(rpc: Rpc) -> Config:
    """The token's configuration. Raises `NotFound` on a chain without a network."""
    account = await rpc.account(addresses.token_config())
    if account is None or account.owner != addresses.TOKEN:
        raise NotFound("there is no network on this chain; `iog network init` creates one")
    return Config.decode(account.data)


async def supply(rpc: Rpc) -> Supply:
    """Supply, minted emission and the number of the last hour that ended."""
    settings = await config(rpc)
    mint = await rpc.account(addresses.mint())
    now = await rpc.chain_time()
    return Supply(
        supply=0 if mint is None else _u64(mint.data, _SUPPLY_OFFSET),
        minted=settings.minted,
        to_rewards=settings.to_rewards,
        to_pool=settings.to_pool,
        start=settings.start,
        hour=schedule.hours_ended(settings.start, settings.hour_length, now),
        hour_length=settings.hour_length,
    )


async def buckets(rpc: Rpc) -> list[Bucket]:
    """The genesis buckets there are, in order."""
    found = await rpc.accounts([addresses.bucket(index) for index in range(MAX_BUCKETS)])
    return [Bucket.decode(account.data) for account in found if account is not None]


async def balance(rpc: Rpc, wallet: Pubkey) -> int:
    """IO of a wallet in base units; 0 when it never held any."""
    return (await holdings(rpc, [wallet]))[0].io


async def holdings(rpc: Rpc, wallets: Sequence[Pubkey]) -> list[Holding]:
    """IO and SOL of several wallets, in the order given."""
    asked = [address for wallet in wallets for address in (wallet, addresses.tokens(wallet))]
    found = await rpc.accounts(asked)
    result = []
    for place, wallet in enumerate(wallets):
        own, tokens = found[2 * place], found[2 * place + 1]
        io = 0 if tokens is None else _u64(tokens.data, _AMOUNT_OFFSET)
        result.append(Holding(wallet, io, 0 if own is None else own.lamports))
    return result


async def amounts_at(rpc: Rpc, accounts: Sequence[Pubkey]) -> list[int]:
    """Base units in these token accounts, in the order given; 0 in one that is not there."""
    found = await rpc.accounts(accounts)
    return [0 if one is None else _u64(one.data, _AMOUNT_OFFSET) for one in found]


def create_tokens(payer: Pubkey, wallet: Pubkey) -> Instruction:
    """Make a wallet's token account for IO; does nothing when it exists."""
    metas = [
        AccountMeta(payer, is_signer=True, is_writable=True),
        AccountMeta(addresses.tokens(wallet), is_signer=False, is_writable=True),
        AccountMeta(wallet, is_signer=False, is_writable=False),
        AccountMeta(addresses.mint(), is_signer=False, is_writable=False),
        AccountMeta(addresses.SYSTEM, is_signer=False, is_writable=False),
        AccountMeta(addresses.SPL_TOKEN, is_signer=False, is_writable=False),
    ]
    return Instruction(addresses.ATA_PROGRAM, _CREATE_IDEMPOTENT, metas)


async def create_missing(rpc: Rpc, payer: Pubkey, wallets: Sequence[Pubkey]) -> list[Instruction]:
    """Make the token accounts for IO that wallets lack.

    One that exists is left alone: `create_tokens` fails on an account whose owner gave it to
    another authority, though it can be paid into like any other.
    """
    found = await rpc.accounts([addresses.tokens(wallet) for wallet in wallets])
    return [
        create_tokens(payer, wallet)
        for wallet, account in zip(wallets, found, strict=True)
        if account is None or account.owner != addresses.SPL_TOKEN
    ]


def transfer_tokens(owner: Pubkey, to: Pubkey, amount: int) -> Instruction:
    """Move IO (base units) between the token accounts of two wallets."""
    metas = [
        AccountMeta(addresses.tokens(owner), is_signer=False, is_writable=True),
        AccountMeta(addresses.mint(), is_signer=False, is_writable=False),
        AccountMeta(addresses.tokens(to), is_signer=False, is_writable=True),
        AccountMeta(owner, is_signer=True, is_writable=False),
    ]
    data = struct.pack("<BQB", _TRANSFER_CHECKED, amount, amounts.DECIMALS)
    return Instruction(addresses.SPL_TOKEN, data, metas)


async def send_io(sender: Sender, owner: Keypair, to: Pubkey, amount: int) -> Sent:
    """Pay IO (base units), making the receiver's token account where it is missing.

    Raises `Refused` for nothing, `InsufficientTokens` saying what is held.
    """
    _positive(amount)
    held = await balance(sender.rpc, owner.pubkey())
    if held < amount:
        raise InsufficientTokens(
            None,
            message=f"{owner.pubkey()} holds {amounts.format_amount(held)}, "
            f"less than {amounts.format_amount(amount)}",
        )
    created = await create_missing(sender.rpc, sender.payer.pubkey(), [to])
    instructions = [*created, transfer_tokens(owner.pubkey(), to, amount)]
    return await sender.send(instructions, signers=[owner])


async def send_sol(sender: Sender, to: Pubkey, lamports: int) -> Sent:
    """Pay SOL from the sender's own account."""
    _positive(lamports)
    payer = sender.payer.pubkey()
    params = TransferParams(from_pubkey=payer, to_pubkey=to, lamports=lamports)
    return await sender.send([transfer(params)])


async def airdrop_sol(rpc: Rpc, to: Pubkey, lamports: int) -> None:
    """SOL from the chain's faucet. Raises `NotAllowed` where there is none."""
    _positive(lamports)
    await confirmed(rpc, await rpc.airdrop(to, lamports))


async def vesting_instructions(rpc: Rpc, payer: Pubkey, bucket: Bucket) -> list[Instruction]:
    """Pay a bucket's beneficiary what is due, making its token account where it is missing."""
    created = await create_missing(rpc, payer, [bucket.beneficiary])
    claim = vesting_claim(
        {
            "payer": payer,
            "config": addresses.token_config(),
            "bucket": addresses.bucket(bucket.index),
            "vesting_vault": addresses.vesting_vault(),
            "destination": addresses.tokens(bucket.beneficiary),
        }
    )
    return [*created, claim]


def due(bucket: Bucket, settings: Config, now: int) -> int:
    """Base units of a bucket that may be claimed at `now` and were not.

    With m whole months since the start: L + (amount - L) * clamp(m - cliff, 0, linear) / linear,
    where L is the part at launch, due from the seal of the genesis on; without a linear part all of
    the rest falls due at the cliff.
    """
    if not settings.sealed:
        return 0
    launch = bucket.amount * bucket.launch_bps // amounts.BPS
    if settings.start == 0 or now < settings.start:
        return launch - bucket.claimed
    months = (now - settings.start) // settings.hour_length // schedule.HOURS_PER_MONTH
    passed = months - bucket.cliff_months
    if passed < 0:
        vested = 0
    elif passed >= bucket.linear_months:
        vested = bucket.amount - launch
    else:
        vested = (bucket.amount - launch) * passed // bucket.linear_months
    return launch + vested - bucket.claimed


async def faucet_io(rpc: Rpc, faucet: Keypair, to: Pubkey, amount: int) -> Sent:
    """IO from a local network's faucet: the beneficiary of one of its genesis buckets.

    What is due of that bucket is claimed first when the faucet holds too little.
    """
    _positive(amount)
    sender = Sender(rpc, faucet)
    if await balance(rpc, faucet.pubkey()) < amount:
        await _claim_all(sender, await config(rpc))
    return await send_io(sender, faucet, to, amount)


async def _claim_all(sender: Sender, settings: Config) -> None:
    now = await sender.rpc.chain_time()
    for bucket in await buckets(sender.rpc):
        mine = bucket.beneficiary == sender.payer.pubkey()
        if mine and due(bucket, settings, now) > 0:
            payer = sender.payer.pubkey()
            await sender.send(await vesting_instructions(sender.rpc, payer, bucket))


def _positive(amount: int) -> None:
    if amount <= 0:
        raise Refused("nothing to send: the amount is zero")


def _u64(data: bytes, offset: int) -> int:
    return int(struct.unpack_from("<Q", data, offset)[0])
