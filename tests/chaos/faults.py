"""Every fault that the suite does, by the module that does it.

`docs/reliability.md` has to name them all, and no other: `scripts/reliability.py --check`.
"""

from collections.abc import Iterable

import pytest

FAULTS: dict[str, tuple[str, ...]] = {
    "test_kills": (
        "kill -9 of the orchestrator",
        "kill -9 of the worker",
        "kill -9 of the chain",
        "kill -9 of two at once",
        "kill -9 of everything at once",
        "kill -9 of a job's supervisor",
        "kill -9 of the orchestrator, five times in a row",
    ),
    "test_freezes": (
        "SIGSTOP of the orchestrator for 10 s",
        "SIGSTOP of the worker for 6 s",
        "SIGSTOP of the worker for 30 s, its runs given up",
        "SIGSTOP of the chain for 6 s",
        "SIGSTOP of the chain for 40 s",
    ),
    "test_clocks": (
        "the orchestrator's clock an hour ahead",
        "the orchestrator's clock an hour behind",
        "the orchestrator's clock half a minute ahead",
        "the worker's clock an hour ahead",
        "the worker's clock an hour behind",
        "the worker's clock half a minute ahead",
        "all clocks set to and fro",
    ),
    "test_rpc_nodes": (
        "a Solana node that is slow",
        "a Solana node that cuts answers off",
        "a Solana node that does everything twice",
        "a Solana node that answers nonsense",
        "a Solana node that lags behind",
        "a Solana node that goes back",
        "a Solana node that says that it is tomorrow",
        "a Solana node that says that it is yesterday",
    ),
    "test_disks": (
        "a full disk of the orchestrator",
        "a full disk of the worker",
    ),
    "test_networks": (
        "a worker's network cut for 2 s",
        "a worker's network cut for 12 s, its node silent",
        "a worker's network cut for 35 s, its runs given up",
        "a worker's network at 64 kbit/s",
        "a worker's network on and off",
        "a worker's network that loses 5 % of its packets",
        "a worker's network that loses 30 % of its packets",
        "a worker's network with 300 ms of delay each way",
    ),
    "test_messages": (
        "frames doubled",
        "frames swapped",
        "frames lost",
        "frames replayed",
        "frames changed",
        "a node that cheats",
        "requests stale, replayed or unsigned",
    ),
    "test_crowds": (
        "strangers that connect",
        "strangers that register without stake",
    ),
    "test_databases": (
        "a database of another chain",
        "a database of a later version",
        "a file that is no database",
        "kill -9 while the database is written",
        "a database deleted while it is used",
    ),
    "test_postgres": (
        "kill -9 of the PostgreSQL server",
        "kill -9 of the orchestrator on PostgreSQL",
        "kill -9 of orchestrator and PostgreSQL at once",
    ),
    "test_pairs": (
        "kill -9 of the leader of two orchestrators",
        "SIGSTOP of the leader of two orchestrators",
        "SIGTERM of the leader of two orchestrators",
        "kill -9 of both orchestrators",
        "kill -9 of PostgreSQL under two orchestrators",
        "the connections of two orchestrators ended by PostgreSQL",
    ),
}
ON_VALIDATOR = ("test_kills", "test_freezes")
"""Modules that are done on solana-test-validator too, by `IOG_CHAOS_CHAIN=validator`."""
ALL = [fault for faults in FAULTS.values() for fault in faults]


def short(names: Iterable[str], *chosen: str) -> list[object]:
    """Parameters of a test, of which only the chosen ones belong to the short form too."""
    return [one if one in chosen else pytest.param(one, marks=pytest.mark.long) for one in names]
