"""Disputed jobs wait for the arbiter, and are settled by what is decided or by what was posted."""

import pytest
from orchestrator_network import key_of
from orchestrator_world import ASK, Worker, World, settled
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_jobs import instructions as jobs
from iog_client.api import OrchestratorApi
from iog_client.protocol import EndedAck
from iog_client.transactions import Sender
from iog_orchestrator.domain.jobs import ChainJob, JobState

DAYS = 336
"""Hours of the 14 days that the arbiter has."""


async def dispute(world: World, address: str) -> None:
    """What the job's client does on chain."""
    await _send(world, world.client, jobs.job_dispute(_accounts(world.client, address)))


async def resolve(world: World, address: str, seconds: int) -> None:
    """What the arbiter does on chain."""
    arbiter = key_of("authority")
    decided = jobs.job_resolve({"seconds": seconds}, _accounts(arbiter, address))
    await _send(world, arbiter, decided)


def _accounts(signer: Keypair, address: str) -> jobs.JobDisputeAccounts:
    return {
        "signer": signer.pubkey(),
        "job": Pubkey.from_string(address),
        "config": addresses.jobs_config(),
    }


async def _send(world: World, signer: Keypair, instruction: object) -> None:
    await Sender(world.rpc, signer).send([instruction])  # type: ignore[list-item]


@pytest.fixture
async def disputed(world: World, worker: Worker) -> ChainJob:
    """A job of six proven seconds that its client has disputed."""
    job = await world.finished(await world.open(window=60), worker, 6)
    await dispute(world, job.address)
    return await world.job(job.address)


async def test_a_disputed_job_waits_for_the_arbiter(world: World, disputed: ChainJob) -> None:
    delay = await world.step(disputed.address)
    assert delay == pytest.approx(DAYS * 10, abs=1)
    assert (await world.job(disputed.address)).state is JobState.DISPUTED


async def test_the_worker_of_a_disputed_job_may_forget_its_run(
    world: World, worker: Worker, disputed: ChainJob
) -> None:
    await world.step(disputed.address)
    assert isinstance(worker.frames[-1], EndedAck)


@pytest.mark.parametrize("seconds", [0, 2, 6])
async def test_what_the_arbiter_decided_is_paid_at_once(
    world: World, disputed: ChainJob, seconds: int
) -> None:
    await resolve(world, disputed.address, seconds)
    job = await settled(world, disputed.address)
    fee = -(-seconds * ASK * 25 // 10_000)
    assert (job.proven_seconds, job.paid) == (seconds, seconds * ASK - fee)
    assert job.paid + job.fees + job.refunded == job.funded


async def test_what_was_posted_is_paid_when_the_arbiter_was_silent(
    world: World, disputed: ChainJob
) -> None:
    world.tick(DAYS * 10 - 1)
    await world.step(disputed.address)
    assert (await world.job(disputed.address)).state is JobState.DISPUTED
    world.tick(1)
    job = await settled(world, disputed.address)
    assert job.proven_seconds == 6


async def test_a_dispute_is_taken_up_after_a_restart(world: World, disputed: ChainJob) -> None:
    await world.restart()
    assert disputed.address in world.core.context.known.jobs
    await resolve(world, disputed.address, 1)
    assert (await settled(world, disputed.address)).proven_seconds == 1


async def test_states_and_runs_are_shown(
    world: World, worker: Worker, disputed: ChainJob, api: OrchestratorApi
) -> None:
    await world.step(disputed.address)
    view = await api.job(disputed.address)
    assert (view.state, view.deadline, view.max_runs) == ("disputed", disputed.deadline, 2)
    [run] = view.runs
    assert (run.device, run.state, run.reason, run.seconds) == (
        worker.device,
        "ended",
        "completed",
        6,
    )
    await resolve(world, disputed.address, 3)
    await world.core.sync.everything()
    assert (await api.job(disputed.address)).state == "resolved"
