"""A job that is on chain gets more time, another run, a dispute and its decision."""

import pytest
from job_samples import FUNDED, finished, opened, running, terms
from network_samples import TestNetwork
from solders.keypair import Keypair

from iog_client import job_changes, jobs, roles, tokens
from iog_client.amounts import IO
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.jobs import STATES
from iog_client.networks import load_authority
from iog_client.reasons import EndReason

DAY = 86_400
DECIDE = 20_160
"""Seconds that the arbiter has: 14 days of hours of 60 s."""


async def judge(net: TestNetwork) -> Keypair:
    """The arbiter of jobs, with SOL of its own."""
    key, owner = await net.wallet(), load_authority(net.record)
    await roles.set_role(net.sender(owner), owner, "iog_jobs", "arbiter", key.pubkey())
    return key


async def test_a_longer_job_takes_exactly_what_it_may_cost_more(net: TestNetwork) -> None:
    client, _, address = await running(net)
    before = await jobs.get(net.rpc, address)
    assert await job_changes.extra(net.rpc, before, 600) == FUNDED
    await job_changes.extend(net.sender(client), client, address, 600)
    after = await jobs.get(net.rpc, address)
    assert (after.max_seconds, after.funded) == (1_200, 2 * FUNDED)
    assert after.deadline == before.deadline + 600
    assert await tokens.balance(net.rpc, client.pubkey()) == IO - 2 * FUNDED


async def test_a_job_takes_no_time_beyond_30_days_and_none_at_all_not(net: TestNetwork) -> None:
    client, address = await opened(net, max_seconds=30 * DAY - 1, max_price=1, gpus=1)
    sender = net.sender(client)
    with pytest.raises(Refused, match="the job may last 29d23h59m59s, and 1s more at most"):
        await job_changes.extend(sender, client, address, 2)
    with pytest.raises(UsageError, match="at least a second"):
        await job_changes.extend(sender, client, address, 0)
    await job_changes.extend(sender, client, address, 1)


async def test_a_job_that_is_late_or_over_or_anothers_is_not_extended(net: TestNetwork) -> None:
    client, address = await opened(net)
    stranger = await net.wallet(IO)
    with pytest.raises(NotAllowed, match=f"is no delegate of {client.pubkey()}"):
        await job_changes.extend(net.sender(stranger), stranger, address, 60)
    with pytest.raises(NotFound, match="there is no job"):
        await job_changes.extend(net.sender(client), client, client.pubkey(), 60)
    net.warp(61)
    with pytest.raises(Refused, match="the job is open and its deadline was "):
        await job_changes.extend(net.sender(client), client, address, 60)
    await jobs.cancel(net.sender(client), client, address)
    with pytest.raises(Refused, match="the job is settled and cannot be extended"):
        await job_changes.extend(net.sender(client), client, address, 60)


async def test_too_little_io_for_more_time_is_named(net: TestNetwork) -> None:
    client, address = await opened(net)
    with pytest.raises(Refused, match="the longer job takes "):
        await job_changes.extend(net.sender(client), client, address, 200_000)


async def test_nothing_is_extended_while_jobs_are_paused(net: TestNetwork) -> None:
    client, address = await opened(net)
    owner = load_authority(net.record)
    await roles.pause(net.sender(owner), owner, "iog_jobs")
    with pytest.raises(Refused, match="the network is paused: no job is opened or extended"):
        await job_changes.extend(net.sender(client), client, address, 60)


async def test_a_device_gives_its_run_up_and_the_job_is_open_again(net: TestNetwork) -> None:
    _, device, address = await running(net, runs=2)
    await job_changes.release(net.sender(device), device, address)
    job = await jobs.get(net.rpc, address)
    assert (STATES[job.state], job.run, job.device) == ("open", 1, jobs.NONE)


async def test_the_matcher_gives_a_run_up_once_it_is_silent(net: TestNetwork) -> None:
    _, _, address = await running(net, runs=2)
    with pytest.raises(Refused, match=r"it is lost .* \(in 20s\)"):
        await job_changes.release(net.sender(net.matcher), net.matcher, address)
    net.warp(20)
    await job_changes.release(net.sender(net.matcher), net.matcher, address)
    assert STATES[(await jobs.get(net.rpc, address)).state] == "open"


async def test_a_run_that_cannot_be_given_up_is_refused_with_the_reason(net: TestNetwork) -> None:
    client, device, address = await running(net)
    with pytest.raises(NotAllowed, match=f"by its device {device.pubkey()} or its matcher"):
        await job_changes.release(net.sender(client), client, address)
    with pytest.raises(Refused, match="cannot release a run as completed; accepted: node_failed"):
        await job_changes.release(net.sender(device), device, address, EndReason.COMPLETED)
    with pytest.raises(Refused, match="run 1 of 1 is the last one"):
        await job_changes.release(net.sender(device), device, address)


async def test_a_run_is_not_given_up_when_there_is_no_time_for_another(net: TestNetwork) -> None:
    _, device, address = await running(net, runs=2)
    net.warp(60)
    with pytest.raises(Refused, match="the job can be placed no more since "):
        await job_changes.release(net.sender(device), device, address)


async def test_a_job_that_does_not_run_has_nothing_to_give_up(net: TestNetwork) -> None:
    client, address = await opened(net)
    with pytest.raises(Refused, match="the job is open: only a run that goes on is released"):
        await job_changes.release(net.sender(client), client, address)


async def test_the_arbiter_decides_a_dispute_and_anyone_settles_it(net: TestNetwork) -> None:
    client, _, address = await finished(net, 30, window=60)
    decider, stranger = await judge(net), await net.wallet()
    await job_changes.dispute(net.sender(client), client, address)
    job = await jobs.get(net.rpc, address)
    assert STATES[job.state] == "disputed"
    assert job.deadline == await net.rpc.chain_time() + DECIDE
    with pytest.raises(Refused, match="the arbiter has another 20160 s to decide"):
        await jobs.settle(net.sender(client), address)
    with pytest.raises(Refused, match="31 s cannot be paid: 30 s are proven"):
        await job_changes.resolve(net.sender(decider), decider, address, 31)
    with pytest.raises(NotAllowed, match=f"the arbiter of jobs is {decider.pubkey()}, not"):
        await job_changes.resolve(net.sender(stranger), stranger, address, 1)
    await job_changes.resolve(net.sender(decider), decider, address, 12)
    await jobs.settle(net.sender(stranger), address)
    view = jobs.view(await jobs.get(net.rpc, address), address)
    # 12 s of 2 GPUs at 1,000, less and plus 0.25%
    assert (view.node_paid, view.fees, view.refunded) == (23_940, 120, FUNDED - 24_060)


async def test_a_dispute_that_nobody_decides_pays_what_is_proven(net: TestNetwork) -> None:
    client, _, address = await finished(net, 30, window=60)
    decider = await judge(net)
    await job_changes.dispute(net.sender(client), client, address)
    net.warp(DECIDE)
    with pytest.raises(Refused, match=r"had to be decided by .*; the 30 s proven are paid"):
        await job_changes.resolve(net.sender(decider), decider, address, 0)
    await jobs.settle(net.sender(decider), address)
    view = jobs.view(await jobs.get(net.rpc, address), address)
    assert (view.node_paid, view.fees) == (59_850, 300)


async def test_only_a_finished_job_of_ones_own_is_disputed_in_its_window(net: TestNetwork) -> None:
    client, _, address = await finished(net, 5, window=60)
    stranger = await net.wallet()
    with pytest.raises(NotAllowed, match=f"the job belongs to {client.pubkey()}"):
        await job_changes.dispute(net.sender(stranger), stranger, address)
    net.warp(60)
    with pytest.raises(Refused, match=r"the window of the job ended at .*--window 1h"):
        await job_changes.dispute(net.sender(client), client, address)
    await jobs.settle(net.sender(client), address)
    with pytest.raises(Refused, match="the job is settled: only a finished one is disputed"):
        await job_changes.dispute(net.sender(client), client, address)
    key = await judge(net)
    with pytest.raises(Refused, match="the job is settled: there is no dispute to decide"):
        await job_changes.resolve(net.sender(key), key, address, 0)


def test_terms_say_how_often_a_job_may_run() -> None:
    assert terms(Keypair().pubkey(), runs=3).runs == 3
