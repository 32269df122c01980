"""Evidence that a device was alive, byte for byte as iog_jobs and iog_staking check it; no I/O
here.

A statement says: this device has worked `seconds` on that job's run, or was there for `seconds` of
that hour. Of two statements on one subject the one with the higher counter replaces the other. The
bytes are pinned by `tests/vectors/statements.json`, which the programs are tested against too.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client import addresses

STATEMENT_TAG = b"iog-statement-v1"
REGISTER_TAG = b"iog-register-v1\0"
STATEMENT_BYTES = 165

_STATEMENT = struct.Struct("<16s32s32s32sB32sIQQ")
_REGISTRATION = struct.Struct("<16s32s32s32s32s32sH")
# Solana's Ed25519SignatureOffsets: signature, key and message each as an offset and the index of
# the instruction that holds it; 0xFFFF means this very instruction.
_OFFSETS = struct.Struct("<HHHHHHH")
_THIS_INSTRUCTION = 0xFFFF
_HEADER_BYTES = 2
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64


class Kind(IntEnum):
    """What a statement is about."""

    JOB = 0
    HOUR = 1


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `subject` is a Job address, or an hour as u64 LE followed by 24 zeros.

    `run` is 0 for hours. Build it with `for_job` or `for_hour`.
    """

    genesis_hash: Hash
    jobs_program: Pubkey
    device: Pubkey
    kind: Kind
    subject: bytes
    run: int
    counter: int
    seconds: int

    @classmethod
    def for_job(
        cls,
        genesis_hash: Hash,
        jobs_program: Pubkey,
        device: Pubkey,
        job: Pubkey,
        run: int,
        counter: int,
        seconds: int,
    ) -> Self:
        """That `device` has worked `seconds` in this run of `job`."""
        subject = bytes(job)
        return cls(genesis_hash, jobs_program, device, Kind.JOB, subject, run, counter, seconds)

    @classmethod
    def for_hour(
        cls,
        genesis_hash: Hash,
        jobs_program: Pubkey,
        device: Pubkey,
        hour: int,
        counter: int,
        seconds: int,
    ) -> Self:
        """That `device` was there for `seconds` of `hour`."""
        subject = hour.to_bytes(8, "little") + bytes(24)
        return cls(genesis_hash, jobs_program, device, Kind.HOUR, subject, 0, counter, seconds)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The statement of those bytes.

        Raises:
            ValueError: they are not 165 bytes of a statement of a known kind.
        """
        if len(data) != STATEMENT_BYTES:
            raise ValueError(f"a statement has {STATEMENT_BYTES} bytes, not {len(data)}")
        tag, genesis, program, device, kind, subject, run, counter, seconds = _STATEMENT.unpack(
            data
        )
        if tag != STATEMENT_TAG:
            raise ValueError("the bytes do not begin like a statement")
        return cls(
            Hash(genesis),
            Pubkey(program),
            Pubkey(device),
            Kind(kind),
            subject,
            run,
            counter,
            seconds,
        )

    def to_bytes(self) -> bytes:
        """The 165 bytes that are signed.

        Raises:
            struct.error: a number does not fit its field.
        """
        return _STATEMENT.pack(
            STATEMENT_TAG,
            bytes(self.genesis_hash),
            bytes(self.jobs_program),
            bytes(self.device),
            self.kind,
            self.subject,
            self.run,
            self.counter,
            self.seconds,
        )

    @property
    def hour(self) -> int:
        """The hour of an hour statement.

        Raises:
            ValueError: it is a job statement, or its subject is not an hour.
        """
        if self.kind is not Kind.HOUR or any(self.subject[8:]):
            raise ValueError("the statement is not about an hour")
        return int.from_bytes(self.subject[:8], "little")

    @property
    def job(self) -> Pubkey:
        """The job of a job statement.

        Raises:
            ValueError: it is an hour statement.
        """
        if self.kind is not Kind.JOB:
            raise ValueError("the statement is not about a job")
        return Pubkey(self.subject)

    def sign(self, keypair: Keypair) -> Signature:
        """The statement's signature by `keypair`: the device, or who co-signs for pay."""
        return keypair.sign_message(self.to_bytes())

    def verify(self, signature: Signature, signer: Pubkey | None = None) -> bool:
        """Whether `signature` is by `signer` (the device unless named) over this statement."""
        return signature.verify(signer or self.device, self.to_bytes())


def registration_bytes(
    genesis_hash: Hash,
    staking_program: Pubkey,
    device: Pubkey,
    owner: Pubkey,
    class_address: Pubkey,
    gpus: int,
) -> bytes:
    """The 178 bytes by which a device agrees to be registered by `owner`.

    Raises:
        struct.error: `gpus` is not 0 to 65,535.
    """
    return _REGISTRATION.pack(
        REGISTER_TAG,
        bytes(genesis_hash),
        bytes(staking_program),
        bytes(device),
        bytes(owner),
        bytes(class_address),
        gpus,
    )


def ed25519_instruction(
    message: bytes, signatures: Sequence[tuple[Pubkey, Signature]]
) -> Instruction:
    """The precompile instruction that checks `signatures` over one `message`, which it holds once.

    Data: count u8, padding u8, 14 bytes of offsets a signature, then key and signature of each,
    then the message (docs of Solana's Ed25519 program). Every index is 0xFFFF.

    Raises:
        ValueError: there is no signature, or more than the count can say.
    """
    count = len(signatures)
    if not 1 <= count <= 255:
        raise ValueError(f"{count} signatures; 1 to 255 are accepted")
    keys_at = _HEADER_BYTES + _OFFSETS.size * count
    message_at = keys_at + (_KEY_BYTES + _SIGNATURE_BYTES) * count
    offsets, body = [], []
    for index, (key, signature) in enumerate(signatures):
        key_at = keys_at + (_KEY_BYTES + _SIGNATURE_BYTES) * index
        offsets.append(
            _OFFSETS.pack(
                key_at + _KEY_BYTES,
                _THIS_INSTRUCTION,
                key_at,
                _THIS_INSTRUCTION,
                message_at,
                len(message),
                _THIS_INSTRUCTION,
            )
        )
        body.append(bytes(key) + bytes(signature))
    data = bytes([count, 0]) + b"".join(offsets) + b"".join(body) + message
    return Instruction(addresses.ED25519, data, [])
