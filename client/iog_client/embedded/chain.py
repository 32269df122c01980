"""The embedded chain: Solana's runtime in this process, every transaction confirmed at once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from solders.account import Account
from solders.hash import Hash
from solders.keypair import Keypair
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import ID as SYSTEM
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from iog_client import loader, prebuilt
from iog_client.clocks import Clock, SystemClock
from iog_client.embedded import execution
from iog_client.embedded.clock import ChainTime
from iog_client.embedded.execution import Execution
from iog_client.embedded.folder import FolderLock
from iog_client.embedded.ledger import Ledger, Record
from iog_client.errors import Refused, TransactionFailed

log = logging.getLogger(__name__)

BLOCKHASH_LIFE = 150
"""Blocks for which a blockhash is accepted; 60 s at `BLOCK_SECONDS`."""

FAUCET_LAMPORTS = 10**18
_NEVER_INDEXED = frozenset({bytes(SYSTEM)})


class EmbeddedChain:
    """A Solana chain of one process, in memory or kept in a folder.

    One thread at a time may use it. Each transaction is confirmed at once, in a slot of its own;
    block heights follow real time, so that a blockhash is accepted for about 60 s.

    `programs` are put on chain as upgradeable programs that nobody may change, each time the chain
    is opened; None stands for those that come with this software. Raises `Refused` when another
    process has the folder open.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        clock: Clock | None = None,
        programs: Mapping[Pubkey, bytes] | None = None,
    ) -> None:
        clock = clock or SystemClock()
        self._lock = None if path is None else FolderLock(path)
        try:
            self._ledger = Ledger(path)
            origin = self._ledger.origin(int(clock.wall()))
        except BaseException:
            self._release()
            raise
        self.genesis_hash = origin.genesis_hash
        self._time = ChainTime(origin.time, clock)
        self._count = origin.count
        self._blockhashes = self._ledger.blockhashes()
        self._newest: tuple[Hash, tuple[int, int]] | None = None
        self._svm = execution.new_svm()
        self._owned: dict[bytes, set[Pubkey]] = {}
        self._owners: dict[Pubkey, bytes] = {}
        self._faucet = Keypair.from_seed(
            hashlib.sha256(b"iog-faucet" + bytes(self.genesis_hash)).digest()
        )
        self._load(_shipped() if programs is None else programs)

    def _load(self, programs: Mapping[Pubkey, bytes]) -> None:
        kept = list(self._ledger.accounts())
        # The SVM loads a program when its account is set, and needs the code to be there by then.
        for address, account in sorted(kept, key=lambda item: item[1].executable):
            self._apply(address, account)
        for program, code in programs.items():
            self.add_program(program, code)
        if self._svm.get_account(self._faucet.pubkey()) is None:
            self.set_account(self._faucet.pubkey(), Account(FAUCET_LAMPORTS, b"", SYSTEM))

    # time

    @property
    def slot(self) -> int:
        """Grows with every transaction and with real time."""
        return self._time.height() + self._count

    @property
    def block_height(self) -> int:
        return self._time.height()

    @property
    def transaction_count(self) -> int:
        return self._count

    def unix_time(self) -> int:
        """Chain time in unix seconds: what programs read in the Clock sysvar."""
        return self._time.unix()

    def time_of_slot(self, slot: int) -> int | None:
        """Chain time at a slot that is past; None for one to come."""
        if slot > self.slot:
            return None
        return self._ledger.time_of_slot(slot) or self.unix_time()

    def warp(self, seconds: int) -> int:
        """Moves chain time forward by whole seconds and returns it."""
        self._time.warp(seconds)
        self.save_time()
        return self.unix_time()

    def save_time(self) -> None:
        """Keeps the time reached, so that a killed process loses no more than since the last."""
        with self._ledger.transaction():
            self._ledger.save_clock(self._time.save(), self._count)

    def _set_time(self) -> None:
        execution.set_time(self._svm, self.slot, self.unix_time())

    # blockhashes

    def latest_blockhash(self) -> tuple[Hash, int]:
        """A blockhash not used by an earlier transaction, and the last height that accepts it."""
        at = (self.block_height, self._count)
        if self._newest is None or self._newest[1] != at:
            seed = bytes(self.genesis_hash) + at[0].to_bytes(8, "little") + at[1].to_bytes(8)
            value = Hash.from_bytes(hashlib.sha256(seed).digest())
            self._forget_blockhashes()
            with self._ledger.transaction():
                self._ledger.add_blockhash(value, at[0], at[0] - BLOCKHASH_LIFE)
                self._ledger.save_clock(self._time.save(), self._count)
            self._blockhashes[value] = at[0]
            self._newest = (value, at)
        return self._newest[0], at[0] + BLOCKHASH_LIFE

    def blockhash_valid(self, value: Hash) -> bool:
        """Whether a transaction with this blockhash is accepted now."""
        height = self._blockhashes.get(value)
        return height is not None and self.block_height <= height + BLOCKHASH_LIFE

    def _forget_blockhashes(self) -> None:
        oldest = self.block_height - BLOCKHASH_LIFE
        # They are in the order of their heights.
        while self._blockhashes:
            value, height = next(iter(self._blockhashes.items()))
            if height >= oldest:
                break
            del self._blockhashes[value]

    # accounts

    def account(self, address: Pubkey) -> Account | None:
        self._set_time()
        found = self._svm.get_account(address)
        return None if found is None or found.lamports == 0 else found

    def balance(self, address: Pubkey) -> int:
        """Lamports; 0 for an account that is not there."""
        return self._svm.get_balance(address) or 0

    def rent(self, size: int) -> int:
        """Lamports that keep an account of `size` bytes for good."""
        return execution.RENT.minimum_balance(size)

    def program_accounts(
        self, program: Pubkey, data_size: int | None, memcmp: Sequence[tuple[int, bytes]]
    ) -> list[tuple[Pubkey, Account]]:
        """Accounts that `program` owns, of `data_size` bytes, with these bytes at these offsets."""
        found = []
        for address in self._owned.get(bytes(program), ()):
            account = self._svm.get_account(address)
            if account is None:
                continue
            data = account.data
            if data_size is not None and len(data) != data_size:
                continue
            if all(data[at : at + len(part)] == part for at, part in memcmp):
                found.append((address, account))
        return found

    def set_account(self, address: Pubkey, account: Account) -> None:
        """Writes an account past every rule, and keeps it. For genesis, and for tests."""
        self._apply(address, account)
        with self._ledger.transaction():
            self._ledger.save_accounts([(address, account)])

    def add_program(self, program: Pubkey, code: bytes) -> None:
        """Puts `code` on chain as an upgradeable program that nobody may change.

        Raises `Refused` for code that the SVM does not load.
        """
        address = loader.program_data_address(program)
        data = loader.program_data_account(loader.ProgramData(0, None, code))
        known = self._svm.get_account(address)
        if known is not None and known.data == data:
            return
        if known is not None:
            log.warning("program %s replaced", program, extra={"action": "program_replaced"})
        pointer = loader.program_account(program)
        self.set_account(address, Account(self.rent(len(data)), data, loader.LOADER))
        account = Account(self.rent(len(pointer)), pointer, loader.LOADER, True)
        try:
            self.set_account(program, account)
        except Exception as exc:  # solders keeps the name of what it raises to itself
            raise Refused(f"program {program} cannot be loaded: {exc}") from exc

    def _apply(self, address: Pubkey, account: Account) -> None:
        self._svm.set_account(address, account)
        owner = bytes(account.owner) if account.lamports else b""
        before = self._owners.get(address)
        if before == owner:
            return
        if before is not None:
            self._owned[before].discard(address)
        self._owners.pop(address, None)
        if owner and owner not in _NEVER_INDEXED:
            self._owners[address] = owner
            self._owned.setdefault(owner, set()).add(address)

    # transactions

    def send(self, raw: bytes, *, preflight: bool = True) -> Signature:
        """Processes a serialized transaction.

        Raises `ValueError` for bytes that are no transaction, and `TransactionFailed` for one that
        is not carried out. With `preflight` False a transaction that a program refuses is
        processed: it costs its fee, its record holds the error, and nothing is raised.
        """
        transaction = execution.parse(raw)
        signature = execution.first_signature(transaction)
        self._refuse_untimely(transaction)
        if self._ledger.known(signature):
            raise TransactionFailed("AlreadyProcessed")
        self._set_time()
        outcome = execution.run(self._svm, transaction)
        lands = outcome.error is None or (not preflight and _reached_a_program(outcome.error))
        if not lands:
            raise TransactionFailed(outcome.error, outcome.logs)
        self._commit(raw, transaction, outcome)
        return signature

    def _refuse_untimely(self, transaction: VersionedTransaction) -> None:
        if not self.blockhash_valid(execution.blockhash_of(transaction)):
            raise TransactionFailed("BlockhashNotFound")

    def _commit(self, raw: bytes, transaction: VersionedTransaction, outcome: Execution) -> None:
        message = transaction.message
        keys = list(message.account_keys)
        cost = execution.fee(message)
        before = [self.balance(key) for key in keys]
        written = outcome.accounts
        if outcome.error is not None:
            payer = self._svm.get_account(keys[0]) or Account(0, b"", SYSTEM)
            left = Account(payer.lamports - cost, payer.data, payer.owner)
            written = [(keys[0], left)]
        new = {address: account.lamports for address, account in written}
        after = [new.get(key, old) for key, old in zip(keys, before, strict=True)]
        meta = _meta(outcome, cost, before, after)
        slot = self.slot + 1
        signature = execution.first_signature(transaction)
        record = Record(signature, slot, self.unix_time(), outcome.error, meta, raw)
        # The file first: what it refuses must not be seen in the SVM either.
        with self._ledger.transaction():
            self._ledger.save_accounts(written)
            self._ledger.save_record(record, set(keys))
            self._ledger.save_clock(self._time.save(), self._count + 1)
        self._count += 1
        for address, account in written:
            self._apply(address, account)

    def simulate(
        self, raw: bytes, *, verify: bool = False, replace_blockhash: bool = False
    ) -> Execution:
        """What a transaction would do now. ValueError for bytes that are no transaction."""
        transaction = execution.parse(raw)
        if not replace_blockhash:
            try:
                self._refuse_untimely(transaction)
            except TransactionFailed as exc:
                return Execution(exc.err, [], 0)
        self._set_time()
        return execution.run(self._svm, transaction, verify)

    def fee(self, message: Message | MessageV0) -> int | None:
        """Lamports a message costs; None when its blockhash is not accepted any more."""
        return execution.fee(message) if self.blockhash_valid(message.recent_blockhash) else None

    def record(self, signature: Signature) -> Record | None:
        """What became of a transaction; None when it was never processed."""
        return self._ledger.record(signature)

    def records_of(
        self,
        address: Pubkey,
        *,
        before: Signature | None = None,
        until: Signature | None = None,
        limit: int = 1000,
    ) -> list[Record]:
        """Transactions that name `address`, newest first, between two of them."""
        older = self._ledger.record(before) if before else None
        newest = self._ledger.record(until) if until else None
        if before and older is None:
            raise Refused(f"transaction {before} not found")
        above = newest.slot if newest else -1
        return self._ledger.records_of(address, older.slot if older else None, above, limit)

    def airdrop(self, address: Pubkey, lamports: int) -> Signature:
        """Gives SOL out of the faucet. Raises `TransactionFailed` as any transaction does."""
        params = TransferParams(
            from_pubkey=self._faucet.pubkey(), to_pubkey=address, lamports=lamports
        )
        blockhash, _ = self.latest_blockhash()
        message = MessageV0.try_compile(self._faucet.pubkey(), [transfer(params)], [], blockhash)
        return self.send(bytes(VersionedTransaction(message, [self._faucet])))

    def close(self) -> None:
        """Keeps the time and lets go of the folder."""
        self.save_time()
        self._ledger.close()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()


def _shipped() -> dict[Pubkey, bytes]:
    found, missing = prebuilt.available("v0")
    for line in missing:
        log.warning("%s", line, extra={"action": "program_missing"})
    return {program.id: program.code for program in found}


def _reached_a_program(error: Any) -> bool:
    """Whether a failed transaction is processed, for its fee, rather than dropped."""
    return isinstance(error, dict)


def _meta(
    outcome: Execution, cost: int, before: Sequence[int], after: Sequence[int]
) -> dict[str, Any]:
    returned = outcome.returned
    return {
        "fee": cost,
        "logs": outcome.logs,
        "units": outcome.units,
        "inner": outcome.inner,
        "returned": None if returned is None else [str(returned[0]), returned[1].hex()],
        "before": list(before),
        "after": list(after),
    }
