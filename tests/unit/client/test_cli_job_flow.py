"""What a job's way says where there is nobody to take it, and where it is interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from network_samples import TestNetwork
from solders.keypair import Keypair

from iog_client import addresses, gangs, jobs
from iog_client.amounts import IO
from iog_client.api import OrchestratorApi
from iog_client.api_models import Problem
from iog_client.cli import gang, job_flow, job_text, session
from iog_client.cli.session import Session
from iog_client.config import Settings
from iog_client.errors import Refused
from iog_client.job_models import (
    JobAccepted,
    JobState,
    JobSubmission,
    JobView,
    PlanResult,
    Quote,
    Rejected,
)
from iog_client.jobspec import JobSpec, Resources
from iog_client.rpc import HttpRpc, Rpc

URL = "http://orchestrator.test"
QUOTE = Quote(price=1, gpus=1, max_seconds=60, gross=60, fee=1, funded=61)
AWAY = Rejected(code="silent", text="1 away: no heartbeats come", nodes=1)
JOB = job_flow.Prepared(
    JobSpec(
        name="x",
        command=["true"],
        env={},
        inputs=[],
        outputs=[],
        resources=Resources(),
        duration_seconds=60,
        price=1,
        retries=0,
    ),
    [],
)

ACCEPTED = JobAccepted(
    id="1",
    address=None,
    matcher=str(Keypair().pubkey()),
    spec_hash="0" * 64,
    plan=PlanResult(offers=[], quote=QUOTE),
)


async def planned(said: PlanResult, settings: Settings) -> PlanResult:
    """The plan that the client makes of an orchestrator's answer."""
    wallet = Keypair()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=said.model_dump_json()))
    async with OrchestratorApi(URL, wallet, transport=transport) as api:
        return await job_flow.plan(Session(settings, HttpRpc(URL), api, wallet), JOB)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(rpc_url=URL, orchestrator_url=URL, wallet=tmp_path / "w.json")


async def test_a_network_without_nodes_is_given_as_the_reason(settings: Settings) -> None:
    plan = await planned(PlanResult(offers=[], quote=QUOTE), settings)
    assert job_text.plan_text(plan).splitlines()[1:] == [
        "no node fits now",
        "  no node is registered on this network yet",
    ]
    assert job_text.misfit(plan).startswith(
        "no node fits (no node is registered on this network yet); nothing was opened"
    )


async def test_the_orchestrators_own_reasons_stand(settings: Settings) -> None:
    plan = await planned(PlanResult(offers=[], rejected=[AWAY], quote=QUOTE), settings)
    assert plan.rejected == [AWAY]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("rtx4090", "there is no class `rtx4090` on this network; did you mean `rtx-4090`?"),
        ("zz", r"there is no class `zz` on this network; it has a100-40, a100-80-pcie, .*"),
    ],
)
async def test_a_class_that_the_network_lacks_is_refused_with_the_nearest(
    here: Session, wanted: str, said: str
) -> None:
    spec = JOB.spec.model_copy(update={"resources": Resources(gpu_class=wanted)})
    with pytest.raises(Refused, match=f"^{said.replace('?', '[?]')}$"):
        await planned_here(here, spec)


async def test_one_that_no_node_has_is_planned(here: Session) -> None:
    spec = JOB.spec.model_copy(update={"resources": Resources(gpu_class="rtx-4090")})
    assert (await planned_here(here, spec)).rejected == [AWAY]


async def planned_here(here: Session, spec: JobSpec) -> PlanResult:
    """The plan of a job where the orchestrator knows no node that takes it."""
    said = PlanResult(offers=[], rejected=[AWAY], quote=QUOTE)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=said.model_dump_json()))
    async with OrchestratorApi(URL, here.wallet, transport=transport) as api:
        return await job_flow.plan(replace(here, api=api), replace(JOB, spec=spec))


@pytest.mark.parametrize("by", ["orchestrator", "chain"])
async def test_a_number_that_another_submit_took_is_followed_by_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    numbers, opened = iter([1, 2, 2]), []

    async def next_number(rpc: object, owner: object) -> int:
        return next(numbers)

    async def open_(here: Session, job: object, number: int, *_: object) -> None:
        if by == "chain" and number == 1:
            raise Refused("the number is taken")
        opened.append(number)

    def announced(request: httpx.Request) -> httpx.Response:
        asked = JobSubmission.model_validate_json(request.content)
        if by == "orchestrator" and asked.number == 1:
            body = Problem(title="No", status=422, detail="number: 1 is taken", code="refused")
            return httpx.Response(422, text=body.model_dump_json())
        return httpx.Response(200, text=ACCEPTED.model_dump_json())

    monkeypatch.setattr(jobs, "next_number", next_number)
    monkeypatch.setattr(job_flow, "_open", open_)
    wallet = Keypair()
    async with OrchestratorApi(URL, wallet, transport=httpx.MockTransport(announced)) as api:
        here = Session(settings, HttpRpc(URL), api, wallet)
        found = await job_flow._announced_and_opened(here, JOB, job_flow.Opening(), 60, 60)
    assert (found, opened) == (2, [2])


def view(**changes: Any) -> JobView:
    key = str(Keypair().pubkey())
    known: dict[str, Any] = {"id": key, "address": key, "number": 1, "client": key, "gpus": 1}
    known |= {"max_price": 1, "max_seconds": 60, "spec_hash": "0" * 64, "state": "open"}
    return JobView(**(known | changes))


@pytest.mark.parametrize(
    ("on_chain", "known", "whole"),
    [
        ("open", "open", True),
        ("open", "assigned", True),
        ("cancelled", "settled", True),
        ("cancelled", "running", False),
        ("settled", "cancelled", False),
        ("open", None, False),
    ],
)
async def test_a_job_is_shown_as_the_orchestrator_knows_it_unless_that_is_behind(
    settings: Settings, on_chain: JobState, known: JobState | None, whole: bool
) -> None:
    chain = view(state=on_chain, max_runs=3)
    said = None if known is None else chain.model_copy(update={"state": known, "name": "digits"})

    def answer(request: httpx.Request) -> httpx.Response:
        if said is None:
            return httpx.Response(503)
        if request.method == "POST":
            return httpx.Response(204)
        return httpx.Response(200, text=said.model_dump_json())

    wallet = Keypair()
    async with OrchestratorApi(URL, wallet, transport=httpx.MockTransport(answer)) as api:
        found = await job_flow.whole(Session(settings, HttpRpc(URL), api, wallet), chain)
    assert found == (said if whole else chain)
    assert ("log_bytes" in job_text.plain(found)) is whole


class Unconfirmed:
    """A chain that carries transactions out, and does not get to say so."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self.asked = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rpc, name)

    async def statuses(self, _: object) -> None:
        self.asked.set()
        await asyncio.Event().wait()


@pytest.fixture
async def here(net: TestNetwork, settings: Settings) -> Any:
    wallet = await net.wallet(IO)
    accepted = ACCEPTED.model_copy(update={"matcher": str(net.matcher.pubkey())})
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=accepted.model_dump_json()))
    async with OrchestratorApi(URL, wallet, transport=transport) as api:
        yield Session(settings, Unconfirmed(net.rpc), api, wallet)  # type: ignore[arg-type]


async def interrupted(here: Session, work: Coroutine[Any, Any, Any]) -> None:
    """The work, cancelled once its transaction was handed over."""
    task = asyncio.create_task(work)
    asked = asyncio.create_task(here.rpc.asked.wait())  # type: ignore[attr-defined]
    await asyncio.wait([task, asked], return_when=asyncio.FIRST_COMPLETED)
    assert not task.done() or task.result()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def opening(here: Session, nodes: int = 1, **how: Any) -> Coroutine[Any, Any, int]:
    spec = JOB.spec.model_copy(update={"resources": Resources(nodes=nodes)})
    wanted = replace(JOB, spec=spec)
    return job_flow._announced_and_opened(here, wanted, job_flow.Opening(**how), 60, 60)


async def test_a_job_that_is_opened_meanwhile_is_named(
    here: Session, net: TestNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    await interrupted(here, opening(here))
    assert (await jobs.get(net.rpc, addresses.job(here.key, 0))).funded > 0
    assert capsys.readouterr().err == (
        "job 0 is perhaps open; `iog job show 0` shows it, `iog job cancel 0` ends it\n"
    )


async def test_so_are_the_jobs_of_a_gang(
    here: Session, net: TestNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    await interrupted(here, opening(here, nodes=2))
    assert (await gangs.get(net.rpc, here.key, 0)).members == 2
    assert capsys.readouterr().err == (
        "a gang of 2 jobs, 0 to 1, is perhaps open; `iog job show 0` shows it, "
        "`iog job cancel 0` ends it\n"
    )


def test_a_job_of_another_wallet_is_named_by_its_address() -> None:
    owner = Keypair().pubkey()
    said = job_flow._opening(JOB, 3, job_flow.Opening(wallet=owner), "open")
    address = addresses.job(owner, 3)
    assert said.startswith(f"job {address} is open; `iog job show {address}`")


async def test_a_gang_that_is_opened_meanwhile_is_told_of(
    here: Session,
    net: TestNetwork,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @asynccontextmanager
    async def opened(*_: object) -> Any:
        yield here

    monkeypatch.setattr(session, "opened", opened)
    await interrupted(here, gang._open(2, 60, net.matcher.pubkey(), None, None, None))
    assert (await gangs.get(net.rpc, here.key, 0)).members == 2
    assert capsys.readouterr().err == (
        "the gang is perhaps open; `iog gang show` lists your gangs\n"
    )
