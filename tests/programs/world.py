"""A fresh chain for each test: the in-process SVM with the four programs and a clock that is set.

`World` knows about transactions, accounts and failures; `stages.py` brings one to a state of the
network. Programs are those that IOG_PROGRAMS names, else the prebuilt ones.
"""

import base64
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import Message
from solders.pubkey import Pubkey
from solders.rent import Rent
from solders.transaction import Transaction
from solders.transaction_metadata import FailedTransactionMetadata, TransactionMetadata

from iog_client import addresses

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("IOG_PROGRAMS") or ROOT / "programs/prebuilt")
CODE = {name: (FOLDER / f"{name}.v0.so") for name in addresses.PROGRAMS}
INFO = {
    address: import_module(f"iog_client._generated.{name}.info").INFO
    for name, address in addresses.PROGRAMS.items()
}
EVENTS: dict[tuple[Pubkey, bytes], Any] = {
    (address, head): event
    for name, address in addresses.PROGRAMS.items()
    for head, event in import_module(
        f"iog_client._generated.{name}.events"
    ).BY_DISCRIMINATOR.items()
}

START = 1_750_000_000
"""Unix time at which every world begins."""

# What Anchor and the runtime call the refusals that have no error of ours.
BUILT_IN = {2000: "ConstraintMut", 2002: "ConstraintSigner", 2012: "ConstraintAddress"} | {
    2040: "ConstraintDuplicateMutableAccount"
}


@dataclass
class ProgramFailed(Exception):  # noqa: N818 - an outcome that tests name
    """A transaction was refused.

    `name` is the program's error (`NothingDue`), else the runtime's (`InvalidSeeds`); `program`
    the one that refused and `code` its number, both None where the runtime has none to tell.
    """

    name: str
    code: int | None
    program: Pubkey | None
    logs: list[str]

    def __str__(self) -> str:
        return "\n".join([self.name, *self.logs])


class World:
    """One chain. Every key that it makes is funded."""

    def __init__(self) -> None:
        self.svm = LiteSVM()
        # Rent as today's clusters publish it: one rate, no threshold of two years.
        self.svm.set_rent(Rent(6_960, 1.0, 50))
        for name, path in CODE.items():
            if path.exists():
                self.svm.add_program_from_file(addresses.PROGRAMS[name], path)
        self.now = START
        self.payer = self.keypair()
        self.units = 0

    # --- clock and keys ---------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Unix seconds; set it to move the clock."""
        return self.svm.get_clock().unix_timestamp

    @now.setter
    def now(self, unix_seconds: int) -> None:
        clock = self.svm.get_clock()
        clock.unix_timestamp = unix_seconds
        self.svm.set_clock(clock)

    def keypair(self, lamports: int = 10**11) -> Keypair:
        """A new key with lamports."""
        key = Keypair()
        self.svm.airdrop(key.pubkey(), lamports)
        return key

    # --- transactions -----------------------------------------------------------------------------

    def send(
        self,
        *instructions: Instruction,
        signers: Sequence[Keypair] = (),
        payer: Keypair | None = None,
    ) -> TransactionMetadata:
        """Runs one transaction paid by `payer` (the world's own by default).

        Raises:
            ProgramFailed: it was refused; nothing of it remains.
        """
        fee_payer = payer or self.payer
        self.svm.expire_blockhash()
        message = Message(instructions, fee_payer.pubkey())
        keys = {key.pubkey(): key for key in (fee_payer, *signers)}
        needed = message.account_keys[: message.header.num_required_signatures]
        missing = [key for key in needed if key not in keys]
        assert not missing, f"no key given for the signers {missing}"
        transaction = Transaction(
            [keys[key] for key in needed], message, self.svm.latest_blockhash()
        )
        assert len(bytes(transaction)) <= 1_232, "the transaction exceeds a packet"
        result = self.svm.send_transaction(transaction)
        if isinstance(result, FailedTransactionMetadata):
            raise _failure(result)
        self.units = result.compute_units_consumed()
        return result

    def events(self, result: TransactionMetadata) -> list[Any]:
        """The events that a transaction logged, decoded."""
        return list(_events(result.logs()))

    # --- accounts ---------------------------------------------------------------------------------

    def account(self, kind: Any, address: Pubkey) -> Any:
        """An account decoded as `kind`, a generated class."""
        found = self.svm.get_account(address)
        assert found is not None, f"{address} does not exist"
        return kind.decode(bytes(found.data))

    def exists(self, address: Pubkey) -> bool:
        found = self.svm.get_account(address)
        return found is not None and found.lamports > 0

    def lamports(self, address: Pubkey) -> int:
        return self.svm.get_balance(address) or 0

    def write(self, address: Pubkey, offset: int, data: bytes) -> None:
        """Overwrites bytes of an account, for states that no instruction reaches yet."""
        old = self.svm.get_account(address)
        assert old is not None
        changed = bytearray(old.data)
        changed[offset : offset + len(data)] = data
        self.svm.set_account(
            address, Account(old.lamports, bytes(changed), old.owner, old.executable)
        )

    # --- tokens -----------------------------------------------------------------------------------

    def tokens(self, wallet: Pubkey) -> Pubkey:
        """The wallet's associated token account, made when missing."""
        address = addresses.tokens(wallet)
        if not self.exists(address):
            self.send(create_tokens(self.payer.pubkey(), wallet))
        return address

    def balance(self, token_account: Pubkey) -> int:
        """Base units in a token account; 0 when there is none."""
        found = self.svm.get_account(token_account)
        return int.from_bytes(found.data[64:72], "little") if found and found.data else 0

    def supply(self) -> int:
        """Base units of the IO mint."""
        found = self.svm.get_account(addresses.mint())
        assert found is not None
        return int.from_bytes(found.data[36:44], "little")


def program_key(name: str) -> Keypair:
    """Id key of a program, for local chains."""
    secret = json.loads((ROOT / "programs/keys" / f"{name}.json").read_text())
    return Keypair.from_bytes(bytes(secret))


def create_tokens(payer: Pubkey, wallet: Pubkey) -> Instruction:
    """Creates the wallet's associated token account for IO unless it exists."""
    metas = [
        AccountMeta(payer, True, True),
        AccountMeta(addresses.tokens(wallet), False, True),
        AccountMeta(wallet, False, False),
        AccountMeta(addresses.mint(), False, False),
        AccountMeta(addresses.SYSTEM, False, False),
        AccountMeta(addresses.SPL_TOKEN, False, False),
    ]
    return Instruction(addresses.ATA_PROGRAM, b"\x01", metas)


def transfer_tokens(owner: Pubkey, source: Pubkey, target: Pubkey, amount: int) -> Instruction:
    """Moves IO between token accounts."""
    metas = [
        AccountMeta(source, False, True),
        AccountMeta(target, False, True),
        AccountMeta(owner, True, False),
    ]
    return Instruction(addresses.SPL_TOKEN, b"\x03" + amount.to_bytes(8, "little"), metas)


def set_owner(owner: Pubkey, tokens: Pubkey, to: Pubkey) -> Instruction:
    """Gives a token account to another authority."""
    metas = [AccountMeta(tokens, False, True), AccountMeta(owner, True, False)]
    return Instruction(addresses.SPL_TOKEN, b"\x06\x02\x01" + bytes(to), metas)


def swap(instruction: Instruction, old: Pubkey, new: Pubkey) -> Instruction:
    """The same instruction with one account replaced."""
    assert any(meta.pubkey == old for meta in instruction.accounts), f"{old} is not named"
    metas = [
        AccountMeta(new if meta.pubkey == old else meta.pubkey, meta.is_signer, meta.is_writable)
        for meta in instruction.accounts
    ]
    return Instruction(instruction.program_id, instruction.data, metas)


def unsigned(instruction: Instruction, key: Pubkey) -> Instruction:
    """The same instruction without the signature of one account."""
    metas = [
        AccountMeta(meta.pubkey, meta.is_signer and meta.pubkey != key, meta.is_writable)
        for meta in instruction.accounts
    ]
    return Instruction(instruction.program_id, instruction.data, metas)


def _failure(result: FailedTransactionMetadata) -> ProgramFailed:
    logs = result.meta().logs()
    error = result.err()
    inner = str(getattr(error, "err", error))
    custom = re.search(r"InstructionErrorCustom\D*(\d+)", inner)
    failed = next(
        (re.match(r"Program (\w+) failed", line) for line in logs if " failed: " in line), None
    )
    program = Pubkey.from_string(failed[1]) if failed else None
    if custom is None:
        return ProgramFailed(inner.rpartition(".")[2], None, program, logs)
    code = int(custom[1])
    errors = INFO[program].errors if program in INFO else {}
    name = errors[code][0] if code in errors else BUILT_IN.get(code, f"{code}")
    return ProgramFailed(name, code, program, logs)


def _events(logs: list[str]) -> Iterator[Any]:
    running: list[Pubkey] = []
    for line in logs:
        if line.startswith("Program data: "):
            data = base64.b64decode(line.removeprefix("Program data: "))
            # Programs share names of events: whose it is, the one that runs tells.
            if (kind := EVENTS.get((running[-1], data[:8]))) is not None:
                yield kind.decode(data)
        elif (step := re.match(r"Program (\w+) (invoke|success|failed)", line)) is not None:
            if step[2] == "invoke":
                running.append(Pubkey.from_string(step[1]))
            else:
                running.pop()
