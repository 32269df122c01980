"""Keys that open and extend a wallet's jobs within limits, from the wallet's own tokens."""

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_jobs.instructions.delegate_close import delegate_close
from iog_client._generated.iog_jobs.instructions.delegate_set import delegate_set

_APPROVE = 4


def set_instructions(
    wallet: Pubkey, key: Pubkey, *, per_job: int, per_day: int, approved: int
) -> list[Instruction]:
    """Limits of a key in base units, and how much all of the wallet's delegates may spend.

    `approved` replaces what was approved before, and shrinks with everything that they spend.
    """
    limits = delegate_set(
        {"per_job": per_job, "per_day": per_day},
        {"wallet": wallet, "key": key, "delegate": addresses.delegate(wallet, key)},
    )
    return [approve_instruction(wallet, approved), limits]


def approve_instruction(wallet: Pubkey, amount: int) -> Instruction:
    """SPL Approve: the wallet's Client, which signs for delegates, may move this much."""
    metas = [
        AccountMeta(addresses.tokens(wallet), False, True),
        AccountMeta(addresses.client(wallet), False, False),
        AccountMeta(wallet, True, False),
    ]
    data = bytes([_APPROVE]) + amount.to_bytes(8, "little")
    return Instruction(addresses.SPL_TOKEN, data, metas)


def close_instruction(wallet: Pubkey, key: Pubkey) -> Instruction:
    """Ends what a key may do; its rent goes back to the wallet."""
    return delegate_close({"wallet": wallet, "delegate": addresses.delegate(wallet, key)})
