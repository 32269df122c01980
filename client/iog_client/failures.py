"""Turns what the chain says about a failed transaction into one exception with a reason.

A transaction error names the outer instruction and a number; which program said that number (it may
have been called by another) is only in the logs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated import PROGRAMS, ProgramInfo
from iog_client.amounts import format_sol
from iog_client.errors import (
    InsufficientSol,
    InsufficientTokens,
    ProgramError,
    Refused,
    TransactionFailed,
    Unreachable,
)
from iog_client.hints import HINTS
from iog_client.rpc import RENT_SYSVAR, Rpc, rent_of

_FAILED = re.compile(r"^Program (\w{32,44}) failed: (.*)$")
_LACKING = re.compile(r"insufficient lamports (\d+), need (\d+)$")
"""What the system program logs: what the account had left when it was to pay, and the payment."""
_MISSING_LAMPORTS = ("InsufficientFundsForFee", "AccountNotFound", "InsufficientFundsForRent")
_OTHERS = {
    addresses.SYSTEM: "the system program",
    addresses.SPL_TOKEN: "the token program",
    addresses.ATA_PROGRAM: "the associated token program",
    addresses.COMPUTE_BUDGET: "the compute budget program",
    addresses.ED25519: "the Ed25519 program",
}
_ALREADY_IN_USE = ("AccountAlreadyInUse", "the account to be created exists already")
_TOKEN_ERRORS = {
    0: ("NotRentExempt", "the token account would not be rent exempt"),
    3: ("MintMismatch", "the token account is of another mint"),
    4: ("OwnerMismatch", "the token account has another owner"),
    9: ("UninitializedState", "the token account does not exist"),
    17: ("AccountFrozen", "the token account is frozen"),
}
_ED25519_ERRORS = {
    0: ("InvalidPublicKey", "a public key is not one"),
    1: ("InvalidRecoveryId", "a signature is malformed"),
    2: ("InvalidSignature", "a signature does not match its key and message"),
}
# anchor_lang::ErrorCode of 2.0; the numbers it has in common with every Anchor program
_FRAMEWORK = {
    100: ("InstructionMissing", "the instruction data has no discriminator"),
    101: ("InstructionFallbackNotFound", "the program does not know this instruction"),
    2000: ("ConstraintMut", "an account has to be writable"),
    2001: ("ConstraintHasOne", "an account names another account than the one given"),
    2003: ("ConstraintRaw", "a condition on the accounts does not hold"),
    2005: ("ConstraintRentExempt", "an account would not be rent exempt"),
    2006: ("ConstraintSeeds", "an account is not at the address derived for it"),
    2007: ("ConstraintExecutable", "an account has to be a program"),
    2011: ("ConstraintClose", "an account cannot be closed into itself"),
    2012: ("ConstraintAddress", "an account has another address than the one required"),
    2013: ("ConstraintZero", "an account has to be empty"),
    2019: ("ConstraintSpace", "an account has another size than the one required"),
    2020: ("ConstraintAccountIsNone", "an account that is needed was left out"),
    2040: ("ConstraintDuplicateMutableAccount", "a writable account was given twice"),
    2500: ("RequireViolated", "a condition does not hold"),
    3007: ("AccountOwnedByWrongProgram", "an account belongs to another program"),
    3012: ("AccountNotInitialized", "an account does not exist yet"),
}
# ProgramError as Solana's JSON-RPC names it
_PLAIN = {
    "MissingRequiredSignature": "a signature is missing",
    "InvalidSeeds": "an account is not at the address derived for it",
    "IllegalOwner": "an account belongs to another program",
    "InvalidAccountOwner": "an account belongs to another program",
    "InvalidAccountData": "an account does not hold what it has to, or does not exist",
    "UninitializedAccount": "an account does not exist yet",
    "AccountAlreadyInitialized": "an account exists already",
    "AccountDataTooSmall": "an account is too small",
    "NotEnoughAccountKeys": "accounts are missing",
    "IncorrectProgramId": "another program was expected",
    "UnsupportedProgramId": "the program is not on this chain",
    "InvalidInstructionData": "the program does not know this instruction or its arguments",
    "InvalidArgument": "an argument or account is not the one required",
    "ArithmeticOverflow": "an amount is too large",
    "ComputationalBudgetExceeded": "it needs more compute units than were asked for",
    "ProgramFailedToComplete": "the program stopped, or ran out of compute units",
    "AccountBorrowFailed": "an account was given twice",
}
_TRANSACTION = {
    "BlockhashNotFound": "its blockhash is not known, or no longer",
    "AlreadyProcessed": "it was carried out before",
    "SignatureFailure": "a signature does not match",
    "ProgramAccountNotFound": "a program is not on this chain",
    "InvalidProgramForExecution": "a program is not on this chain",
}


def explain(
    failure: TransactionFailed, instructions: Sequence[Instruction], payer: Pubkey
) -> TransactionFailed:
    """The most telling exception for a failed transaction; itself if nothing more is known."""
    err, logs = failure.err, failure.logs
    if isinstance(err, dict) and "InstructionError" in err:
        index, reason = err["InstructionError"]
        return _instruction_failure(reason, instructions[index], err, logs, payer)
    name = err if isinstance(err, str) else next(iter(err)) if isinstance(err, dict) and err else ""
    if name in _MISSING_LAMPORTS:
        return InsufficientSol(err, logs, f"{payer} has too little SOL for the fee and the rent")
    if isinstance(name, str) and name in _TRANSACTION:
        return TransactionFailed(
            err, logs, f"the chain did not carry out the transaction: {_TRANSACTION[name]}"
        )
    return failure


async def measured(
    rpc: Rpc, failure: InsufficientSol, keys: Sequence[Pubkey], fee: int, *, charged: bool
) -> TransactionFailed:
    """The failure with what its payer holds and needs, as far as the chain tells.

    `keys` are the transaction's accounts, the payer first, `fee` is its fee in lamports, and
    `charged` is whether the chain has taken that fee although it failed.
    """
    payer = keys[0]
    try:
        account, rent = await rpc.accounts([payer, RENT_SYSVAR])
    except (Unreachable, Refused):
        return failure  # the amounts only add words to a failure that is certain
    held = account.lamports if account else 0
    kept = rent_of(rent.data, 0) if rent else 0
    starved = _starved(failure.err)
    if starved:
        return TransactionFailed(
            failure.err,
            failure.logs,
            f"{keys[starved]} would hold less SOL than an account keeps: "
            f"at least {format_sol(kept)}, more where it has data",
        )
    needed, words = _needed(failure, held + fee * charged, fee, kept)
    message = f"{payer} has too little SOL: it holds {format_sol(held)}, {words}"
    return InsufficientSol(
        failure.err, failure.logs, message, payer=payer, held=held, needed=needed
    )


def _needed(failure: InsufficientSol, held: int, fee: int, kept: int) -> tuple[int, str]:
    """Lamports that would do for the transaction, of a payer that held `held` before it."""
    if _starved(failure.err) == 0:
        enough = held + kept
        left = f"what is left has to be nothing or at least {format_sol(kept)}"
        return enough, f"{format_sol(enough)} are enough: {left}"
    for match in filter(None, map(_LACKING.search, failure.logs)):
        # What it had left is less than it began with by the fee and all that was paid before.
        needed = held - int(match[1]) + int(match[2])
        part = f"at least {format_sol(needed)} are needed"
        return needed, f"{part}: {format_sol(fee)} are the fee, the rest is rent or sent"
    needed = fee + kept
    return needed, f"at least {format_sol(needed)} are needed for the fee and its own rent"


def _starved(err: object) -> int | None:
    """The place of the account that would be left with less than its rent, if that was it."""
    said = err.get("InsufficientFundsForRent") if isinstance(err, dict) else None
    return int(said["account_index"]) if isinstance(said, dict) else None


def _instruction_failure(
    reason: object, outer: Instruction, err: object, logs: Sequence[str], payer: Pubkey
) -> TransactionFailed:
    failing = failing_program(logs) or outer.program_id
    if isinstance(reason, dict) and isinstance(reason.get("Custom"), int):
        code: int | None = int(reason["Custom"])
        assert code is not None  # for the type checker: the line above made it an int
        if failing in (addresses.SYSTEM, addresses.SPL_TOKEN) and code == 1:
            return _insufficient(failing, err, logs, payer)
        name, message = _custom(failing, code)
    else:
        code = None
        name = reason if isinstance(reason, str) else str(reason)
        message = _PLAIN.get(name, "it failed")
    program = _program_name(failing)
    hint = HINTS.get((program, name), "")
    return ProgramError(
        program, _instruction_name(outer), code, name, message, err=err, logs=logs, hint=hint
    )


def _insufficient(
    failing: Pubkey, err: object, logs: Sequence[str], payer: Pubkey
) -> TransactionFailed:
    if failing == addresses.SYSTEM:
        return InsufficientSol(err, logs, f"{payer} has too little SOL for what is to be paid")
    return InsufficientTokens(err, logs, "the token account holds less IO than is to be moved")


def _custom(program: Pubkey, code: int) -> tuple[str, str]:
    info = PROGRAMS.get(program)
    if info is not None and code in info.errors:
        return info.errors[code]
    if program == addresses.SYSTEM and code == 0:
        return _ALREADY_IN_USE
    known = {addresses.SPL_TOKEN: _TOKEN_ERRORS, addresses.ED25519: _ED25519_ERRORS}
    return known.get(program, _FRAMEWORK).get(code, ("Custom", f"error {code}"))


def failing_program(logs: Sequence[str]) -> Pubkey | None:
    """The innermost program that failed: the first to say so, since its callers fail after it."""
    for line in logs:
        match = _FAILED.match(line)
        if match:
            return Pubkey.from_string(match[1])
    return None


def _program_name(program: Pubkey) -> str:
    info: ProgramInfo | None = PROGRAMS.get(program)
    return info.name if info is not None else _OTHERS.get(program, str(program))


def _instruction_name(outer: Instruction) -> str:
    info = PROGRAMS.get(outer.program_id)
    if info is None:
        return "an instruction"
    data = bytes(outer.data)
    names = (name for head, name in info.instructions.items() if data.startswith(head))
    return next(names, "an instruction")
