"""Two orchestrators on one database: the leader killed, frozen and stopped while jobs run.

After each round every job is settled once, escrow and emission add up to the base unit, and every
hour is published once. `IOG_PAIR_ROUNDS` is how often; `IOG_PAIR_SEED` repeats a run's choices.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import asyncpg
import httpx
import pytest
import pytest_asyncio

from iog_client.demo.processes import IOG
from tests import postgres_server
from tests.chaos.pair import Pair, other
from tests.chaos.world import CLIENT

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROUNDS = int(os.environ.get("IOG_PAIR_ROUNDS") or 1)
SEED = int(os.environ.get("IOG_PAIR_SEED") or random.SystemRandom().randrange(2**32))
LOGS_WITHIN = 120.0
EXPIRED = 7.0
"""Seconds of being frozen after which another leads for certain."""


@pytest.fixture(scope="module")
def server() -> Iterator[postgres_server.Server]:
    with postgres_server.server(postgres_server.required()) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(
    server: postgres_server.Server, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    patch = pytest.MonkeyPatch()
    patch.setenv("IOG_CONFIG", str(folder / "none.toml"))
    for name in ("IOG_RPC_URL", "IOG_WALLET", "IOG_ORCHESTRATOR_URL"):
        patch.delenv(name, raising=False)
    async with server.database() as url:
        made = Pair(folder / "net", url)
        try:
            await made.open()
            yield made
        finally:
            await made.close()
            patch.undo()


@pytest.fixture(params=range(ROUNDS))
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Chance of one test and round; its seed is printed when the test fails."""
    sys.stdout.write(f"IOG_PAIR_SEED={SEED}\n")
    return random.Random(f"{SEED} {request.node.name}")


async def get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url)


async def test_both_answer_and_say_what_they_are(pair: Pair) -> None:
    leader = await pair.leader()
    await pair.until(other(leader), "standby")
    for one in (leader, other(leader)):
        nodes = (await get(f"{pair.urls[one]}/v1/nodes")).json()["nodes"]
        assert {node["device"] for node in nodes} == {str(node.device) for node in pair.nodes}
    ready = (await get(f"{pair.urls[other(leader)]}/v1/ready")).json()
    assert ready["leader"] == pair.urls[leader]
    said = await doctor(pair)
    assert f"{pair.urls[leader]} leads, with token" in said


async def test_one_that_could_not_go_on_here_is_refused_at_its_start(pair: Pair) -> None:
    env, folder = pair.processes.env["first"], pair.folder / "orchestrator"
    alone = {name: value for name, value in env.items() if name != "IOG_ORCHESTRATOR_DATABASE"}
    said = await refused(pair, folder, alone)
    assert said == f"error: {folder} is in use by orchestrators with --database\n"
    said = await refused(pair, Path("/proc/orchestrator"), env)
    assert said.startswith("error: /proc/orchestrator cannot be used: ")
    assert said.count("\n") == 1


async def test_a_killed_leader(pair: Pair, chance: random.Random) -> None:
    async with pair.ordeal("kill -9 of the leader", chance):
        await asyncio.sleep(chance.uniform(0, 3))
        leader = await pair.leader()
        await pair.processes.kill(leader)
        await pair.until(other(leader), "leader")
        await pair.start_one(leader)
        await pair.until(leader, "standby")


async def test_logs_are_followed_over_a_takeover(pair: Pair) -> None:
    wanted = [str(number) for number in range(1, 21)]
    job = await pair.submit(0.1, f"for i in {' '.join(wanted)}; do echo $i; sleep 0.7; done")
    more = {"IOG_ORCHESTRATOR_URL": pair.api_url, "IOG_WALLET": str(pair.wallet_path(CLIENT))}
    following = await asyncio.create_subprocess_exec(
        IOG, "job", "logs", str(job), "-f", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, **more},
    )  # fmt: skip
    assert following.stdout is not None
    async with asyncio.timeout(LOGS_WITHIN):
        read = await following.stdout.readline()
        leader = await pair.leader()
        await pair.processes.kill(leader)
        rest, said = await following.communicate()
    await pair.start_one(leader)
    assert (following.returncode, (read + rest).decode().split()) == (0, wanted), said.decode()
    await pair.until(leader, "standby")


async def test_a_frozen_leader_stands_by_when_it_wakes(pair: Pair, chance: random.Random) -> None:
    async with pair.ordeal("SIGSTOP of the leader", chance):
        await asyncio.sleep(chance.uniform(0, 3))
        leader = await pair.leader()
        process = pair.processes.of(leader).process.pid
        pair.processes.freeze(leader)
        await asyncio.sleep(EXPIRED)
        await pair.until(other(leader), "leader")
        await asyncio.sleep(chance.uniform(0, 3))
        pair.processes.thaw(leader)
        await pair.until(leader, "standby")
        assert await pair.role(other(leader)) == "leader"
        assert pair.processes.of(leader).process.pid == process


async def test_a_leader_that_is_stopped_hands_over(pair: Pair, chance: random.Random) -> None:
    async with pair.ordeal("SIGTERM of the leader", chance):
        await asyncio.sleep(chance.uniform(0, 3))
        leader = await pair.leader()
        os.kill(pair.processes.of(leader).process.pid, signal.SIGTERM)
        assert await pair.processes.ended(leader) == 0
        await pair.until(other(leader), "leader")
        await pair.start_one(leader)
        await pair.until(leader, "standby")


async def test_a_database_that_ends_all_connections(
    pair: Pair, chance: random.Random, server: postgres_server.Server
) -> None:
    async with pair.ordeal("the database drops its connections", chance):
        await asyncio.sleep(chance.uniform(0, 3))
        await pair.leader()
        connection = await asyncpg.connect(server.url())
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        )
        await connection.close()
        await pair.leader()


async def test_hours_went_on_and_each_is_published_once(pair: Pair) -> None:
    closed = [one.hour for one in reversed(await pair.api.hours())]
    assert closed == list(range(1, len(closed) + 1))
    assert len(closed) >= 3
    assert len({path.name for path in pair.hours_folder.glob("hour-*.json")}) >= len(closed)
    for name in pair.urls:
        lines = (pair.folder / "logs" / f"{name}.log").read_text().splitlines()
        errors = [line for line in lines if '"level": "error"' in line]
        # a loop may say that the database has ended its connection, which a test above did
        assert [one for one in errors if "has ended the connection" not in one] == []


async def refused(pair: Pair, folder: Path, env: Mapping[str, str]) -> str:
    """What an orchestrator says that does not come up."""
    process = await asyncio.create_subprocess_exec(
        IOG, "orchestrator", "run", "--network", pair.folder / "network.json", "--db", folder,
        "--rpc", pair.rpc_url, "--port", "0", stderr=subprocess.PIPE, env={**os.environ, **env},
    )  # fmt: skip
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    return said.decode()


async def doctor(pair: Pair) -> str:
    """What the orchestrator's doctor says."""
    arguments = [
        "--network", pair.folder / "network.json", "--db", pair.folder / "orchestrator",
        "--rpc", pair.rpc_url, "--orchestrator", pair.api_url,
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        IOG, "orchestrator", "doctor", *arguments, stdout=subprocess.PIPE,
        env={**os.environ, **pair.processes.env["first"]},
    )  # fmt: skip
    said, _ = await process.communicate()
    return said.decode()
