"""Ended jobs are paid out: by what their runs had proven, whatever their clients did."""

import pytest
from orchestrator_world import ASK, Worker, World, cancel, settled
from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_jobs.accounts import Config
from iog_client.protocol import Cancel, EndedAck
from iog_client.transactions import Sender
from iog_orchestrator.adapters.chain_accounts import offset_of
from iog_orchestrator.core.settlement import LAST_WORD
from iog_orchestrator.domain.jobs import ChainJob, JobState

CANCELLED = 4


@pytest.fixture(autouse=True)
def hours_of_the_chain(world: World) -> None:
    """The chain gives a cancelled run its ten minutes, which the world's hours would make one
    second."""
    found = world.chain.account(addresses.jobs_config())
    assert found is not None
    at = offset_of(Config, "hour_length")
    data = found.data[:at] + (3_600).to_bytes(4, "little") + found.data[at + 4 :]
    changed = Account(found.lamports, data, found.owner)
    world.chain.set_account(addresses.jobs_config(), changed)


async def worked(world: World, worker: Worker, seconds: int = 5) -> ChainJob:
    """A job that runs for so many seconds, of which nothing is on chain."""
    job = await world.running(await world.open(), worker)
    world.tick(seconds)
    await world.core.sync.time()
    return job


async def test_a_cancel_by_the_client_stops_the_run_and_pays_what_was_proven(
    world: World, worker: Worker
) -> None:
    job = await worked(world, worker)
    await worker.say(worker.statement("job", job.address, 5, job.run))
    await world.core.cancelling(job)
    assert (await world.job(job.address)).proven_seconds == 5
    await cancel(world, job.address)
    await world.step(job.address)
    assert isinstance(worker.frames[-1], Cancel)
    await worker.end(job, 0, reason="cancelled", code=None)
    assert isinstance(worker.frames[-1], EndedAck)
    job = await settled(world, job.address)
    assert (job.proven_seconds, job.reason) == (5, CANCELLED)


async def test_a_cancel_that_nobody_was_told_of_pays_the_last_statement(
    world: World, worker: Worker
) -> None:
    job = await worked(world, worker)
    await worker.say(worker.statement("job", job.address, 5, job.run))
    await cancel(world, job.address)
    worker.leave()
    job = await settled(world, job.address)
    assert (job.proven_seconds, job.paid) == (5, 5 * ASK - 13)
    assert job.paid + job.fees + job.refunded == job.funded


async def test_what_the_worker_says_of_a_run_that_was_cancelled_still_counts(
    world: World, worker: Worker
) -> None:
    job = await worked(world, worker)
    await cancel(world, job.address)
    assert await world.step(job.address) == LAST_WORD
    assert (await world.job(job.address)).state is JobState.CANCELLED
    await worker.say(worker.statement("job", job.address, 7, job.run))
    await worker.end(job, 6, reason="cancelled", code=None)
    assert (await settled(world, job.address)).proven_seconds == 6


async def test_a_worker_that_says_nothing_does_not_hold_up_the_refund(
    world: World, worker: Worker
) -> None:
    job = await worked(world, worker)
    await worker.say(worker.statement("job", job.address, 4, job.run))
    await cancel(world, job.address)
    await world.step(job.address)
    world.tick(LAST_WORD - 0.1)
    await world.step(job.address)
    assert (await world.job(job.address)).state is JobState.CANCELLED
    world.tick(0.1)
    assert (await settled(world, job.address)).proven_seconds == 4


async def test_a_statement_beyond_the_cancel_does_not_cost_the_one_before_it(
    world: World, worker: Worker
) -> None:
    job = await worked(world, worker)
    await worker.say(worker.statement("job", job.address, 5, job.run))
    await cancel(world, job.address)
    world.tick(4)
    await world.core.sync.time()
    await worker.say(worker.statement("job", job.address, 9, job.run))
    worker.leave()
    assert (await settled(world, job.address)).proven_seconds == 5


async def test_a_token_account_that_was_given_away_does_not_stop_the_payment(
    world: World, worker: Worker
) -> None:
    job = await world.finished(await world.open(), worker, 5)
    client, other = world.client.pubkey(), Keypair().pubkey()
    metas = [
        AccountMeta(addresses.tokens(client), is_signer=False, is_writable=True),
        AccountMeta(client, is_signer=True, is_writable=False),
    ]
    given = Instruction(addresses.SPL_TOKEN, b"\6\2\1" + bytes(other), metas)
    await Sender(world.rpc, world.client).send([given], signers=[])
    job = await settled(world, job.address)
    assert job.proven_seconds == 5
