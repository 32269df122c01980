"""What a device signs for the chain, and nothing else: `job_start`, `job_join`, `job_finish` and
`job_release` of its own run.

The orchestrator writes the transaction and pays for it. A device key that signed whatever it was
sent could be made to give away anything, so all of the message is compared with what it must be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from solders.hash import Hash
from solders.instruction import AccountMeta, CompiledInstruction, Instruction
from solders.message import Message, MessageV0, from_bytes_versioned
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client import addresses
from iog_client.errors import Refused
from iog_client.reasons import EndReason
from iog_client.statements import STATEMENT_BYTES, Statement, ed25519_instruction

# the precompile's data with two signatures: header, key and signature of each, message
_OWN_AT = 2 + 2 * 14 + 32
_OTHER_AT = _OWN_AT + 64 + 32
_PROOF_BYTES = _OTHER_AT + 64 + STATEMENT_BYTES


class MessageRefused(Refused):
    """the message is not what this device signs"""


@dataclass(frozen=True, slots=True)
class Finish:
    """How a run ended; `seconds` are those of its last statement."""

    run: int
    result_hash: bytes
    reason: EndReason
    seconds: int


def discriminator(instruction: str) -> bytes:
    """The eight bytes that begin an Anchor instruction."""
    return hashlib.sha256(f"global:{instruction}".encode()).digest()[:8]


class Consent:
    """Checks messages for one device and one orchestrator on one network."""

    def __init__(
        self,
        device: Pubkey,
        orchestrator: Pubkey,
        genesis_hash: Hash,
        programs: Mapping[str, Pubkey],
    ) -> None:
        self._genesis = genesis_hash
        self._device = device
        self._orchestrator = orchestrator
        self._jobs = programs["iog_jobs"]
        self._staking = programs["iog_staking"]
        self._config = Pubkey.find_program_address([b"config"], self._jobs)[0]
        self._node = Pubkey.find_program_address([b"node", bytes(device)], self._staking)[0]

    def start(self, message: bytes, job: Pubkey) -> None:
        """Raises `MessageRefused` unless the message starts `job` on this device."""
        self._is_exactly(message, [self._job_start(job)])

    def join(self, message: bytes, job: Pubkey, gang: Pubkey) -> None:
        """Raises `MessageRefused` unless the message has `job` on this device wait for the others
        of that gang."""
        accounts = [self._device, job, self._node, gang, self._config, self._staking]
        self._is_exactly(message, [_instruction(self._jobs, discriminator("job_join"), accounts)])

    def finish(self, message: bytes, job: Pubkey, finish: Finish) -> None:
        """Raises `MessageRefused` unless the message ends `job` just as this device reported it.

        Seconds that are to be paid have to be posted with it: a statement of this device, over just
        those seconds, that the orchestrator signed too.
        """
        expected = [self._job_finish(job, finish)]
        parts = self._parts(message)
        if len(parts) > 1 or (finish.reason.pays and finish.seconds):
            check, statement = self._proof(parts, job, finish)
            expected = [check, self._job_prove(job, statement), *expected]
        self._is_exactly(message, expected)

    def release(self, message: bytes, job: Pubkey, reason: EndReason) -> None:
        """Raises `MessageRefused` unless the message gives `job` up for the reason that this device
        reported, one that pays it nothing anyway."""
        if reason.pays or not reason.from_device:
            raise MessageRefused(f"a run that ended as {reason.label} is not given up")
        self._is_exactly(message, [self._by_device("job_release", bytes([reason]), job)])

    def _proof(
        self, parts: list[tuple[Pubkey, list[Pubkey], bytes]], job: Pubkey, finish: Finish
    ) -> tuple[Instruction, bytes]:
        """What the check of the statement has to be, around the signatures in the message."""
        data = parts[0][2] if parts else b""
        if len(data) != _PROOF_BYTES:
            raise MessageRefused("the message does not post this run's last statement")
        own = Signature(data[_OWN_AT : _OWN_AT + 64])
        other = Signature(data[_OTHER_AT : _OTHER_AT + 64])
        statement = data[-STATEMENT_BYTES:]
        said = _statement(statement)
        wanted = Statement.for_job(
            self._genesis, self._jobs, self._device, job, finish.run, said.counter, finish.seconds
        )
        if said != wanted or not said.verify(own):
            raise MessageRefused("the message posts another statement than this run's last")
        signatures = [(self._device, own), (self._orchestrator, other)]
        return ed25519_instruction(statement, signatures), statement

    def _is_exactly(self, message: bytes, expected: list[Instruction]) -> None:
        found = self._parts(message)
        if len(found) != len(expected):
            raise MessageRefused(
                f"the message has {len(found)} instructions, {len(expected)} were expected"
            )
        for (program, accounts, data), wanted in zip(found, expected, strict=True):
            if program != wanted.program_id:
                raise MessageRefused(f"the message calls {program}, not {wanted.program_id}")
            if accounts != [meta.pubkey for meta in wanted.accounts]:
                raise MessageRefused(f"the message names other accounts for {program}")
            if data != wanted.data:
                raise MessageRefused(f"the message has other data for {program}")

    def _parts(self, data: bytes) -> list[tuple[Pubkey, list[Pubkey], bytes]]:
        """Program, accounts and data of each instruction, the compute budget's left out."""
        try:
            message = from_bytes_versioned(data)
        except Exception as error:  # solders raises several, some of them pyo3's own
            raise MessageRefused("the bytes are not a transaction message") from error
        if isinstance(message, MessageV0) and message.address_table_lookups:
            raise MessageRefused("the message takes accounts from a lookup table")
        self._check_signers(message)
        keys = list(message.account_keys)
        parts = [_resolve(keys, instruction) for instruction in message.instructions]
        return [part for part in parts if not _is_budget(part)]

    def _check_signers(self, message: Message | MessageV0) -> None:
        header = message.header
        signers = list(message.account_keys)[: header.num_required_signatures]
        if signers != [self._orchestrator, self._device]:
            raise MessageRefused(
                "the signers are not the orchestrator, which pays, and this device"
            )
        if header.num_readonly_signed_accounts != 1:
            raise MessageRefused("the message could change the device's own account")

    def _job_start(self, job: Pubkey) -> Instruction:
        return self._by_device("job_start", b"", job)

    def _job_finish(self, job: Pubkey, finish: Finish) -> Instruction:
        data = finish.result_hash + bytes([finish.reason])
        return self._by_device("job_finish", data, job)

    def _by_device(self, name: str, data: bytes, job: Pubkey) -> Instruction:
        accounts = [self._device, job, self._node, self._config, self._staking]
        return _instruction(self._jobs, discriminator(name) + data, accounts)

    def _job_prove(self, job: Pubkey, statement: bytes) -> Instruction:
        """Counter and seconds are the statement's last sixteen bytes, in the same encoding."""
        data = discriminator("job_prove") + statement[-16:]
        return _instruction(self._jobs, data, [job, self._config, addresses.INSTRUCTIONS_SYSVAR])


def _statement(data: bytes) -> Statement:
    try:
        return Statement.from_bytes(data)
    except ValueError as error:
        raise MessageRefused(f"the message posts no statement: {error}") from None


def _instruction(program: Pubkey, data: bytes, accounts: list[Pubkey]) -> Instruction:
    # which of them sign or are writable is in the message's header, not in the instruction
    return Instruction(program, data, [AccountMeta(key, False, False) for key in accounts])


def _resolve(
    keys: list[Pubkey], instruction: CompiledInstruction
) -> tuple[Pubkey, list[Pubkey], bytes]:
    try:
        accounts = [keys[index] for index in instruction.accounts]
        return keys[instruction.program_id_index], accounts, bytes(instruction.data)
    except IndexError:
        raise MessageRefused("the message names an account that it does not have") from None


def _is_budget(part: tuple[Pubkey, list[Pubkey], bytes]) -> bool:
    """Whether this only sets limit (2) or price (3) of computing, which the orchestrator pays."""
    program, accounts, data = part
    return program == addresses.COMPUTE_BUDGET and not accounts and data[:1] in (b"\x02", b"\x03")
