"""`iog node init` and `iog node run` as processes, and what happens when they are killed."""

import asyncio
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from worker_world import IOG, OWNER, SLOW, World, spying, until

from iog_worker import processes
from iog_worker.containers import Limits
from iog_worker.fake_orchestrator import FakeOrchestrator
from iog_worker.folder import NodeFolder
from iog_worker.hierarchies import Tree

MEMORY_KIB = 120_000
NOBODY = "http://127.0.0.1:9"
HINT = "connection refused (--orchestrator or IOG_ORCHESTRATOR_URL names another orchestrator)"


def peak_memory(pid: int) -> int:
    """The most memory a process has had, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    (peak,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    print(f"peak memory {peak} KiB")  # noqa: T201
    return peak


def groups_of(world: World) -> Tree | None:
    """Where the node makes control groups, if it can."""
    return NodeFolder(world.folder).kept_groups()


def left_of(tree: Tree) -> list[Path]:
    """The node's control groups that there are now."""
    return [path for one in tree.folders.values() for path in Path(one).glob(f"{tree.prefix}*")]


def own_network() -> str:
    """The network namespace of this process."""
    return str(Path("/proc/self/ns/net").readlink())


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path / "node")
    await made.listen()
    yield made
    await made.close()


@pytest.fixture
async def node(world: World) -> World:
    """A world whose node is set up."""
    code, _, err = await world.init()
    assert code == 0, err
    return world


async def test_a_node_is_set_up_works_and_stops(world: World) -> None:
    code, out, err = await world.init("2xh100-pcie", "--json")
    assert (code, err) == (0, "")
    written = json.loads(out)
    assert written.pop("file") == str(world.folder / "registration.json")
    assert written == json.loads((world.folder / "registration.json").read_text())
    assert (written["owner"], written["gpus"], written["simulated"]) == (OWNER, 2, True)
    worker = await world.run()
    told = await world.job("echo hello; sleep 1.2; echo 1 > out", "out")
    await world.orchestrator.until(lambda: told.paid is not None, SLOW)
    assert told.ended is not None
    assert (told.ended.reason, bytes(told.log)) == ("completed", b"hello\n")
    assert told.paid == told.ended.seconds
    assert 1 <= told.paid <= 20
    assert peak_memory(worker.pid) < MEMORY_KIB
    worker.terminate()
    assert await asyncio.wait_for(worker.wait(), SLOW) == 0
    assert '"simulated": true' in world.log
    assert f'"limits": "{"cgroup-v" if groups_of(world) else "watched"}' in world.log


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
async def test_a_job_has_a_network_if_it_asks_and_the_operator_allows_it(node: World) -> None:
    seen = []
    for network in ("none", "outbound"):
        worker = await node.run("--allow-network")
        if '"confinement": "bubblewrap"' not in node.log:
            pytest.skip("bubblewrap does not work on this machine")
        told = await node.job("readlink /proc/self/ns/net", network=network)
        await node.orchestrator.until(lambda told=told: told.paid is not None, SLOW)  # type: ignore[misc]
        seen.append(told.log.decode().strip())
        worker.terminate()
        await asyncio.wait_for(worker.wait(), SLOW)
    assert (seen[0] == own_network(), seen[1] == own_network()) == (False, True)
    await node.run()
    told = await node.assign(["true"], network="outbound")
    await node.orchestrator.until(lambda: told.refused is not None, SLOW)
    assert told.refused is not None
    assert "--allow-network" in told.refused.detail


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
async def test_a_job_cannot_read_the_nodes_files_nor_another_jobs(node: World) -> None:
    await node.run("--engine", "none")
    if '"confinement": "bubblewrap"' not in node.log:
        pytest.skip("bubblewrap does not work on this machine")
    other = await node.job("echo mine > secret; echo up; sleep 300")
    assert (node.files(other).work / "secret").read_text() == "mine\n"
    told = await node.job(spying(node, other))
    await node.orchestrator.until(lambda: told.paid is not None, SLOW)
    # the way to its own folder is there, and nothing else on it
    said = told.log.decode().splitlines()
    own = node.files(told).path.name
    assert [line for line in said if line.startswith("READ")] == []
    assert set(said) - {"spying", "tried", "runs", own, "LISTED node", "LISTED runs"} == set()


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_worker_killed_at_random_moments_loses_nothing_of_its_run(
    node: World, seed: int
) -> None:
    chance = random.Random(seed)
    worker = await node.run("--engine", "none")
    script = "for i in $(seq 60); do echo line $i; sleep 0.1; done; seq 20000; pwd > out"
    told = await node.assign(["sh", "-c", script], outputs=["out"])
    for _ in range(4):
        await asyncio.sleep(chance.uniform(0, 2))
        worker.kill()
        await worker.wait()
        worker = await node.run("--engine", "none")
        assert node.orchestrator.hello is not None
        if told.paid is None and not node.orchestrator.hello.runs:
            # killed before it had written down that it took the run: it is handed out again
            await node.orchestrator.send(told.assign)
    await node.orchestrator.until(lambda: told.paid is not None, SLOW)
    assert told.ended is not None
    assert (told.ended.reason, len(told.ended.outputs)) == ("completed", 1)
    lines = [f"line {number}" for number in range(1, 61)] + [str(n) for n in range(1, 20_001)]
    assert told.log.decode().splitlines() == lines
    assert told.paid == told.ended.seconds
    counters = [one.counter for one in told.statements]
    assert counters == sorted(set(counters))
    await until(lambda: list(node.folder.glob("runs/*")) == [])
    # told again to whoever may not have heard it, but never another one
    assert all(end == told.ends[0] for end in told.ends)


async def test_a_killed_worker_that_comes_back_finds_its_jobs_limits_and_leaves_none(
    node: World,
) -> None:
    worker = await node.run()
    tree = groups_of(node)
    if tree is None:
        pytest.skip("no control groups on this machine")
    hog = f"import time; time.sleep(1); hog = bytearray(1 << 30); time.sleep({SLOW})"
    script = f"echo up; while [ ! -e go ]; do sleep 0.1; done; {sys.executable} -S -c '{hog}'"
    told = await node.job(script, ram=100)
    name = node.files(told).path.name
    assert tree.group(name).pids() != []
    worker.kill()
    await worker.wait()
    tree.group("gone").make(Limits())
    worker = await node.run()
    assert tree.group(name).pids() != []
    (node.files(told).work / "go").touch()
    await node.orchestrator.until(lambda: told.paid is not None, SLOW)
    assert told.ended is not None
    assert told.ended.reason == "out_of_memory"
    await until(lambda: list(node.folder.glob("runs/*")) == [])
    assert left_of(tree) == []
    assert worker.returncode is None


async def test_a_killed_worker_that_comes_back_has_its_run_paid(node: World) -> None:
    worker = await node.run()
    began = time.monotonic()
    script = (
        "echo one; while [ ! -e alone ]; do sleep 0.1; done; seq 50000; echo written > said; "
        "while [ ! -e go ]; do sleep 0.1; done; echo two; pwd > out"
    )
    told = await node.job(script, "out")
    keeper = node.keeper(told)
    worker.kill()
    await worker.wait()
    assert processes.started(keeper) is not None
    # more than a pipe holds: it is written although no worker is there
    (node.files(told).work / "alone").touch()
    await until((node.files(told).work / "said").exists)
    await asyncio.sleep(1)
    await node.run()
    assert node.orchestrator.hello is not None
    assert [one.state for one in node.orchestrator.hello.runs] == ["running"]
    assert node.keeper(told) == keeper
    (node.files(told).work / "go").touch()
    await node.orchestrator.until(lambda: told.paid is not None, SLOW)
    assert told.ended is not None
    assert (told.ended.reason, len(told.ended.outputs)) == ("completed", 1)
    numbers = b"".join(b"%d\n" % number for number in range(1, 50_001))
    assert bytes(told.log) == b"one\n" + numbers + b"two\n"
    # the seconds without a worker count: the job ran, and its supervisor counted them
    assert told.paid == told.ended.seconds
    assert 1 <= told.paid <= time.monotonic() - began
    counters = [one.counter for one in told.statements]
    assert counters == sorted(set(counters))


async def test_a_job_does_not_outlive_a_worker_that_stays_away(node: World) -> None:
    worker = await node.run("--lease", "2")
    told = await node.job("(setsid sh -c 'echo up; sleep 400' &); sleep 401")
    token = node.token(told)
    worker.kill()
    await worker.wait()
    await until(lambda: processes.marked(token) == [])
    await node.run("--lease", "2")
    await node.orchestrator.until(lambda: told.paid is not None, SLOW)
    assert told.ended is not None
    assert told.ended.reason == "node_failed"


async def test_a_killed_supervisor_leaves_no_orphan(node: World) -> None:
    await node.run()
    told = await node.job("(setsid sh -c 'echo up; sleep 402' &); sleep 403")
    token = node.token(told)
    os.kill(node.keeper(told), signal.SIGKILL)
    await node.orchestrator.until(lambda: told.paid is not None, SLOW)
    assert told.ended is not None
    assert told.ended.reason == "node_failed"
    assert processes.marked(token) == []


async def test_worker_and_supervisor_killed_together_leave_no_orphan(node: World) -> None:
    worker = await node.run()
    told = await node.job("(setsid sh -c 'echo up; sleep 404' &); sleep 405")
    token = node.token(told)
    worker.kill()
    os.kill(node.keeper(told), signal.SIGKILL)
    await worker.wait()
    # in a sandbox the kernel has ended them by now; without one they wait for the next worker
    assert processes.marked(token) != [] or '"confinement": "bubblewrap"' in node.log
    await node.run()
    await node.orchestrator.until(lambda: told.paid is not None, SLOW)
    assert told.ended is not None
    assert told.ended.reason == "node_failed"
    assert processes.marked(token) == []


async def test_sigterm_ends_jobs_in_good_order(node: World) -> None:
    worker = await node.run()
    told = await node.job("trap 'echo saved; exit' TERM; echo up; sleep 406 & wait")
    worker.terminate()
    assert await asyncio.wait_for(worker.wait(), SLOW) == 0
    assert told.ended is not None
    assert (told.ended.reason, bytes(told.log)) == ("node_stopped", b"up\nsaved\n")
    assert told.paid is not None


async def test_an_orchestrator_with_another_key_gets_nothing(node: World) -> None:
    await node.hang_up()
    pinned, node.orchestrator = node.orchestrator, FakeOrchestrator()
    await node.listen()
    with (node.folder / "worker.log").open("a") as log:
        worker = await asyncio.create_subprocess_exec(
            *IOG, "node", "run", "--folder", str(node.folder), stderr=log
        )
    node.workers.append(worker)
    await until(lambda: "this node accepts" in node.log)
    assert f"this node accepts {pinned.key.pubkey()}" in node.log
    assert node.orchestrator.connections == 0
    worker.terminate()
    assert await asyncio.wait_for(worker.wait(), SLOW) == 0


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["--simulate", "lots"], 2, "1 to 1024 GPUs are accepted"),
        (["--simulate", "8xh100"], 2, "there is no GPU class `h100`"),
        (["--simulate", "2xl4", "--class", "h200"], 2, "not h200"),
        (["--simulate", "2xl4", "--orchestrator", NOBODY], 5, f"{NOBODY} is not reachable: {HINT}"),
        (["--simulate", "2xl4", "--orchestrator", "nowhere"], 2, "is not a URL"),
        (["--simulate", "2xl4", "--owner", "me"], 2, "`me` is not an owner's public key"),
        (["--nonsense"], 2, "no such option"),
    ],
)
async def test_a_wrong_set_up_is_one_line_and_writes_nothing(
    world: World, arguments: list[str], code: int, why: str
) -> None:
    usual = ["--folder", str(world.folder), "--orchestrator", world.url, "--owner", OWNER]
    got, out, err = await world.iog("init", *usual, *arguments)
    assert (got, out) == (code, "")
    assert why in err
    assert err.count("\n") == 1
    assert not (world.folder / "node.json").exists()


async def test_a_node_is_set_up_anew_only_when_that_is_asked_for(node: World) -> None:
    key = (node.folder / "device.json").read_bytes()
    code, out, err = await node.init()
    assert (code, err) == (0, "")
    assert f"nothing changed: {node.folder / 'registration.json'}" in out
    code, out, err = await node.init("1xl4")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert f"{node.folder} is set up already" in err
    assert "GPUs 2x simulated h100-pcie, now 1x simulated l4. --change writes" in err
    code, out, err = await node.init("1xl4", "--change")
    assert (code, err) == (0, "")
    assert ": 1 simulated l4" in out
    assert (node.folder / "device.json").read_bytes() == key


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        ([], 3, "is not a node's folder; `iog node init` makes one"),
        (["--lease", "0"], 2, "lease"),
    ],
)
async def test_a_run_without_a_node_is_one_line(
    world: World, arguments: list[str], code: int, why: str
) -> None:
    got, out, err = await world.iog("run", "--folder", str(world.folder), *arguments)
    assert (got, out) == (code, "")
    assert why in err
    assert err.count("\n") == 1


async def test_a_worker_on_a_copied_folder_ends_and_leaves_the_first_alone(node: World) -> None:
    worker = await node.run()
    told = await node.job("echo up; while [ ! -e go ]; do sleep 0.1; done")
    copied = node.folder.with_name("copied")
    shutil.copytree(node.folder, copied, symlinks=True)
    code, _, err = await node.iog("run", "--folder", str(copied), "--allow-unconfined")
    assert code == 4
    (line,) = (one for one in err.splitlines() if one.startswith("error:"))
    assert "another worker with this device key is connected" in line
    assert (worker.returncode, node.orchestrator.connections) == (None, 1)
    (node.files(told).work / "go").touch()
    await node.orchestrator.until(lambda: told.paid is not None, SLOW)
    worker.kill()
    await worker.wait()
    # its socket is closed: whoever comes next has the node at once
    node.folder = copied
    await node.run()


async def test_a_second_worker_on_one_folder_is_refused(node: World) -> None:
    await node.run()
    code, _, err = await node.iog("run", "--folder", str(node.folder))
    assert code == 4
    # and nothing of what it would have started with
    assert err == f"error: another worker runs this node ({node.folder})\n"
