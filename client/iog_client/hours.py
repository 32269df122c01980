"""The file that is published of an hour; pure, exact, no I/O.

It holds everything the rule (`hours_rule`) needs and everything it gives, in canonical bytes (JSON
with sorted keys and no spaces) whose SHA-256 goes on chain beside the root.
`iog_client.hours_verify` checks one against the chain. The bytes are pinned by
`tests/vectors/hour.json`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from solders.pubkey import Pubkey

from iog_client import schedule
from iog_client.errors import UsageError
from iog_client.hours_rule import (
    HourInputs,
    HourNode,
    Leaf,
    Parameters,
    Period,
    PoolAmounts,
    Previous,
    allocate,
)
from iog_client.merkle import Tree
from iog_client.protocol import U32, U64, Key, Sha256, canonical


class HourHead(BaseModel):
    """What a published hour says apart from its nodes and leaves. `root` is null as long as nobody
    has earned anything."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    genesis_hash: Key
    mint: Key
    distributor: Key
    jobs_program: Key
    hour: Annotated[U32, Field(ge=1)]
    start: int
    hour_length: Annotated[U32, Field(ge=1)]
    parameters: Parameters
    to_rewards: U64
    to_rewards_total: U64
    previous_root: Sha256 | None
    previous_data_hash: Sha256 | None
    previous_leaves_hash: Sha256 | None
    carry_before: PoolAmounts
    released: PoolAmounts
    carry_after: PoolAmounts
    root: Sha256 | None
    total: U64

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The hour in `data`, which has to be its canonical bytes.

        Raises:
            UsageError: it is not a published hour, or written in another way.
        """
        try:
            hour = cls.model_validate_json(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "file"
            raise UsageError(f"not a published hour: {where}: {first['msg']}") from error
        if hour.to_bytes() != data:
            raise UsageError("not a published hour: its bytes are not in canonical form")
        return hour

    def to_bytes(self) -> bytes:
        """The canonical bytes."""
        return canonical(self.model_dump(mode="json"))

    @property
    def period(self) -> Period:
        """The hour with its length and end."""
        end = schedule.hour_end(self.start, self.hour_length, self.hour)
        return Period(self.hour, self.hour_length, end)


class PublishedHour(HourHead):
    """One hour in one document. `hours_parts` has those that are too big for that."""

    nodes: list[HourNode]
    leaves: list[Leaf]

    def as_previous(self, data_hash: str | None = None) -> Previous:
        """What the next hour takes over from this one."""
        return Previous(
            hour=self.hour,
            to_rewards_total=self.to_rewards_total,
            root=self.root,
            data_hash=data_hash or sha256_hex(self.to_bytes()),
            leaves=self.leaves,
            carry=self.carry_after,
        )

    def tree(self) -> Tree:
        """The tree over the hour's leaves.

        Raises:
            ValueError: there are none.
        """
        return tree(self.distributor, self.leaves)


def publish(inputs: HourInputs) -> PublishedHour:
    """The hour with all that it gives, as it is published: nodes by device.

    Raises:
        ValueError: see `allocate`.
    """
    ordered = replace(inputs, nodes=sorted(inputs.nodes, key=lambda node: node.device))
    result = allocate(ordered)
    nodes = [
        replace(node, eligible=not why, reasons=why, granted=grant)
        for node, why, grant in zip(ordered.nodes, result.reasons, result.grants, strict=True)
    ]
    previous = inputs.previous
    before = leaves_hash(previous.leaves) if previous.hour else None
    return PublishedHour(
        **head(inputs, before),
        nodes=nodes,
        released=result.released,
        carry_after=result.carry,
        leaves=result.leaves,
        root=tree(inputs.distributor, result.leaves).root.hex() if result.leaves else None,
        total=sum(cumulative for _, cumulative in result.leaves),
    )


def head(inputs: HourInputs, previous_leaves_hash: str | None) -> dict[str, Any]:
    """The fields of a published hour that its inputs give."""
    previous = inputs.previous
    return {
        "genesis_hash": inputs.genesis_hash,
        "mint": inputs.mint,
        "distributor": inputs.distributor,
        "jobs_program": inputs.jobs_program,
        "hour": inputs.hour,
        "start": inputs.start,
        "hour_length": inputs.hour_length,
        "parameters": inputs.parameters,
        "to_rewards": inputs.to_rewards,
        "to_rewards_total": inputs.to_rewards_total,
        "previous_root": previous.root,
        "previous_data_hash": previous.data_hash,
        "previous_leaves_hash": previous_leaves_hash,
        "carry_before": previous.carry,
    }


def tree(distributor: str, leaves: Iterable[Leaf]) -> Tree:
    """The Merkle tree over leaves in base58.

    Raises:
        ValueError: there are none, two of one wallet, or a wallet is not an address.
    """
    pairs = ((Pubkey.from_string(wallet), cumulative) for wallet, cumulative in leaves)
    return Tree(Pubkey.from_string(distributor), pairs)


def leaves_hash(leaves: Sequence[Leaf]) -> str:
    """SHA-256 (hex) of the canonical JSON of leaves."""
    return sha256_hex(canonical([list(leaf) for leaf in leaves]))


def sha256_hex(data: bytes) -> str:
    """SHA-256 in lowercase hex: a published hour's data hash is that of its bytes."""
    return hashlib.sha256(data).hexdigest()
