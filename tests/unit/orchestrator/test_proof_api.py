"""What the API and `iog node proof` say of GPU proofs."""

import json
import random
from pathlib import Path

import httpx
import pytest
from orchestrator_api import api_of
from orchestrator_proofs import Gpu, Skips
from orchestrator_world import Worker, World

from iog_client.api import OrchestratorApi
from iog_client.cli.output import execute
from iog_client.errors import NotFound
from iog_client.gpuproof.evidence import Evidence
from iog_client.protocol import ProofChallenge, ProofOpen
from iog_orchestrator.adapters.http.app import application
from iog_orchestrator.adapters.keys import KeypairSigner
from iog_orchestrator.adapters.worker_socket import WorkerSockets


@pytest.fixture
async def proven(world: World) -> Worker:
    """A node of a network that asks for proofs: it passed one, then failed one."""
    world.record = world.record.model_copy(update={"proof": "required"})
    await world.restart()
    worker = await world.node(gpus=1)
    await worker.connect()
    for gpu in (Gpu(worker.key), *(Skips(worker.key, random.Random(2), 1.0) for _ in range(2))):
        await prove(world, worker, gpu)
    return worker


async def prove(world: World, worker: Worker, gpu: Gpu) -> None:
    """Let time pass until the node is asked, and have it answer."""
    worker.frames.clear()
    while not (asked := [one for one in worker.frames if isinstance(one, ProofChallenge)]):
        world.tick(1)
        await worker.beat()
        await world.core.proofs.step()
    worker.frames.clear()
    await worker.say(gpu.commit(asked[0]))
    (opening,) = [one for one in worker.frames if isinstance(one, ProofOpen)]
    for part in gpu.open(asked[0], opening):
        await worker.say(part)


async def api_now(world: World) -> OrchestratorApi:
    transport = httpx.ASGITransport(
        application(world.core, WorkerSockets(KeypairSigner(world.matcher)))
    )
    return api_of(world, transport, world.client)


async def test_results_are_shown_newest_first_with_their_budget(
    world: World, proven: Worker
) -> None:
    async with await api_now(world) as api:
        found = await api.proofs(proven.device)
        assert (await api.network()).proof == "required"
        view = await api.node(proven.device)
    assert [one.code for one in found.proofs] == ["wrong_product", "passed"]
    assert [one.passed for one in found.proofs] == [False, True]
    assert (found.max_age, found.budget, found.proving) == (240, 2.4, False)
    assert 0 <= found.spent < 2.4
    assert "its GPU proof failed" in view.readiness[0].text


async def test_evidence_is_public_and_named_by_its_hash(world: World, proven: Worker) -> None:
    async with await api_now(world) as api:
        sha256 = (await api.proofs(proven.device)).proofs[0].evidence
        assert sha256 is not None
        evidence = Evidence.parse(await api.proof_evidence(sha256))
    assert (evidence.sha256, evidence.device) == (sha256, proven.device)
    assert evidence.genesis_hash == world.record.genesis_hash


async def test_what_there_is_not_is_said(world: World, proven: Worker) -> None:
    async with await api_now(world) as api:
        with pytest.raises(NotFound, match="there is no evidence"):
            await api.proof_evidence("ab" * 32)
        with pytest.raises(NotFound, match="there is no node"):
            await api.proofs(str(world.client.pubkey()))


@pytest.fixture
async def file(world: World, proven: Worker, tmp_path: Path) -> Path:
    """The evidence, as `iog node proof show --save` writes it."""
    result = world.core.context.known.proofs[proven.device]
    document = await world.store.proof_evidence(result.evidence)
    assert document is not None
    path = tmp_path / "failure.json"
    path.write_bytes(document)
    return path


def verified(path: Path) -> int:
    return execute("iog_client.cli.node", "node", ["proof", "verify", str(path), "--json"])


def test_anybody_finds_the_failure_again(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verified(file) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["code"], said["judged"], said["simulated"]) == ("wrong_product", True, True)


def test_evidence_that_was_changed_is_not_canonical(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(file.read_bytes() + b"\n")
    assert verified(file) == 2
    assert "canonical" in capsys.readouterr().err


def test_a_failure_that_was_made_up_is_refused(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evidence = Evidence.parse(file.read_bytes())
    rows = [one.model_copy(update={"rows": one.rows[1:]}) for one in evidence.rows]
    file.write_bytes(evidence.model_copy(update={"rows": rows}).to_bytes())
    assert verified(file) == 1
    # the rows were signed as they were: whoever changes them is found out
    assert "its frames say bad_signature" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_exit_3(tmp_path: Path) -> None:
    assert verified(tmp_path / "none.json") == 3


def test_a_file_that_is_something_else_is_exit_2(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("{}")
    assert verified(path) == 2
