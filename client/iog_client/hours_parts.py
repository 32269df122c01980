"""Published hours of any size: in one document, or in a document and the parts it names.

An hour with more than `INLINE_ROWS` nodes or leaves is published in parts: its document has, in
place of `nodes` and `leaves`, how many rows there are and the SHA-256 of the files that hold them,
`PART_ROWS` rows each, a row a line, each line the very JSON that would stand in a small document.
The document's SHA-256 goes on chain either way, and binds every part. A part is read as a whole and
its hash checked before a row of it is used, so that reading takes the memory of one part.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from iog_client.errors import UsageError
from iog_client.hours import HourHead, PublishedHour, sha256_hex
from iog_client.hours_rule import HourNode, Leaf, Previous
from iog_client.protocol import Sha256

INLINE_ROWS = 1_000
PART_ROWS = 20_000
NODE_LINE = (
    b'{"active_from_hour":%d,"blocked":%b,"class_enabled":%b,"costake":%d,"costake_share_bps":%d,'
    b'"costaker":%b,"device":"%b","eligible":%b,"gpu_class":%b,"gpus":%d,"granted":%d,'
    b'"multiplier":%d,"owner":"%b","payee":"%b","pool":"%b","proof":%d,"reasons":[%b],'
    b'"requirement":%d,"simulated":%b,"stake":%d,"state":"%b","statement":%b}'
)
"""A node's row; it takes a tuple in the order of the keys, which is that of the alphabet."""
STATEMENT = b'{"counter":%d,"seconds":%d,"signature":"%b"}'
LEAF_LINE = b'["%b",%d]'
TRUTH = (b"false", b"true")

PartReader = Callable[[str], bytes]
"""The bytes of the part with that SHA-256."""
Row = TypeVar("Row")


class Part(BaseModel):
    """A file of rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: Sha256
    rows: Annotated[int, Field(ge=1, le=PART_ROWS)]


class Parts(BaseModel):
    """All rows of one kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: Annotated[int, Field(ge=0)]
    parts: list[Part]


class PartedHour(HourHead):
    """An hour in parts, as its document says it."""

    nodes: Parts
    leaves: Parts


@dataclass(frozen=True, slots=True)
class HourFile:
    """A published hour of either form, read row by row. `document` are its canonical bytes."""

    head: PublishedHour | PartedHour
    document: bytes
    read: PartReader

    @classmethod
    def parse(cls, document: bytes, read: PartReader | None = None) -> HourFile:
        """The hour of a document; `read` gives its parts, if it has any.

        Raises:
            UsageError: it is not a published hour, or written in another way.
        """
        if b'"parts":[' not in document:
            return cls(PublishedHour.parse(document), document, read or _no_parts)
        return cls(PartedHour.parse(document), document, read or _no_parts)

    def as_previous(self) -> Previous:
        """What the next hour takes over, apart from the leaves."""
        found = self.head
        return Previous(
            hour=found.hour,
            to_rewards_total=found.to_rewards_total,
            root=found.root,
            data_hash=self.data_hash,
            carry=found.carry_after,
        )

    @property
    def data_hash(self) -> str:
        """What is on chain of the document."""
        return sha256_hex(self.document)

    @property
    def node_count(self) -> int:
        """How many nodes there are."""
        found = self.head
        return found.nodes.rows if isinstance(found, PartedHour) else len(found.nodes)

    @property
    def leaf_count(self) -> int:
        """How many leaves there are."""
        found = self.head
        return found.leaves.rows if isinstance(found, PartedHour) else len(found.leaves)

    def nodes(self) -> Iterator[HourNode]:
        """The nodes, one after the other.

        Raises:
            UsageError: a part is not what the document says it is.
        """
        if isinstance(self.head, PublishedHour):
            yield from self.head.nodes
        else:
            yield from _rows(self.head.nodes, self.read, _NODE, node_line, "nodes")

    def leaves(self) -> Iterator[Leaf]:
        """The leaves, one after the other. Raises as `nodes`."""
        if isinstance(self.head, PublishedHour):
            yield from self.head.leaves
        else:
            yield from _rows(self.head.leaves, self.read, _LEAF, leaf_line, "leaves")

    def part_hashes(self) -> list[str]:
        """The SHA-256 of every part, each once."""
        if isinstance(self.head, PublishedHour):
            return []
        both = [*self.head.nodes.parts, *self.head.leaves.parts]
        return list(dict.fromkeys(part.sha256 for part in both))


def node_line(node: HourNode) -> bytes:
    """A node's row: its canonical JSON."""
    said = node.statement
    return NODE_LINE % (
        node.active_from_hour,
        text(node.blocked),
        TRUTH[node.class_enabled],
        node.costake,
        node.costake_share_bps,
        text(node.costaker),
        node.device.encode(),
        TRUTH[node.eligible],
        text(node.gpu_class),
        node.gpus,
        node.granted,
        node.multiplier,
        node.owner.encode(),
        node.payee.encode(),
        node.pool.encode(),
        node.proof,
        b",".join(text(one) for one in node.reasons),
        node.requirement,
        TRUTH[node.simulated],
        node.stake,
        node.state.encode(),
        STATEMENT % (said.counter, said.seconds, said.signature.encode()) if said else b"null",
    )


def leaf_line(leaf: Leaf) -> bytes:
    """A leaf's row: its canonical JSON."""
    return LEAF_LINE % (leaf[0].encode(), leaf[1])


@lru_cache(maxsize=1024)
def text(value: str | None) -> bytes:
    """JSON of a text, or null."""
    return json.dumps(value, ensure_ascii=False).encode()


def leaves_hash(leaves: Iterable[Leaf]) -> str:
    """SHA-256 (hex) of the canonical JSON of leaves, as `hours.leaves_hash`, row by row."""
    return array_hash(leaf_line(leaf) for leaf in leaves)


def array_hash(lines: Iterable[bytes]) -> str:
    """SHA-256 (hex) of the JSON array of rows; a value of `lines` may be several, with commas."""
    digest, separator = hashlib.sha256(b"["), b""
    for line in lines:
        digest.update(separator + line)
        separator = b","
    digest.update(b"]")
    return digest.hexdigest()


_NODE = TypeAdapter(HourNode)
_LEAF: TypeAdapter[Leaf] = TypeAdapter(Leaf)


def _rows(
    parts: Parts,
    read: PartReader,
    adapter: TypeAdapter[Row],
    line_of: Callable[[Row], bytes],
    what: str,
) -> Iterator[Row]:
    if sum(part.rows for part in parts.parts) != parts.rows:
        raise UsageError(f"not a published hour: {what}: its parts do not have {parts.rows} rows")
    for number, part in enumerate(parts.parts, 1):
        where = f"part {number} of {what}"
        data = read(part.sha256)
        if (found := sha256_hex(data)) != part.sha256:
            raise UsageError(f"{where} has SHA-256 {found}, the hour names {part.sha256}")
        lines = data.split(b"\n")
        if lines.pop() or len(lines) != part.rows:
            raise UsageError(f"{where} does not have {part.rows} lines that end in a line feed")
        for at, line in enumerate(lines, 1):
            yield _row(line, adapter, line_of, f"{where}: line {at}")


def _row(
    line: bytes, adapter: TypeAdapter[Row], line_of: Callable[[Row], bytes], where: str
) -> Row:
    try:
        row = adapter.validate_json(line)
    except ValidationError as error:
        raise UsageError(f"not a published hour: {where}: {_first(error)}") from error
    if line_of(row) != line:
        raise UsageError(f"not a published hour: {where} is not in canonical form")
    return row


def _first(error: ValidationError) -> Any:
    return error.errors()[0]["msg"]


def _no_parts(sha256: str) -> bytes:
    raise UsageError(f"the hour is in parts, and there is no part {sha256} here")
