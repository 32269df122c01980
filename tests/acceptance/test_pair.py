"""Two orchestrators on one database: what they answer, what they refuse, and what a client sees of
a takeover. What is done to them is in tests/chaos/test_pairs.py.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from iog_client.demo.processes import IOG
from tests import postgres_server
from tests.chaos.pair import Pair, other
from tests.chaos.report import Report
from tests.chaos.world import CLIENT

pytestmark = pytest.mark.asyncio(loop_scope="module")
LOGS_WITHIN = HOURS_WITHIN = 120.0


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
        made = Pair(folder / "net", Report(folder / "report.json", 0), url)
        try:
            await made.open()
            yield made
        finally:
            await made.close()
            patch.undo()


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
    assert (following.returncode, (read + rest).decode().split()) == (0, wanted), said.decode()
    await pair.stands_by(leader)


async def test_hours_went_on_and_each_is_published_once(pair: Pair) -> None:
    async with asyncio.timeout(HOURS_WITHIN):
        while len(closed := await pair.api.hours()) < 3:  # noqa: ASYNC110 - another process closes them
            await asyncio.sleep(0.5)
    assert [one.hour for one in reversed(closed)] == list(range(1, len(closed) + 1))
    assert len({path.name for path in pair.hours_folder.glob("hour-*.json")}) >= len(closed)
    for name in pair.urls:
        lines = (pair.folder / "logs" / f"{name}.log").read_text().splitlines()
        assert [line for line in lines if '"level": "error"' in line] == []


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
