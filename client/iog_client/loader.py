"""Solana's upgradeable loader: account layouts and instructions (bincode, little endian).

Source of the layouts: `solana-loader-v3-interface`, `state.rs` and `instruction.rs`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM
from solders.sysvar import CLOCK, RENT

LOADER = Pubkey.from_string("BPFLoaderUpgradeab1e11111111111111111111111")
BUFFER_HEADER = 37
PROGRAM_SIZE = 36
PROGRAM_DATA_HEADER = 45

_BUFFER, _PROGRAM, _PROGRAM_DATA = 1, 2, 3


@dataclass(frozen=True)
class ProgramData:
    """A program's code as deployed, `slot` of the deployment, and who may change it (None: nobody).

    `code` is as long as the account; it may end in zeros that are not part of the ELF file.
    """

    slot: int
    authority: Pubkey | None
    code: bytes


def program_data_address(program: Pubkey) -> Pubkey:
    """Address of the account that holds the code of `program`."""
    return Pubkey.find_program_address([bytes(program)], LOADER)[0]


def program_account(program: Pubkey) -> bytes:
    """Data of a program's own account, which only points to its code."""
    return struct.pack("<I", _PROGRAM) + bytes(program_data_address(program))


def program_data_account(data: ProgramData) -> bytes:
    """Data of the account that holds a program's code."""
    header = struct.pack("<IQ", _PROGRAM_DATA, data.slot) + _option(data.authority)
    return header.ljust(PROGRAM_DATA_HEADER, b"\0") + data.code


def read_program_data(data: bytes) -> ProgramData:
    """Reads what `program_data_account` writes; ValueError for another kind of account."""
    if len(data) < PROGRAM_DATA_HEADER or data[:4] != struct.pack("<I", _PROGRAM_DATA):
        raise ValueError("not a program's code account")
    (slot,) = struct.unpack_from("<Q", data, 4)
    authority = Pubkey.from_bytes(data[13:45]) if data[12] else None
    return ProgramData(slot, authority, data[PROGRAM_DATA_HEADER:])


def read_buffer(data: bytes) -> tuple[Pubkey | None, bytes]:
    """Authority and bytes written so far of a buffer; ValueError for another kind of account."""
    if len(data) < BUFFER_HEADER or data[:4] != struct.pack("<I", _BUFFER):
        raise ValueError("not a buffer account")
    return (Pubkey.from_bytes(data[5:37]) if data[4] else None), data[BUFFER_HEADER:]


def _option(key: Pubkey | None) -> bytes:
    return b"\0" if key is None else b"\1" + bytes(key)


def initialize_buffer(buffer: Pubkey, authority: Pubkey) -> Instruction:
    """Makes a fresh account of the loader a buffer that `authority` may write."""
    metas = [AccountMeta(buffer, False, True), AccountMeta(authority, False, False)]
    return Instruction(LOADER, struct.pack("<I", 0), metas)


def write(buffer: Pubkey, authority: Pubkey, offset: int, chunk: bytes) -> Instruction:
    """Writes `chunk` at `offset` of the code (the buffer's header not counted)."""
    metas = [AccountMeta(buffer, False, True), AccountMeta(authority, True, False)]
    return Instruction(LOADER, struct.pack("<IIQ", 1, offset, len(chunk)) + chunk, metas)


def deploy(
    payer: Pubkey, program: Pubkey, buffer: Pubkey, authority: Pubkey, size: int
) -> Instruction:
    """Makes the buffer's code the code of `program`, a fresh account with room for `size` bytes."""
    metas = [
        AccountMeta(payer, True, True),
        AccountMeta(program_data_address(program), False, True),
        AccountMeta(program, False, True),
        AccountMeta(buffer, False, True),
        AccountMeta(RENT, False, False),
        AccountMeta(CLOCK, False, False),
        AccountMeta(SYSTEM, False, False),
        AccountMeta(authority, True, False),
    ]
    return Instruction(LOADER, struct.pack("<IQ", 2, size), metas)


def upgrade(program: Pubkey, buffer: Pubkey, spill: Pubkey, authority: Pubkey) -> Instruction:
    """Replaces the code of `program` by the buffer's; `spill` gets the buffer's lamports."""
    metas = [
        AccountMeta(program_data_address(program), False, True),
        AccountMeta(program, False, True),
        AccountMeta(buffer, False, True),
        AccountMeta(spill, False, True),
        AccountMeta(RENT, False, False),
        AccountMeta(CLOCK, False, False),
        AccountMeta(authority, True, False),
    ]
    return Instruction(LOADER, struct.pack("<I", 3), metas)


def extend(payer: Pubkey, program: Pubkey, extra: int) -> Instruction:
    """Adds `extra` bytes of room to the code of `program`; anyone may pay for it."""
    metas = [
        AccountMeta(program_data_address(program), False, True),
        AccountMeta(program, False, True),
        AccountMeta(SYSTEM, False, False),
        AccountMeta(payer, True, True),
    ]
    return Instruction(LOADER, struct.pack("<II", 6, extra), metas)


def set_authority(program: Pubkey, authority: Pubkey, new: Pubkey | None) -> Instruction:
    """Lets `new` change the code of `program` from now on, or nobody ever again.

    `new` does not sign: a multisig's address cannot.
    """
    metas = [
        AccountMeta(program_data_address(program), False, True),
        AccountMeta(authority, True, False),
    ]
    if new is not None:
        metas.append(AccountMeta(new, False, False))
    return Instruction(LOADER, struct.pack("<I", 4), metas)


def set_authority_checked(program: Pubkey, authority: Pubkey, new: Pubkey) -> Instruction:
    """Lets `new`, which signs as well, change the code of `program` from now on."""
    metas = [
        AccountMeta(program_data_address(program), False, True),
        AccountMeta(authority, True, False),
        AccountMeta(new, True, False),
    ]
    return Instruction(LOADER, struct.pack("<I", 7), metas)
