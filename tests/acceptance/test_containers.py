"""Jobs in containers, on a real engine: what they get, what they cannot do, how they end."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from engine_samples import Registry as Registry
from engine_samples import Shop, podman, tools
from worker_world import SLOW, World, spying, until

from iog_client.protocol import Cancel, result_hash
from iog_worker import holding, processes
from iog_worker.containers import NoImage
from iog_worker.fake_orchestrator import Told


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    if shutil.which("podman") is None:
        pytest.skip("no container engine is installed (apt-get install podman runc)")
    folder = tmp_path_factory.mktemp("engine")
    registry = Registry()
    engine, env = podman(folder, registry.host)
    if engine is None:
        registry.close()
        pytest.skip("a container engine is installed, and does not work on this machine")
    made = Shop(engine, env, registry, registry.add("iog/tools", tools(), Cmd=["id", "-u"]))
    yield made
    for name in made.containers():
        engine.remove(name)
    registry.close()


@pytest.fixture
async def node(shop: Shop, tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path / "node", shop.env)
    await world.listen()
    code, _, err = await world.init()
    assert code == 0, err
    await world.run()
    yield world
    await world.close()
    await until(lambda: shop.containers() == [])


async def ended(world: World, told: Told) -> tuple[str, int | None, str]:
    await world.orchestrator.until(lambda: told.ended is not None or told.refused is not None, SLOW)
    assert told.ended is not None, told.refused
    return told.ended.reason, told.ended.exit_code, bytes(told.log).decode()


async def test_a_job_runs_in_its_image_and_its_end_names_the_digest(
    node: World, shop: Shop
) -> None:
    assert node.orchestrator.hello is not None
    assert node.orchestrator.hello.containers
    assert '"containers": "podman"' in node.log
    script = "cat given; echo $IOG_GPUS; echo out > out; ls /"
    given = node.orchestrator.blobs.put("given", b"input\n")
    told = await node.job(script, "out", image=shop.image, inputs=[given])
    reason, code, log = await ended(node, told)
    assert (reason, code) == ("completed", 0)
    assert log.startswith("input\n1\n")
    assert "lib" in log.split()  # what the libraries lie in; and nothing of this machine
    assert not {"root", "home", "work"} & set(log.split())
    end = told.ended
    assert end is not None
    assert end.image == shop.pinned
    assert end.result_hash == result_hash("completed", 0, end.outputs, shop.pinned)
    assert node.orchestrator.blobs.content[end.outputs[0].sha256] == b"out\n"


async def test_without_a_command_the_image_runs_its_own(node: World, shop: Shop) -> None:
    told = await node.assign([], image=shop.pinned)
    assert await ended(node, told) == ("completed", 0, "0\n")


async def test_an_image_that_no_registry_has_is_the_clients_fault(node: World, shop: Shop) -> None:
    told = await node.assign(["id"], image=f"{shop.registry.host}/iog/nothing:1")
    await node.orchestrator.until(lambda: told.refused is not None, SLOW)
    assert told.refused is not None
    assert told.refused.reason == "input_invalid"
    assert "iog/nothing:1" in told.refused.detail


async def test_a_tag_that_moved_is_pulled_again_and_a_digest_is_not(shop: Shop) -> None:
    before = shop.engine.pull(shop.pinned)
    asked = len(shop.registry.asked)
    assert shop.engine.pull(shop.pinned) == before
    assert len(shop.registry.asked) == asked
    moved = shop.registry.add("iog/moving", tools(), Cmd=["a"])
    name = f"{shop.registry.host}/iog/moving"
    assert shop.engine.pull(f"{name}:1").reference == f"{name}@{moved}"
    again = shop.registry.add("iog/moving", tools(), Cmd=["b"])
    assert shop.engine.pull(f"{name}:1").reference == f"{name}@{again}"
    assert again != moved
    with pytest.raises(NoImage):
        shop.engine.pull("localhost/nothing:1")


async def test_a_command_that_the_image_lacks_is_the_commands_failure(
    node: World, shop: Shop
) -> None:
    told = await node.assign(["no-such-program"], image=shop.pinned)
    reason, code, log = await ended(node, told)
    assert reason == "command_failed"
    assert code != 0
    assert "no-such-program" in log or "No such file" in log


async def test_a_container_has_no_rights_and_writes_to_its_own_folders_alone(
    node: World, shop: Shop
) -> None:
    script = (
        "cat /proc/self/status; cat /proc/self/uid_map; touch /x /bin/x /etc/x; "
        "touch /tmp/ok /iog/work/ok /iog/home/ok && echo writable"
    )
    told = await node.job(script, image=shop.pinned)
    _, _, log = await ended(node, told)
    facts = dict(line.split(":\t", 1) for line in log.splitlines() if ":\t" in line)
    assert int(facts["CapEff"], 16) == int(facts["CapBnd"], 16) == 0
    assert facts["NoNewPrivs"] == "1"
    assert facts["Seccomp"] == "2"
    assert log.count("Read-only file system") == 3
    assert "writable\n" in log
    # its root is nobody of this machine's
    assert "0 1879048192      65536" in log or not shop.engine.root


async def test_a_container_cannot_read_the_nodes_files_nor_another_jobs(
    node: World, shop: Shop
) -> None:
    other = await node.job("echo mine > secret; echo up; sleep 300", image=shop.pinned)
    told = await node.job(spying(node, other), image=shop.pinned)
    _, _, log = await ended(node, told)
    assert log == "spying\ntried\n"
    await node.orchestrator.send(Cancel(job=other.assign.job, run=other.assign.run))
    await ended(node, other)


async def test_a_container_reaches_no_network(node: World, shop: Shop) -> None:
    told = await node.job("cat /proc/net/dev /proc/net/route", image=shop.pinned)
    _, _, log = await ended(node, told)
    devices = [line.split(":")[0].strip() for line in log.splitlines() if ":" in line]
    assert devices == ["lo"]


async def test_all_of_a_long_output_arrives_and_in_order(node: World, shop: Shop) -> None:
    told = await node.job("seq 400000; echo last", image=shop.pinned)
    reason, _, log = await ended(node, told)
    assert reason == "completed"
    assert log == "".join(f"{n}\n" for n in range(1, 400_001)) + "last\n"


async def test_a_cancelled_container_may_put_its_affairs_in_order(node: World, shop: Shop) -> None:
    script = "trap 'echo saved; exit 0' TERM; echo up; while :; do sleep 0.1; done"
    told = await node.job(script, image=shop.pinned)
    assign = told.assign
    await node.orchestrator.send(Cancel(job=assign.job, run=assign.run))
    reason, _, log = await ended(node, told)
    # the shell itself says that its sleep was terminated, before or after
    assert reason == "cancelled"
    assert "saved\n" in log


async def test_a_container_that_ignores_the_signal_is_ended(node: World, shop: Shop) -> None:
    told = await node.job("trap '' TERM; echo up; while :; do sleep 0.1; done", image=shop.pinned)
    assign = told.assign
    await node.orchestrator.send(Cancel(job=assign.job, run=assign.run))
    reason, _, _ = await ended(node, told)
    assert reason == "cancelled"


async def test_a_container_is_ended_at_its_deadline(node: World, shop: Shop) -> None:
    told = await node.job("echo up; sleep 300", image=shop.pinned, seconds=2)
    reason, _, _ = await ended(node, told)
    assert reason == "timed_out"
    assert told.ended is not None
    assert told.ended.seconds == 2


async def test_memory_above_the_limit_ends_a_container(node: World, shop: Shop) -> None:
    if not shop.engine.limits:
        pytest.skip("the engine enforces no limits on this machine")
    eat = "echo up; exec dd if=/dev/zero of=/dev/null bs=300M count=100"
    told = await node.job(eat, image=shop.pinned, ram=64)
    reason, code, _ = await ended(node, told)
    assert (reason, code) == ("out_of_memory", 137)


async def test_a_container_that_fills_the_disk_is_ended(node: World, shop: Shop) -> None:
    fill = "echo up; for i in 1 2 3 4 5 6 7 8 9; do head -c 3000000 /dev/zero > $i; done; sleep 300"
    told = await node.job(fill, image=shop.pinned, disk=10)
    reason, _, log = await ended(node, told)
    assert reason == "command_failed"
    assert "bytes of disk, above its limit of 10485760\n" in log


async def test_a_container_has_no_more_processes_than_its_limit(node: World, shop: Shop) -> None:
    if not shop.engine.limits:
        pytest.skip("the engine enforces no limits on this machine")
    script = "cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2> /tmp/none; echo up"
    told = await node.job(script, image=shop.pinned)
    _, _, log = await ended(node, told)
    assert log == f"{holding.PROCESSES}\nup\n"


async def test_a_killed_worker_finds_its_container_again(node: World, shop: Shop) -> None:
    script = "echo one; while ! cat go; do sleep 0.1; done 2> /tmp/none; echo two"
    told = await node.job(script, image=shop.pinned)
    keeper = node.keeper(told)
    worker = node.workers[-1]
    worker.kill()
    await worker.wait()
    await node.run()
    assert node.keeper(told) == keeper
    (node.files(told).work / "go").write_text("gone\n")
    (node.files(told).work / "go").chmod(0o644)
    reason, _, log = await ended(node, told)
    assert (reason, log) == ("completed", "one\ngone\ntwo\n")
    assert told.ended is not None
    assert told.ended.image == shop.pinned


async def test_worker_and_supervisor_killed_together_leave_no_container(
    node: World, shop: Shop
) -> None:
    told = await node.job("echo up; sleep 407", image=shop.pinned)
    token = node.token(told)
    node.workers[-1].kill()
    node.signal_keeper(told, signal.SIGKILL)
    await node.workers[-1].wait()
    assert shop.containers() != []
    await node.run()
    reason, _, _ = await ended(node, told)
    assert reason == "node_failed"
    await until(lambda: processes.marked(token) == [])
    assert shop.containers() == []


async def test_a_job_without_an_image_still_runs_beside_containers(node: World) -> None:
    told = await node.job("echo $IOG_GPUS")
    assert await ended(node, told) == ("completed", 0, "1\n")
    assert told.ended is not None
    assert told.ended.image is None


async def test_a_node_without_an_engine_takes_no_image(node: World, shop: Shop) -> None:
    worker = node.workers[-1]
    worker.terminate()
    await asyncio.wait_for(worker.wait(), SLOW)
    await node.run("--engine", "none")
    told = await node.assign(["id"], image=shop.pinned)
    await node.orchestrator.until(lambda: told.refused is not None, SLOW)
    assert told.refused is not None
    assert told.refused.reason == "node_failed"
    assert "no container engine" in told.refused.detail
