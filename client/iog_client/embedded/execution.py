"""Runs single transactions on the SVM and says what came of them, without keeping anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from solders.account import Account
from solders.clock import Clock
from solders.hash import Hash
from solders.litesvm import LiteSVM
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.rent import Rent
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata
from solders.transaction_status import (
    TransactionErrorDuplicateInstruction,
    TransactionErrorFieldless,
    TransactionErrorInstructionError,
    TransactionErrorInsufficientFundsForRent,
)

SLOTS_PER_EPOCH = 432_000
RENT = Rent(6960, 1.0, 50)
"""As today's clusters publish it: one rate, no two-year threshold."""
LAMPORTS_PER_SIGNATURE = 5000
MAX_TRANSACTION = 1232
"""Bytes of a serialized transaction that public clusters accept."""

_PRECOMPILES = (
    Pubkey.from_string("Ed25519SigVerify111111111111111111111111111"),
    Pubkey.from_string("KeccakSecp256k11111111111111111111111111111"),
)


@dataclass(frozen=True)
class Execution:
    """What a transaction does to the accounts it may write; nothing when `error` is set."""

    error: Any
    logs: list[str]
    units: int
    inner: list[dict[str, Any]] = field(default_factory=list)
    returned: tuple[Pubkey, bytes] | None = None
    accounts: list[tuple[Pubkey, Account]] = field(default_factory=list)


def new_svm() -> LiteSVM:
    """An SVM without blockhashes and history, which the chain keeps itself."""
    svm = LiteSVM().with_blockhash_check(False).with_transaction_history(0)
    svm.set_rent(RENT)
    return svm


def set_time(svm: LiteSVM, slot: int, unix: int) -> None:
    epoch = slot // SLOTS_PER_EPOCH
    svm.set_clock(Clock(slot, unix, epoch, epoch + 1, unix))


def parse(raw: bytes) -> VersionedTransaction:
    """Reads a serialized transaction; ValueError says what is wrong with it."""
    if len(raw) > MAX_TRANSACTION:
        raise ValueError(f"transaction of {len(raw)} bytes; at most {MAX_TRANSACTION} are accepted")
    try:
        transaction = VersionedTransaction.from_bytes(raw)
        transaction.sanitize()
    except Exception as exc:  # solders raises several kinds of its own
        raise ValueError(f"failed to deserialize the transaction: {exc}") from exc
    if bytes(transaction) != raw:
        raise ValueError("failed to deserialize the transaction: bytes left over")
    message = transaction.message
    if isinstance(message, MessageV0) and message.address_table_lookups:
        raise ValueError("address lookup tables are not offered by the embedded chain")
    return transaction


def run(svm: LiteSVM, transaction: VersionedTransaction, verify: bool = True) -> Execution:
    """Executes on a copy of the accounts; `verify` False leaves signatures unchecked."""
    if verify:
        result = svm.simulate_transaction(transaction)
    else:
        svm.with_sigverify(False)
        try:
            result = svm.simulate_transaction(transaction)
        finally:
            svm.with_sigverify(True)
    meta = result.meta()
    if isinstance(result, FailedTransactionMetadata):
        error = error_json(result.err())
        return Execution(error, meta.logs(), meta.compute_units_consumed())
    accounts = result.post_accounts()
    poor = _rent_short(svm, transaction, accounts)
    if poor is not None:
        error = {"InsufficientFundsForRent": {"account_index": poor}}
        return Execution(error, meta.logs(), meta.compute_units_consumed())
    # solders has it, its type stubs do not.
    data = meta.return_data()  # type: ignore[attr-defined]
    return Execution(
        None,
        meta.logs(),
        meta.compute_units_consumed(),
        _inner(meta.inner_instructions()),
        (data.program_id, bytes(data.data)) if data.data else None,
        accounts,
    )


def _rent_short(
    svm: LiteSVM, transaction: VersionedTransaction, after: Sequence[tuple[Pubkey, Account]]
) -> int | None:
    """Index of an account left with lamports but too few for its rent; LiteSVM lets it pass."""
    for address, account in after:
        least = RENT.minimum_balance(len(account.data))
        if account.lamports == 0 or account.lamports >= least:
            continue
        before = svm.get_account(address)
        kept = before is not None and len(before.data) == len(account.data)
        if before is not None and kept and before.lamports == account.lamports:
            continue
        return list(transaction.message.account_keys).index(address)
    return None


def _inner(groups: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    return [
        {
            "index": index,
            "instructions": [
                {
                    "programIdIndex": one.instruction().program_id_index,
                    "accounts": list(one.instruction().accounts),
                    "data": bytes(one.instruction().data).hex(),
                    "stackHeight": one.stack_height(),
                }
                for one in group
            ],
        }
        for index, group in enumerate(groups)
        if group
    ]


def error_json(error: Any) -> Any:
    """A transaction error in the form of Solana's JSON-RPC."""
    if isinstance(error, TransactionErrorFieldless):
        return str(error).rpartition(".")[2]
    names = {
        TransactionErrorInstructionError: "InstructionError",
        TransactionErrorDuplicateInstruction: "DuplicateInstruction",
        TransactionErrorInsufficientFundsForRent: "InsufficientFundsForRent",
    }
    name = names.get(type(error), "ProgramExecutionTemporarilyRestricted")
    return {name: json.loads(error.to_json())}


def fee(message: Message | MessageV0) -> int:
    """Lamports that a transaction costs: its signatures and those it has precompiles check.

    LiteSVM charges nothing for priority, nor is there anything on this chain to be ahead of.
    """
    signatures = message.header.num_required_signatures
    for instruction in message.instructions:
        if message.account_keys[instruction.program_id_index] in _PRECOMPILES:
            signatures += bytes(instruction.data)[0] if instruction.data else 0
    return signatures * LAMPORTS_PER_SIGNATURE


def first_signature(transaction: VersionedTransaction) -> Signature:
    return transaction.signatures[0]


def blockhash_of(transaction: VersionedTransaction) -> Hash:
    return transaction.message.recent_blockhash
