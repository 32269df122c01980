"""The published rows of an hour from its columns, a part at a time; no I/O.

They are the bytes that `iog_client.hours_parts.node_line` and `leaf_line` give for the same rows.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from iog_client.hours_parts import LEAF_LINE, NODE_LINE, STATEMENT, TRUTH
from iog_client.hours_parts import text as json_text
from iog_client.hours_rule import POOLS, STATES
from iog_orchestrator.domain import keys58
from iog_orchestrator.domain.byte_rows import Piece, choice, filled, joined, number, only, text
from iog_orchestrator.domain.hour_columns import Allocated, Array, Columns, names
from iog_orchestrator.domain.hour_leaves import Leaves

_POOLS = [pool.encode() for pool in POOLS]
_STATES = [state.encode() for state in STATES]


def node_rows(columns: Columns, given: Allocated, begin: int, end: int) -> bytes:
    """The rows of nodes `begin` to `end`, a line each."""
    of = {name: column[begin:end] for name, column in columns.of.items()}
    bits = given.reasons[begin:end]
    slugs = [json_text(one) for one in columns.classes]
    values: tuple[list[Piece], ...] = (
        [number(of["active_from_hour"])],
        [_blocked(columns, begin, end)],
        [choice(TRUTH, of["class_enabled"])],
        [number(of["costake"])],
        [number(of["costake_share_bps"])],
        list(_costaker(of["costaker"])),
        [text(of["device"])],
        [choice(TRUTH, bits == 0)],
        [choice(slugs, of["gpu_class"])],
        [number(of["gpus"])],
        [number(given.granted[begin:end])],
        [number(of["multiplier"])],
        [text(of["owner"])],
        [text(of["payee"])],
        [choice(_POOLS, of["pool"])],
        [number(of["proof"])],
        [_reasons(bits)],
        [number(of["requirement"])],
        [choice(TRUTH, of["simulated"])],
        [number(of["stake"])],
        [choice(_STATES, of["state"])],
        list(_statement(of)),
    )
    return joined(len(bits), [*filled(NODE_LINE, values), b"\n"])


def leaf_rows(leaves: Leaves, begin: int, end: int) -> bytes:
    """The rows of leaves `begin` to `end`, a line each."""
    wallets, amounts = leaves.wallets[begin:end], leaves.cumulative[begin:end]
    pieces = filled(LEAF_LINE, ([keys58.text_of(wallets)], [number(amounts)]))
    return joined(len(amounts), [*pieces, b"\n"])


def _blocked(columns: Columns, begin: int, end: int) -> Piece:
    if not columns.why:
        return json_text(None)
    return text(np.array([json_text(columns.why.get(row)) for row in range(begin, end)]))


def _costaker(column: Array) -> Iterator[Piece]:
    there = column != b""
    yield choice([b"null", b'"'], there)
    yield from only(there, [text(column), b'"'])


def _reasons(bits: NDArray[np.uint16]) -> Piece:
    different, place = np.unique(bits, return_inverse=True)
    return choice([b",".join(map(json_text, names(one))) for one in different.tolist()], place)


def _statement(of: Mapping[str, Array]) -> Iterator[Piece]:
    signed = of["signed"]
    yield choice([b"null", b""], signed)
    values = ([number(of["counter"])], [number(of["seconds"])], [text(of["signature"])])
    yield from only(signed, filled(STATEMENT, values))
