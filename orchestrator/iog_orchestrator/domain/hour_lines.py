"""The published rows of an hour from its columns, a part at a time; no I/O.

They are the bytes that `iog_client.hours_parts.node_line` and `leaf_line` give for the same rows.
"""

import numpy as np
from solders.pubkey import Pubkey

from iog_client.hours import POOLS, STATES
from iog_client.hours_parts import LEAF_LINE, NODE_LINE, STATEMENT, TRUTH, text
from iog_orchestrator.domain.hour_columns import Allocated, Columns, names
from iog_orchestrator.domain.hour_leaves import Leaves

_POOLS = [pool.encode() for pool in POOLS]
_STATES = [state.encode() for state in STATES]


def node_rows(columns: Columns, given: Allocated, begin: int, end: int) -> bytes:
    """The rows of nodes `begin` to `end`, a line each."""
    rows = slice(begin, end)
    of = {name: column[rows].tolist() for name, column in columns.of.items()}
    bits = given.reasons[rows].tolist()
    why = {one: b",".join(text(name) for name in names(one)) for one in set(bits)}
    classes = [text(one) for one in columns.classes]
    lines = zip(
        of["active_from_hour"],
        [text(columns.why.get(row)) for row in range(begin, end)]
        if columns.why
        else [b"null"] * len(bits),
        [TRUTH[one] for one in of["class_enabled"]],
        of["costake"],
        of["costake_share_bps"],
        [b'"%b"' % one if one else b"null" for one in of["costaker"]],
        of["device"],
        [TRUTH[not one] for one in bits],
        [classes[one] for one in of["gpu_class"]],
        of["gpus"],
        given.granted[rows].tolist(),
        of["multiplier"],
        of["owner"],
        of["payee"],
        [_POOLS[one] for one in of["pool"]],
        of["proof"],
        [why[one] for one in bits],
        of["requirement"],
        [TRUTH[one] for one in of["simulated"]],
        of["stake"],
        [_STATES[one] for one in of["state"]],
        _statements(of),
        strict=True,
    )
    return b"\n".join([NODE_LINE % line for line in lines]) + b"\n"


def leaf_rows(leaves: Leaves, begin: int, end: int) -> bytes:
    """The rows of leaves `begin` to `end`, a line each."""
    data = np.ascontiguousarray(leaves.wallets[begin:end]).tobytes()
    amounts = leaves.cumulative[begin:end].tolist()
    made = Pubkey.from_bytes
    lines = [
        LEAF_LINE % (str(made(data[at * 32 : at * 32 + 32])).encode(), amount)
        for at, amount in enumerate(amounts)
    ]
    return b"\n".join(lines) + b"\n"


def _statements(of: dict[str, list[object]]) -> list[bytes]:
    said = zip(of["signed"], of["counter"], of["seconds"], of["signature"], strict=True)
    return [STATEMENT % tuple(rest) if signed else b"null" for signed, *rest in said]
