"""Where everything lives on chain: program ids, and the derived addresses of their accounts."""

from __future__ import annotations

from functools import cache

from solders.pubkey import Pubkey

from iog_client._generated.iog_jobs.program_id import PROGRAM_ID as _JOBS
from iog_client._generated.iog_rewards.program_id import PROGRAM_ID as _REWARDS
from iog_client._generated.iog_staking.program_id import PROGRAM_ID as _STAKING
from iog_client._generated.iog_token.program_id import PROGRAM_ID as _TOKEN
from iog_client.errors import UsageError

TOKEN: Pubkey = _TOKEN
STAKING: Pubkey = _STAKING
REWARDS: Pubkey = _REWARDS
JOBS: Pubkey = _JOBS

PROGRAMS: dict[str, Pubkey] = {
    "iog_token": TOKEN,
    "iog_staking": STAKING,
    "iog_rewards": REWARDS,
    "iog_jobs": JOBS,
}
"""In the order in which they depend on each other."""

SYSTEM = Pubkey.from_string("11111111111111111111111111111111")
SPL_TOKEN = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
ATA_PROGRAM = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
INSTRUCTIONS_SYSVAR = Pubkey.from_string("Sysvar1nstructions1111111111111111111111111")
COMPUTE_BUDGET = Pubkey.from_string("ComputeBudget111111111111111111111111111111")
ED25519 = Pubkey.from_string("Ed25519SigVerify111111111111111111111111111")

SLUG_BYTES = 16


def parse(text: str, what: str = "address") -> Pubkey:
    """A base58 address. Raises `UsageError` naming what it was meant to be."""
    try:
        return Pubkey.from_string(text.strip())
    except ValueError:
        shown = text if len(text) <= 60 else text[:60] + "…"
        raise UsageError(f"`{shown}` is not an {what}: one is 32 bytes in base58") from None


def slug_bytes(slug: str) -> bytes:
    """A class's slug as programs keep it: 16 bytes, zero padded. Raises `UsageError`."""
    allowed = slug.isascii() and slug.replace("-", "").isalnum() and slug == slug.lower()
    if not allowed or len(slug) > SLUG_BYTES:
        raise UsageError(
            f"`{slug[:60]}` is not a class: a slug is at most {SLUG_BYTES} of a-z, 0-9 and -"
        )
    return slug.encode().ljust(SLUG_BYTES, b"\0")


@cache
def token_config() -> Pubkey:
    return _derived(TOKEN, b"config")


@cache
def mint() -> Pubkey:
    return _derived(TOKEN, b"mint")


@cache
def vesting_vault() -> Pubkey:
    return _derived(TOKEN, b"vesting")


@cache
def bucket(index: int) -> Pubkey:
    return _derived(TOKEN, b"bucket", bytes([index]))


@cache
def staking_config() -> Pubkey:
    return _derived(STAKING, b"config")


@cache
def stake_vault() -> Pubkey:
    return _derived(STAKING, b"stake_vault")


@cache
def pool_vault() -> Pubkey:
    return _derived(STAKING, b"pool_vault")


@cache
def class_address(slug: str) -> Pubkey:
    return _derived(STAKING, b"class", slug_bytes(slug))


@cache
def node(device: Pubkey) -> Pubkey:
    return _derived(STAKING, b"node", bytes(device))


@cache
def owner_record(wallet: Pubkey) -> Pubkey:
    """What an owner has on all its nodes together."""
    return _derived(STAKING, b"owner", bytes(wallet))


@cache
def backer(wallet: Pubkey) -> Pubkey:
    """A wallet's part of the backers' pool."""
    return _derived(STAKING, b"backer", bytes(wallet))


@cache
def slash_case(node_address: Pubkey, evidence_hash: bytes) -> Pubkey:
    return _derived(STAKING, b"case", bytes(node_address), evidence_hash)


@cache
def distributor() -> Pubkey:
    return _derived(REWARDS, b"distributor")


@cache
def rewards_vault() -> Pubkey:
    return _derived(REWARDS, b"vault")


@cache
def recipient(wallet: Pubkey) -> Pubkey:
    return _derived(REWARDS, b"recipient", bytes(wallet))


@cache
def jobs_config() -> Pubkey:
    return _derived(JOBS, b"config")


@cache
def fee_vault() -> Pubkey:
    return _derived(JOBS, b"fees")


@cache
def client(wallet: Pubkey) -> Pubkey:
    return _derived(JOBS, b"client", bytes(wallet))


@cache
def job(wallet: Pubkey, number: int) -> Pubkey:
    return _derived(JOBS, b"job", bytes(wallet), number.to_bytes(8, "little"))


@cache
def job_vault(job_address: Pubkey) -> Pubkey:
    return _derived(JOBS, b"vault", bytes(job_address))


@cache
def tokens(wallet: Pubkey) -> Pubkey:
    """The wallet's associated token account for IO."""
    return _derived(ATA_PROGRAM, bytes(wallet), bytes(SPL_TOKEN), bytes(mint()))


def _derived(program: Pubkey, *seeds: bytes) -> Pubkey:
    return Pubkey.find_program_address(list(seeds), program)[0]
