"""Builds, signs, sends and confirms transactions.

One blockhash is one attempt: a transaction that was handed over is only ever sent again as the same
bytes, and a new one is signed only once the chain has passed the last block at which the old one
could have been carried out, by a margin, and still does not know it. A node that breaks off while
it is handed one may have passed it on. So nothing is done twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from solders.compute_budget import set_compute_unit_limit
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from iog_client.errors import (
    Expired,
    InsufficientSol,
    OutcomeUnknown,
    Refused,
    TransactionFailed,
    Unreachable,
    UsageError,
)
from iog_client.failures import explain, measured
from iog_client.rpc import APART, SIGNATURE_FEE, Rpc, Status

MAX_BYTES = 1232
DEFAULT_UNITS = 400_000
MAX_UNITS = 1_400_000
ATTEMPTS = 3

FIRST_DELAY = 0.05
LAST_DELAY = 1.0
GROWTH = 1.5
RESEND_EVERY = 2.0
PATIENCE = 120.0
"""Seconds without any outcome after which sending gives up; a blockhash lives for about 60."""

MARGIN = APART
"""Blocks past a transaction's last one before its absence counts: behind one address there may be
several nodes, and the one asked for the status may lag behind the one asked for the height."""
ABSENCES = 3
"""Answers in a row, each after that margin, by which a transaction is taken for lost."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A transaction that still lacks signatures."""

    message: Message
    last_block: int
    instructions: tuple[Instruction, ...] = field(repr=False)

    @property
    def required(self) -> list[Pubkey]:
        """The keys that have to sign, the fee payer first."""
        return required_signers(self.message)


@dataclass(frozen=True, slots=True)
class Signed:
    """A complete transaction. `signature` is its name on chain, known before it is sent."""

    raw: bytes = field(repr=False)
    signature: Signature
    last_block: int
    payer: Pubkey
    instructions: tuple[Instruction, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction that the chain carried out."""

    signature: Signature
    slot: int


def compile_message(
    payer: Pubkey,
    instructions: Sequence[Instruction],
    blockhash: Hash,
    units: int = DEFAULT_UNITS,
) -> Message:
    """A message with its compute limit (in units) first. Raises `Refused` when it is too long."""
    limited = [set_compute_unit_limit(min(units, MAX_UNITS)), *instructions]
    message = Message.new_with_blockhash(limited, payer, blockhash)
    size = len(bytes(message)) + 1 + 64 * message.header.num_required_signatures
    if size > MAX_BYTES:
        raise Refused(f"the transaction would be {size} bytes long; at most {MAX_BYTES} are sent")
    return message


def required_signers(message: Message) -> list[Pubkey]:
    """The keys that have to sign a message, in the order of their signatures."""
    return list(message.account_keys[: message.header.num_required_signatures])


def sign_message(message: Message, key: Keypair) -> Signature:
    """One key's signature over a message. Raises `UsageError` when it is not asked to sign."""
    if key.pubkey() not in required_signers(message):
        raise UsageError(f"{key.pubkey()} is not among the signers of this transaction")
    return key.sign_message(bytes(message))


def assemble(message: Message, signatures: Mapping[Pubkey, Signature]) -> VersionedTransaction:
    """The transaction with everybody's signatures. Raises `UsageError` for one missing or wrong."""
    ordered = []
    for key in required_signers(message):
        signature = signatures.get(key)
        if signature is None:
            raise UsageError(f"the signature of {key} is missing")
        if not signature.verify(key, bytes(message)):
            raise UsageError(f"the signature of {key} does not match the transaction")
        ordered.append(signature)
    return VersionedTransaction.populate(message, ordered)


async def confirmed(
    rpc: Rpc,
    signature: Signature,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Status:
    """Wait for a transaction somebody else sent. Raises `TransactionFailed` or
    `OutcomeUnknown`."""
    waited, delay = 0.0, FIRST_DELAY
    while waited < PATIENCE:
        status = (await rpc.statuses([signature]))[0]
        if status is not None and status.confirmed:
            if status.err is not None:
                raise TransactionFailed(status.err)
            return status
        await sleep(delay)
        waited += delay
        delay = min(delay * GROWTH, LAST_DELAY)
    raise OutcomeUnknown(signature, PATIENCE)


class Sender:
    """Sends transactions that one key pays for.

    `sleep` is what waiting between polls is done with.
    """

    def __init__(
        self,
        rpc: Rpc,
        payer: Keypair,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.rpc = rpc
        self.payer = payer
        self._sleep = sleep
        self._last_hash: Hash | None = None
        self._under_last_hash: set[bytes] = set()

    async def send(
        self,
        instructions: Sequence[Instruction],
        *,
        signers: Iterable[Keypair] = (),
        units: int = DEFAULT_UNITS,
    ) -> Sent:
        """Sign, hand over and confirm; sign anew when the blockhash ran out unused.

        Raises `ProgramError` and the other `TransactionFailed`s when the chain refuses,
        `Unreachable` when nothing could be handed over, `OutcomeUnknown` when something was and
        no outcome could be learnt.
        """
        signers = tuple(signers)
        for attempt in range(1, ATTEMPTS + 1):
            signed = await self.sign(instructions, signers=signers, units=units)
            try:
                return await self.deliver(signed)
            except Expired:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def draft(
        self, instructions: Sequence[Instruction], *, units: int = DEFAULT_UNITS
    ) -> Draft:
        """A message over a fresh blockhash, for others to sign as well."""
        blockhash, last_block = await self.rpc.latest_blockhash()
        message = compile_message(self.payer.pubkey(), instructions, blockhash, units)
        if blockhash != self._last_hash:
            self._last_hash, self._under_last_hash = blockhash, set()
        # Two equal messages are one transaction to the chain. Meant twice, they must differ.
        while bytes(message) in self._under_last_hash:
            units -= 1
            message = compile_message(self.payer.pubkey(), instructions, blockhash, units)
        self._under_last_hash.add(bytes(message))
        return Draft(message, last_block, tuple(instructions))

    def complete(
        self,
        draft: Draft,
        *,
        signers: Iterable[Keypair] = (),
        signatures: Mapping[Pubkey, Signature] | None = None,
    ) -> Signed:
        """Add the payer's and `signers`' signatures; raises `UsageError` when one still lacks."""
        collected = dict(signatures or {})
        for key in {one.pubkey(): one for one in (self.payer, *signers)}.values():
            collected[key.pubkey()] = sign_message(draft.message, key)
        transaction = assemble(draft.message, collected)
        return Signed(
            bytes(transaction),
            transaction.signatures[0],
            draft.last_block,
            self.payer.pubkey(),
            draft.instructions,
        )

    async def sign(
        self,
        instructions: Sequence[Instruction],
        *,
        signers: Iterable[Keypair] = (),
        units: int = DEFAULT_UNITS,
    ) -> Signed:
        """A complete transaction over a fresh blockhash, not sent yet."""
        return self.complete(await self.draft(instructions, units=units), signers=signers)

    async def deliver(self, signed: Signed) -> Sent:
        """Hand over a signed transaction and wait until the chain carried it out.

        May be called again with the same one after any failure, also by another process: it is
        then found done. Raises `Expired` when it was not and never will be, `OutcomeUnknown` when
        that cannot be told, `Unreachable` when it was not handed over.
        """
        try:
            await self.rpc.send(signed.raw)
        except Unreachable as error:
            # One that broke off may have passed it on: only the chain can tell.
            if not error.asked:
                raise
        except TransactionFailed as failure:
            if failure.err not in ("AlreadyProcessed", "BlockhashNotFound"):
                raise await self._explained(failure, signed, charged=False) from None
        return await self._confirm(signed)

    async def _confirm(self, signed: Signed) -> Sent:
        waited, resent, delay, absences = 0.0, 0.0, FIRST_DELAY, 0
        while waited < PATIENCE:
            # Only an answer ends the waiting: whatever breaks off, it may be carried out.
            with suppress(Unreachable):
                status, late = await self._status(signed, may_be_lost=waited >= RESEND_EVERY)
                if status is not None and status.confirmed:
                    return await self._result(signed, status)
                absences = absences + 1 if late and status is None else 0
                if absences == ABSENCES:
                    raise Expired
                if waited - resent >= RESEND_EVERY:
                    resent = waited
                    await self._resend(signed)
            await self._sleep(delay)
            waited += delay
            delay = min(delay * GROWTH, LAST_DELAY)
        raise OutcomeUnknown(signed.signature, PATIENCE)

    async def _status(self, signed: Signed, *, may_be_lost: bool) -> tuple[Status | None, bool]:
        """The status, and whether it was read with the chain past the last block and the margin."""
        # The height first: a transaction absent from a chain already past its last block is lost.
        height = await self.rpc.block_height() if may_be_lost else 0
        status = (await self.rpc.statuses([signed.signature]))[0]
        return status, height > signed.last_block + MARGIN

    async def _result(self, signed: Signed, status: Status) -> Sent:
        if status.err is None:
            return Sent(signed.signature, status.slot)
        outcome = None
        with suppress(Unreachable):  # the logs only add words to a failure that is certain
            outcome = await self.rpc.transaction(signed.signature)
        failure = TransactionFailed(status.err, outcome.logs if outcome else ())
        raise await self._explained(failure, signed, charged=True)

    async def _explained(
        self, failure: TransactionFailed, signed: Signed, *, charged: bool
    ) -> TransactionFailed:
        found = explain(failure, self._numbered(signed), signed.payer)
        if not isinstance(found, InsufficientSol):
            return found
        message = VersionedTransaction.from_bytes(signed.raw).message
        keys, signatures = message.account_keys, message.header.num_required_signatures
        return await measured(self.rpc, found, keys, SIGNATURE_FEE * signatures, charged=charged)

    async def _resend(self, signed: Signed) -> None:
        try:
            await self.rpc.send(signed.raw, preflight=False)
        except Refused:
            # Refused again or seen before: the status decides.
            return

    @staticmethod
    def _numbered(signed: Signed) -> list[Instruction]:
        """The instructions as errors number them: after the compute limit."""
        return [set_compute_unit_limit(DEFAULT_UNITS), *signed.instructions]
