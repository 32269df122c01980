"""What the embedded chain keeps: one SQLite file, one SQLite transaction per Solana transaction."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solders.account import Account
from solders.hash import Hash
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client.embedded.clock import SavedTime
from iog_client.errors import Refused

SCHEMA = 1
FILE_NAME = "chain.sqlite"

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE accounts (
    address BLOB PRIMARY KEY, lamports INTEGER NOT NULL, owner BLOB NOT NULL,
    executable INTEGER NOT NULL, data BLOB NOT NULL
);
CREATE TABLE transactions (
    signature BLOB PRIMARY KEY, slot INTEGER NOT NULL, time INTEGER NOT NULL,
    error TEXT, meta TEXT NOT NULL, raw BLOB NOT NULL
);
CREATE INDEX transactions_slot ON transactions (slot);
CREATE TABLE mentions (
    address BLOB NOT NULL, slot INTEGER NOT NULL, signature BLOB NOT NULL,
    PRIMARY KEY (address, slot)
) WITHOUT ROWID;
CREATE TABLE blockhashes (hash BLOB PRIMARY KEY, height INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX blockhashes_height ON blockhashes (height);
"""


@dataclass(frozen=True)
class Origin:
    """What is fixed or last saved of a chain: identity, time and transactions so far."""

    genesis_hash: Hash
    time: SavedTime
    count: int


@dataclass(frozen=True)
class Record:
    """One processed transaction.

    `time` is chain time in unix seconds; `error` is in Solana's JSON form, None for success;
    `meta` is the JSON of `getTransaction` (logs, fee, balances, inner instructions, units).
    """

    signature: Signature
    slot: int
    time: int
    error: Any
    meta: dict[str, Any]
    raw: bytes


class Ledger:
    """Tables of one chain. A folder that another schema wrote is refused."""

    def __init__(self, folder: Path | None) -> None:
        target = ":memory:" if folder is None else str(folder / FILE_NAME)
        # One thread at a time uses it: the server's event loop, or the test that made it.
        self._db = sqlite3.connect(target, isolation_level=None, check_same_thread=False)
        # In WAL mode a commit is in the kernel's hands when it returns, so killing the process
        # loses nothing; only a machine that goes down may lose the last transactions.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            self._db.executescript(f"BEGIN; {_TABLES} COMMIT;")
            self._put("schema", SCHEMA)
        found = self._get("schema")
        if found != SCHEMA:
            self._db.close()
            raise Refused(f"{target} has schema {found}; this version reads {SCHEMA}")

    def _get(self, key: str) -> Any:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def _put(self, key: str, value: Any) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept together or not at all."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def origin(self, wall: int) -> Origin:
        """The chain's identity; a new one, created at `wall` unix seconds, when there is none."""
        genesis = self._get("genesis")
        if genesis is None:
            genesis = os.urandom(32).hex()
            with self.transaction():
                self._put("genesis", genesis)
                self.save_clock(SavedTime(wall, 0.0, 0), 0)
        created, elapsed, warped, count = self._get("clock")
        time = SavedTime(created, elapsed, warped)
        return Origin(Hash.from_bytes(bytes.fromhex(genesis)), time, count)

    def save_clock(self, time: SavedTime, count: int) -> None:
        self._put("clock", [time.created, time.elapsed, time.warped, count])

    def accounts(self) -> Iterator[tuple[Pubkey, Account]]:
        rows = self._db.execute("SELECT address, lamports, owner, executable, data FROM accounts")
        for address, lamports, owner, executable, data in rows:
            account = Account(lamports, data, Pubkey.from_bytes(owner), bool(executable))
            yield Pubkey.from_bytes(address), account

    def save_accounts(self, accounts: Iterable[tuple[Pubkey, Account]]) -> None:
        """Keeps accounts as given; one without lamports is gone."""
        for address, account in accounts:
            key = bytes(address)
            if account.lamports == 0:
                self._db.execute("DELETE FROM accounts WHERE address = ?", (key,))
                continue
            row = (key, account.lamports, bytes(account.owner), account.executable, account.data)
            self._db.execute("INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?)", row)

    def save_record(self, record: Record, mentions: Iterable[Pubkey]) -> None:
        signature = bytes(record.signature)
        error = None if record.error is None else json.dumps(record.error)
        meta = json.dumps(record.meta)
        self._db.execute(
            "INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?)",
            (signature, record.slot, record.time, error, meta, record.raw),
        )
        rows = [(bytes(address), record.slot, signature) for address in mentions]
        self._db.executemany("INSERT INTO mentions VALUES (?, ?, ?)", rows)

    def known(self, signature: Signature) -> bool:
        """Whether a transaction of this signature was processed."""
        found = self._db.execute(
            "SELECT 1 FROM transactions WHERE signature = ?", (bytes(signature),)
        )
        return found.fetchone() is not None

    def record(self, signature: Signature) -> Record | None:
        rows = self._records("WHERE t.signature = ?", (bytes(signature),))
        return rows[0] if rows else None

    def records_of(
        self, address: Pubkey, before: int | None, until: int, limit: int
    ) -> list[Record]:
        """Transactions naming `address`, newest first, in slots above `until`, under `before`."""
        return self._records(
            "JOIN mentions m ON m.signature = t.signature"
            " WHERE m.address = ? AND m.slot < ? AND m.slot > ? ORDER BY m.slot DESC LIMIT ?",
            (bytes(address), 2**62 if before is None else before, until, limit),
        )

    def _records(self, where: str, values: tuple[Any, ...]) -> list[Record]:
        columns = "t.signature, t.slot, t.time, t.error, t.meta, t.raw"
        rows = self._db.execute(f"SELECT {columns} FROM transactions t {where}", values)
        return [
            Record(
                Signature.from_bytes(signature),
                slot,
                time,
                None if error is None else json.loads(error),
                json.loads(meta),
                raw,
            )
            for signature, slot, time, error, meta, raw in rows
        ]

    def time_of_slot(self, slot: int) -> int | None:
        """Chain time of the last transaction at or before `slot`."""
        row = self._db.execute(
            "SELECT time FROM transactions WHERE slot <= ? ORDER BY slot DESC LIMIT 1", (slot,)
        ).fetchone()
        return None if row is None else int(row[0])

    def blockhashes(self) -> dict[Hash, int]:
        """Every kept blockhash with the block height it was given out at."""
        rows = self._db.execute("SELECT hash, height FROM blockhashes ORDER BY height")
        return {Hash.from_bytes(value): height for value, height in rows}

    def add_blockhash(self, value: Hash, height: int, oldest: int) -> None:
        """Keeps a blockhash, and drops those under height `oldest`."""
        self._db.execute("INSERT OR REPLACE INTO blockhashes VALUES (?, ?)", (bytes(value), height))
        self._db.execute("DELETE FROM blockhashes WHERE height < ?", (oldest,))

    def close(self) -> None:
        self._db.close()
