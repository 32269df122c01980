"""`iog orchestrator run` as a process: killed, stopped, started again, and refused."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from iog_client import addresses, amounts, jobs, networks, tokens, wallets
from iog_client.api import OrchestratorApi
from iog_client.cli import job_flow
from iog_client.cli.session import Session
from iog_client.config import Settings
from iog_client.demo.network import Fleet, LocalNetwork
from iog_client.demo.processes import IOG, Child
from iog_client.errors import IogError
from iog_client.job_models import JobView

FLEET = Fleet("ada", "2xrtx-4090", "2x RTX 4090", "0.35 IO/h")
HOUR = 10
CLIENT = "client"
CLIENT_IO = 10 * amounts.IO


@pytest.fixture(autouse=True)
def no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOG_CONFIG", str(tmp_path / "none.toml"))
    for name in ("IOG_RPC_URL", "IOG_WALLET", "IOG_ORCHESTRATOR_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[LocalNetwork]:
    """A network on an embedded chain, without an orchestrator."""
    net = LocalNetwork(tmp_path / "net", "embedded", HOUR, keep=False)
    try:
        await net.start_chain()
        await net.create()
        yield net
    finally:
        await net.close()


@pytest.fixture
async def net(chain: LocalNetwork) -> LocalNetwork:
    """The network with an orchestrator and a node that is ready."""
    await chain.start_orchestrator()
    await chain.add_node(FLEET)
    await chain.nodes_ready()
    await chain.fund_sol(CLIENT)
    await chain.fund_io(CLIENT, CLIENT_IO)
    return chain


@contextlib.asynccontextmanager
async def session(net: LocalNetwork) -> AsyncIterator[Session]:
    """What the client's commands work with."""
    wallet = net.wallet(CLIENT)
    settings = Settings(net.rpc_url, net.api_url, net.wallet_path(CLIENT))
    async with OrchestratorApi(net.api_url, wallet) as api:
        yield Session(settings, net.rpc, api, wallet)


def job_file(net: LocalNetwork, script: str, seconds: int = 60) -> job_flow.Prepared:
    """A job that runs a line of Python."""
    path = net.folder / "job.yaml"
    content = {
        "name": "job",
        "command": ["python", "-c", script],
        "duration": f"{seconds}s",
        "price": "0.50 IO/h",
        "outputs": ["out"],
    }
    path.write_text(json.dumps(content))
    return job_flow.Prepared.load(path)


async def submit(net: LocalNetwork, script: str) -> str:
    async with session(net) as here:
        view, _ = await job_flow.submit(
            here, job_file(net, script), lambda _: None, job_flow.Opening(0)
        )
    return view.id


async def until(net: LocalNetwork, address: str, *states: str, within: float = 40) -> JobView:
    """The job once it is in one of the states."""
    end = time.monotonic() + within
    async with session(net) as here:
        while True:
            with contextlib.suppress(IogError):
                view = await here.api.job(address)
                if view.state in states:
                    return view
            assert time.monotonic() < end, f"the job is {view.state}, not {states}"
            await asyncio.sleep(0.05)


def orchestrator(net: LocalNetwork) -> Child:
    return next(one for one in net.processes.children if one.name == "orchestrator")


async def kill(net: LocalNetwork, how: signal.Signals) -> int:
    """End the orchestrator's process, and nothing else."""
    child = orchestrator(net)
    net.processes.children.remove(child)
    os.kill(child.process.pid, how)
    return await asyncio.wait_for(child.process.wait(), 15)


async def run(net: LocalNetwork, *changes: str) -> tuple[int, str]:
    """An orchestrator that should not come up: its exit code, and what it said."""
    arguments = {
        "--network": str(net.folder / "network.json"),
        "--db": str(net.folder / "orchestrator"),
        "--port": "0",
        "--rpc": net.rpc_url,
    }
    arguments |= dict(zip(changes[::2], changes[1::2], strict=True))
    flat = [part for pair in arguments.items() for part in pair]
    process = await asyncio.create_subprocess_exec(
        str(IOG), "orchestrator", "run", *flat, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, said.decode()


def one_line(said: str) -> str:
    lines = said.strip().splitlines()
    assert len(lines) == 1, said
    return lines[0]


async def test_killed_while_a_job_runs_it_goes_on_and_pays_once(net: LocalNetwork) -> None:
    script = "import time; print('begin', flush=True); time.sleep(4); open('out', 'w').write('x')"
    address = await submit(net, script)
    await until(net, address, "running")
    assert await kill(net, signal.SIGKILL) == -signal.SIGKILL
    await net.start_orchestrator()
    view = await until(net, address, "settled")
    assert (view.reason, view.run, view.exit_code) == ("completed", 1, 0)
    assert view.proven_seconds >= 3
    assert [one.path for one in view.outputs] == ["out"]
    ask = amounts.parse_price(FLEET.ask)
    gross = ask * view.proven_seconds
    fee = jobs.fee_of(gross, 25)
    assert view.node_paid == gross - fee
    wallet = net.wallet(CLIENT).pubkey()
    assert await tokens.balance(net.rpc, wallet) == CLIENT_IO - gross - fee
    async with session(net) as here:
        assert (await here.api.logs(address))[0].startswith(b"begin\n")


async def test_stopped_while_a_job_runs_it_goes_on(net: LocalNetwork) -> None:
    address = await submit(net, "import time; time.sleep(3); open('out', 'w').write('x')")
    await until(net, address, "running")
    assert await kill(net, signal.SIGTERM) == 0
    await net.start_orchestrator()
    assert (await until(net, address, "settled")).reason == "completed"


async def test_a_job_opened_while_it_is_away_is_placed_when_it_is_back(net: LocalNetwork) -> None:
    job = job_file(net, "open('out', 'w').write('x')")
    async with session(net) as here:
        accepted = await here.api.submit(job.submission(0))
        await kill(net, signal.SIGKILL)
        terms = jobs.Terms.of(
            job.spec, wallets.load(net.record.keys.matcher).pubkey(), window=0, wait=600
        )
        await jobs.open_job(await here.sender(), here.wallet, 0, terms)
    await net.start_orchestrator()
    assert accepted.address is not None
    assert (await until(net, accepted.address, "settled")).reason == "completed"


async def test_hours_missed_while_away_are_closed_and_the_root_is_one(net: LocalNetwork) -> None:
    start = await networks.start(net.rpc, networks.load_authority(net.record))
    await _hour(net, 1)
    await kill(net, signal.SIGKILL)
    await asyncio.sleep(max(0.0, start + 3 * HOUR + 0.5 - await net.rpc.chain_time()))
    await net.start_orchestrator()
    await _hour(net, 3)
    views = {one.hour: one for one in await net.api.hours()}
    assert sorted(views) == list(range(1, max(views) + 1))
    published = {one.name for one in net.hours_folder.iterdir()}
    assert published >= {f"hour-00000{h}.{kind}" for h in (1, 2, 3) for kind in ("json", "sig")}


async def test_from_job_open_to_started_takes_a_second_at_most(net: LocalNetwork) -> None:
    took = []
    for number in range(5):
        job = job_file(net, "open('out', 'w').write('x')")
        async with session(net) as here:
            await here.api.submit(job.submission(number))
            matcher = wallets.load(net.record.keys.matcher).pubkey()
            terms = jobs.Terms.of(job.spec, matcher, window=0, wait=600)
            await jobs.open_job(await here.sender(), here.wallet, number, terms)
            begin = time.monotonic()
            address = str(addresses.job(here.key, number))
            await here.api.notify(address)
        await until(net, address, "running", "finished", "settled")
        took.append(time.monotonic() - begin)
        await until(net, address, "settled")
    assert sorted(took)[2] <= 1.0, took


async def test_a_second_one_on_the_same_folder_is_refused(net: LocalNetwork) -> None:
    # the port of the first one as well, as two that were started alike have it
    for port in ("0", net.api_url.rsplit(":", 1)[1]):
        code, said = await run(net, "--port", port)
        assert code == 1
        assert one_line(said).endswith("orchestrator is in use by another orchestrator")


async def test_a_second_one_on_another_folder_is_refused_by_the_key(net: LocalNetwork) -> None:
    folder = net.folder / "other"
    code, said = await run(net, "--db", str(folder))
    assert (code, one_line(said)) == (
        1,
        f"error: the matcher key {net.record.keys.matcher} is in use by another orchestrator with "
        "a database of its own: end that one, or name the same PostgreSQL by --database for both",
    )
    assert not folder.exists()


async def test_a_taken_port_is_refused(chain: LocalNetwork) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = await run(chain, "--port", port)
    assert not (chain.folder / "orchestrator").exists()
    assert (code, one_line(said)) == (
        1,
        f"error: port {port} on 127.0.0.1 is in use by another program",
    )


async def test_a_chain_that_does_not_answer_is_exit_5(chain: LocalNetwork) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        code, said = await run(chain, "--rpc", url)
    assert code == 5
    assert one_line(said).startswith(f"error: {url} is not reachable")


async def test_the_network_of_other_programs_is_refused_with_both_hashes(
    chain: LocalNetwork,
) -> None:
    path = chain.folder / "other.json"
    record = json.loads((chain.folder / "network.json").read_text())
    ours = record["idl_hashes"]["iog_jobs"]
    record["idl_hashes"]["iog_jobs"] = "0" * 64
    path.write_text(json.dumps(record))
    code, said = await run(chain, "--network", str(path))
    assert code == 1
    assert f"has the interface {'0' * 64} of iog_jobs, and this iog was made for {ours}" in said


async def test_a_network_file_or_key_that_is_missing_is_exit_3(chain: LocalNetwork) -> None:
    code, said = await run(chain, "--network", str(chain.folder / "none.json"))
    assert (code, "does not exist" in one_line(said)) == (3, True)
    code, said = await run(chain, "--matcher", str(chain.folder / "none.json"))
    assert (code, "does not exist" in one_line(said)) == (3, True)


async def test_the_network_of_another_chain_is_refused(chain: LocalNetwork) -> None:
    path = chain.folder / "other.json"
    record = json.loads((chain.folder / "network.json").read_text())
    path.write_text(json.dumps({**record, "genesis_hash": record["mint"]}))
    code, said = await run(chain, "--network", str(path))
    assert code == 1
    assert one_line(said).startswith("error: the genesis hash is")


async def test_an_oracle_that_is_none_and_a_matcher_without_sol_are_refused(
    chain: LocalNetwork,
) -> None:
    chain.wallet("poor")
    poor = str(chain.wallet_path("poor"))
    code, said = await run(chain, "--oracle", poor)
    assert (code, "is not an oracle of this network" in one_line(said)) == (4, True)
    code, said = await run(chain, "--matcher", poor)
    assert (code, "has no SOL" in one_line(said)) == (1, True)


async def test_the_database_of_another_chain_is_refused(
    chain: LocalNetwork, tmp_path: Path
) -> None:
    await chain.start_orchestrator()
    await chain.processes.stop("orchestrator")
    other = LocalNetwork(tmp_path / "other", "embedded", HOUR, keep=False)
    try:
        await other.start_chain()
        await other.create()
        code, said = await run(other, "--db", str(chain.folder / "orchestrator"))
    finally:
        await other.close()
    assert code == 1
    assert "belongs to another chain: its genesis hash is" in one_line(said)


async def test_a_database_that_is_not_there_is_refused_without_its_password(
    chain: LocalNetwork,
) -> None:
    code, said = await run(chain, "--database", "postgresql://iog:secret@127.0.0.1:1/iog")
    assert code == 5
    assert one_line(said).startswith("error: the database iog on 127.0.0.1:1 is not reachable")
    assert "secret" not in said


@pytest.mark.parametrize(
    "wrong",
    [
        ("--port", "70000"),
        ("--log-level", "loud"),
        ("--max-blob", "0"),
        ("--database", "mysql://iog@db/iog"),
        ("--advertise", "here:8787"),
        ("--advertise", "http://here/below"),
    ],
)
async def test_a_wrong_value_is_exit_2(chain: LocalNetwork, wrong: tuple[str, str]) -> None:
    code, said = await run(chain, *wrong)
    assert code == 2
    assert wrong[0] in one_line(said)


async def test_an_address_that_others_cannot_reach_is_exit_2(chain: LocalNetwork) -> None:
    url = "postgresql://iog@127.0.0.1:1/iog"
    code, said = await run(chain, "--database", url, "--host", "0.0.0.0")
    assert code == 2
    assert "name this one's URL by --advertise" in one_line(said)


async def _hour(net: LocalNetwork, hour: int) -> None:
    end = time.monotonic() + (hour + 2) * HOUR
    while not any(one.hour >= hour for one in await net.api.hours()):
        assert time.monotonic() < end, f"hour {hour} was not closed"
        await asyncio.sleep(0.2)
