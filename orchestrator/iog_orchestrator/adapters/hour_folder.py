"""Hours too big for one document: built in a folder from columns, and proofs read from there.

    parts/<sha256>.jsonl        rows of nodes and leaves, 20,000 each; published
    trees/hour-000012.leaves    the leaves, 40 bytes each, in the order of their wallets
    trees/hour-000012.levels    the hashes of the tree, 32 bytes each, level after level
    trees/hour-000012.nodes/    the nodes as they were read, a file a column, until the hour is
                                built

A published file is flushed before it has its name, and the folder before an hour is given back, so
that a name that is there has the right bytes. A proof reads as many hashes as the tree is high.
"""

import json
import mmap
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from iog_client.hours import head, sha256_hex
from iog_client.hours_parts import PART_ROWS, HourFile, Part, PartedHour, Parts, array_hash
from iog_client.hours_rule import HourInputs
from iog_orchestrator.adapters.durable import DurableFiles
from iog_orchestrator.domain.errors import Unknown
from iog_orchestrator.domain.hour_columns import ROW, Allocated, Columns
from iog_orchestrator.domain.hour_leaves import HASH, RECORD, Leaves, Work, here, proof, raw
from iog_orchestrator.domain.hour_lines import leaf_rows, node_rows
from iog_orchestrator.domain.keys58 import keys_of

Texts = NDArray[Any]
Rows = Callable[[int, int], bytes]
Phase = Callable[[str], None]
TEXTS = "texts.json"


class HourFolder:
    """Builds big hours and reads them; `phase` is told what was done, for measurements."""

    def __init__(self, folder: Path, work: Work = here, phase: Phase = lambda _: None) -> None:
        self._parts = folder / "parts"
        self._trees = folder / "trees"
        self._work = work
        self._phase = phase
        for one in (self._parts, self._trees):
            one.mkdir(parents=True, exist_ok=True)

    def build(
        self, inputs: HourInputs, columns: Columns, previous: HourFile | None
    ) -> tuple[PartedHour, Allocated]:
        """The hour's document, with its parts and its tree on disk; `inputs.nodes` and the leaves
        of `inputs.previous` are not looked at: they are in the columns and in `previous`.

        Raises:
            ValueError: less was minted than before, or a device stands twice.
        """
        given = columns.allocate(inputs)
        self._phase("rule")
        before = self.leaves(previous)
        leaves = self._earned(before, columns, given)
        self._phase("leaves")
        root = self._tree(inputs, leaves)
        self._phase("tree")
        document = PartedHour(
            **head(inputs, self.leaves_hash(previous) if previous else None),
            nodes=self._published(
                lambda begin, end: node_rows(columns, given, begin, end), len(columns)
            ),
            released=given.released,
            carry_after=given.carry,
            leaves=self._published(lambda begin, end: leaf_rows(leaves, begin, end), len(leaves)),
            root=root,
            total=leaves.total,
        )
        self._phase("files")
        return document, given

    def keep(self, hour: int, columns: Columns) -> None:
        """Store the nodes of an hour as they were read."""
        self.forget(hour)
        folder = self._path(hour, "nodes")
        folder.mkdir()
        for name, column in columns.of.items():
            np.save(folder / f"{name}.npy", column)
        texts = {"why": list(columns.why.items()), "classes": list(columns.classes)}
        (folder / TEXTS).write_text(json.dumps(texts))

    def kept(self, hour: int) -> Columns:
        """The nodes of an hour as they were stored; what is written to the columns stays here.

        Raises:
            Unknown: they were not, or not any more.
        """
        folder = self._path(hour, "nodes")
        try:
            texts = json.loads((folder / TEXTS).read_text())
        except FileNotFoundError as error:
            raise Unknown(f"there are no stored nodes of hour {hour}") from error
        of = {name: np.asarray(np.load(folder / f"{name}.npy", "c")) for name in ROW.names or ()}
        return Columns(of, dict(texts["why"]), texts["classes"])

    def forget(self, hour: int) -> None:
        """Remove the stored nodes of an hour."""
        shutil.rmtree(self._path(hour, "nodes"), ignore_errors=True)

    def part(self, sha256: str) -> bytes:
        """A part.

        Raises:
            Unknown: there is none.
        """
        try:
            return self.part_path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise Unknown(f"there is no part {sha256} of an hour") from error

    def part_path(self, sha256: str) -> Path:
        """Where a part is, or would be."""
        return self._parts / f"{sha256}.jsonl"

    def leaves(self, hour: HourFile | None) -> Leaves:
        """The leaves of an hour: from its tree if that is here, else from the published rows."""
        if hour is None:
            return Leaves.of([])
        path = self._path(hour.head.hour, "leaves")
        if path.exists() and path.stat().st_size == hour.leaf_count * RECORD.itemsize:
            return Leaves.from_bytes(path.read_bytes())
        return Leaves.of(hour.leaves())

    def leaves_hash(self, hour: HourFile) -> str:
        """SHA-256 of the leaves as one JSON array."""
        if not isinstance(hour.head, PartedHour):
            return array_hash(b'["%b",%d]' % (w.encode(), n) for w, n in hour.leaves())
        parts = hour.head.leaves.parts
        return array_hash(self.part(one.sha256)[:-1].replace(b"\n", b",") for one in parts)

    def proof(self, hour: int, wallet: str) -> tuple[int, list[bytes]]:
        """A wallet's cumulative reward by an hour, and the siblings up to the root.

        Raises:
            Unknown: there is no tree of that hour here, or the wallet has no leaf in it.
        """
        try:
            leaves, levels = (self._path(hour, kind).open("rb") for kind in ("leaves", "levels"))
        except FileNotFoundError as error:
            raise Unknown(f"there is no tree of hour {hour} here") from error
        with leaves, levels, mmap.mmap(leaves.fileno(), 0, prot=mmap.PROT_READ) as records:
            count = len(records) // RECORD.itemsize
            at = _find(records, raw([wallet]), count)
            if at is None:
                raise Unknown(f"{wallet} has earned nothing by hour {hour}")
            starts = _starts(count)

            def sibling(level: int, place: int) -> bytes:
                return os.pread(levels.fileno(), HASH, starts[level] + place * HASH)

            end = (at + 1) * RECORD.itemsize
            return int.from_bytes(records[end - 8 : end], "little"), proof(sibling, count, at)

    def _earned(self, before: Leaves, columns: Columns, given: Allocated) -> Leaves:
        """The leaves before, with the parts of payees and co-stakers."""
        shared = columns.shared(given.granted)
        own = given.granted - shared
        after = before
        for name, amounts in (("payee", own), ("costaker", shared)):
            rows = amounts.nonzero()[0]
            wallets = columns.of[name][rows]

            def decoded(begin: int, end: int, texts: Texts = wallets) -> bytes:
                starts = range(begin, end, PART_ROWS)
                some = (texts[at : min(end, at + PART_ROWS)] for at in starts)
                return b"".join(keys_of(one).tobytes() for one in some)

            keys = b"".join(self._work(decoded, len(rows)))
            after = after.plus(keys, amounts[rows])
        return after

    def _tree(self, inputs: HourInputs, leaves: Leaves) -> str | None:
        if not len(leaves):
            return None
        levels = leaves.levels(inputs.distributor, self._work)
        with DurableFiles() as files:
            files.write(self._path(inputs.hour, "leaves"), leaves.to_bytes())
            files.write(self._path(inputs.hour, "levels"), b"".join(levels))
        return levels[-1].hex()

    def _published(self, rows: Rows, count: int) -> Parts:
        def written(begin: int, end: int) -> bytes:
            made = []
            with DurableFiles() as files:
                for at in range(begin, end, PART_ROWS):
                    data = rows(at, min(end, at + PART_ROWS))
                    sha256 = sha256_hex(data)
                    files.write(self.part_path(sha256), data)
                    made.append(bytes.fromhex(sha256))
            return b"".join(made)

        hashes = b"".join(self._work(written, count, PART_ROWS))
        names = [hashes[at : at + HASH].hex() for at in range(0, len(hashes), HASH)]
        sizes = [min(PART_ROWS, count - at * PART_ROWS) for at in range(len(names))]
        parts = [Part(sha256=name, rows=size) for name, size in zip(names, sizes, strict=True)]
        return Parts(rows=count, parts=parts)

    def _path(self, hour: int, kind: str) -> Path:
        return self._trees / f"hour-{hour:06}.{kind}"


def _find(records: mmap.mmap, key: bytes, count: int) -> int | None:
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if records[middle * RECORD.itemsize : middle * RECORD.itemsize + HASH] < key:
            low = middle + 1
        else:
            high = middle
    start = low * RECORD.itemsize
    return low if low < count and records[start : start + HASH] == key else None


def _starts(count: int) -> list[int]:
    """Where each level of a tree begins in its file."""
    starts, at = [0], 0
    while count > 1:
        at += count * HASH
        starts.append(at)
        count = (count + 1) >> 1
    return starts
