"""Transactions and accounts for the tests of the embedded chain."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from solders.account import Account
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from iog_client.embedded import EmbeddedChain

SOL = 10**9
TOKEN = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
CLOCK = Pubkey.from_string("SysvarC1ock11111111111111111111111111111111")


def signed(
    chain: EmbeddedChain, payer: Keypair, *instructions: Instruction, blockhash: Hash | None = None
) -> bytes:
    """A serialized transaction over the chain's newest blockhash."""
    message = Message.new_with_blockhash(
        list(instructions), payer.pubkey(), blockhash or chain.latest_blockhash()[0]
    )
    return bytes(VersionedTransaction(message, [payer]))


def pay(payer: Keypair, to: Pubkey, lamports: int) -> Instruction:
    return transfer(TransferParams(from_pubkey=payer.pubkey(), to_pubkey=to, lamports=lamports))


def rich(chain: EmbeddedChain, lamports: int = 10 * SOL) -> Keypair:
    """A key that holds SOL."""
    key = Keypair()
    chain.airdrop(key.pubkey(), lamports)
    return key


def mint_account(decimals: int, supply: int, authority: Pubkey) -> Account:
    data = struct.pack("<I32sQBBI32s", 1, bytes(authority), supply, decimals, 1, 0, bytes(32))
    return Account(SOL, data, TOKEN)


def token_account(mint: Pubkey, owner: Pubkey, amount: int) -> Account:
    data = bytes(mint) + bytes(owner) + struct.pack("<Q", amount) + bytes(36) + b"\1" + bytes(56)
    return Account(SOL, data, TOKEN)


def clock_time(chain: EmbeddedChain) -> int:
    """Unix time in the Clock sysvar, which is what programs read."""
    account = chain.account(CLOCK)
    assert account is not None
    return int(struct.unpack_from("<q", account.data, 32)[0])


def addresses_of(found: Sequence[tuple[Pubkey, Account]]) -> set[Pubkey]:
    return {address for address, _ in found}
