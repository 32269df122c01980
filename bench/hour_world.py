"""Stored inputs of a big hour: nodes with wallets of their own, their signed statements on hour 2
in the store, and hour 1, closed for all of them."""

import asyncio
import time
from hashlib import sha256
from pathlib import Path

import numpy as np
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from bench import stores
from iog_client import schedule
from iog_client.hours_facts import ChainFacts, Root
from iog_client.hours_parts import HourFile
from iog_client.hours_rule import HourInputs, HourNode, Previous
from iog_client.statements import Statement
from iog_orchestrator.adapters.forks import Forks
from iog_orchestrator.adapters.hour_folder import HourFolder
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.domain.hour_columns import Columns
from iog_orchestrator.domain.jobs import StoredStatement
from iog_orchestrator.domain.network import HourReport

NETWORK = {"genesis_hash": "bench", "mint": "bench"}
ADDRESS = str(Pubkey(bytes([7] * 32)))
HOUR = 2
START = 1_800_000_000
LENGTH = 3600
COUNTER = 60
PAGE = 50_000
SIGNED = np.dtype([("device", "S44"), ("signature", "S88")])


async def prepare(folder: Path, nodes: int, url: str | None) -> float:
    """Store all of it, in the database at `url` or one in `folder`; the seconds for which nodes
    went from objects into stored columns."""
    async with stores.opened(folder / "store", NETWORK, url) as store:
        return await _prepared(store, folder, nodes)


async def _prepared(store: SqlStore, folder: Path, nodes: int) -> float:
    works = HourFolder(folder / "hours", Forks())
    # in a thread, as below: on PostgreSQL the lease is renewed meanwhile
    signed = np.frombuffer(b"".join(await asyncio.to_thread(Forks(), _signed, nodes)), SIGNED)
    for at in range(0, nodes, PAGE):
        page = enumerate(signed[at : at + PAGE].tolist(), at)
        await store.put_statements([_stored(number, *texts) for number, texts in page])
    begun = time.perf_counter()
    names = (name.decode() for name in signed["device"].tolist())
    rows = (_node(at, name) for at, name in enumerate(names))
    columns = await asyncio.to_thread(Columns.collect, rows, nodes)
    works.keep(HOUR, columns)
    took = time.perf_counter() - begun
    columns.of["signed"][:] = True
    columns.of["seconds"][:] = LENGTH
    first, _ = await asyncio.to_thread(works.build, inputs(1, Previous()), columns, None)
    await store.put_hour(report(1, first.root or ""), first.to_bytes())
    return took


def inputs(hour: int, previous: Previous) -> HourInputs:
    """What the hour is built from beside its columns."""
    return HourInputs(
        genesis_hash=ADDRESS,
        mint=ADDRESS,
        distributor=ADDRESS,
        jobs_program=ADDRESS,
        start=START,
        hour_length=LENGTH,
        to_rewards_total=schedule.emitted(hour) * 9 // 10,
        nodes=(),
        previous=previous,
    )


def facts(hour: HourFile) -> ChainFacts:
    """What a chain would say of the hour, its nodes and classes apart."""
    head = hour.head
    root = Root(head.hour, head.root or "", head.total, hour.data_hash, hour.leaf_count)
    total = schedule.emitted(head.hour) * 9 // 10
    return ChainFacts(ADDRESS, ADDRESS, ADDRESS, ADDRESS, START, LENGTH, total, live=root)


def report(hour: int, root: str) -> HourReport:
    """A line for the store's table of hours."""
    return HourReport(hour, root, "", 0, 0, 0, 0, 0, 0, 0, 0, 0)


def _signed(begin: int, end: int) -> bytes:
    """Devices and their signatures, as `SIGNED`."""
    genesis, program = Hash.from_string(ADDRESS), Pubkey.from_string(ADDRESS)
    made = []
    for number in range(begin, end):
        device = Keypair.from_seed(number.to_bytes(32, "big"))
        key, seconds = device.pubkey(), _seconds(number)
        said = Statement.for_hour(genesis, program, key, HOUR, COUNTER, seconds).sign(device)
        made.append((str(key).encode(), str(said).encode()))
    return np.array(made, SIGNED).tobytes()


def _stored(number: int, device: bytes, signature: bytes) -> StoredStatement:
    seconds = _seconds(number)
    return StoredStatement(
        device.decode(), "hour", str(HOUR), 0, COUNTER, seconds, signature.decode()
    )


def _seconds(number: int) -> int:
    return 3000 + number % 601


def _node(number: int, device: str) -> HourNode:
    wallet = str(Pubkey(sha256(number.to_bytes(8, "big")).digest()))
    return HourNode(
        device=device,
        owner=wallet,
        payee=wallet,
        gpu_class="h100-pcie" if number % 20 else "rtx-4090",
        class_enabled=True,
        pool="enterprise" if number % 20 else "community",
        multiplier=10_600 if number % 20 else 700,
        gpus=1 + number % 8,
        stake=16_960 * 10**8,
        requirement=16_960 * 10**8,
        state="active",
        active_from_hour=1,
        statement=None,
        proof=START,
    )
