"""A matcher that went silent for ever holds up nobody's money."""

from iog_client import addresses
from jobs_world import GRACE, Jobs
from registry_world import signed
from world import START

FUNDED = 200_500_000


def proven_by_client(jobs: Jobs, counter: int, seconds: int) -> None:
    """A statement that the client signs in the matcher's place."""
    message = signed(jobs.statement(counter, seconds), jobs.device, jobs.wallet)
    jobs.world.send(message, jobs.job_prove(counter, seconds))


def test_a_run_is_proven_with_the_client_and_settled_by_anyone(jobs: Jobs) -> None:
    jobs.running()
    jobs.world.now += 40
    proven_by_client(jobs, 1, 40)
    jobs.finish()
    anyone = jobs.world.keypair()
    jobs.world.now += 50
    jobs.world.send(jobs.job_settle(anyone.pubkey()), signers=[anyone])
    assert (jobs.read().paid, jobs.read().refunded) == (79_800_000, FUNDED - 80_200_000)


def test_a_run_that_nobody_finishes_expires_and_pays_what_is_proven(jobs: Jobs) -> None:
    jobs.running()
    jobs.world.now += 40
    proven_by_client(jobs, 1, 40)
    jobs.world.now = START + 100 + 2 * GRACE
    jobs.world.send(jobs.job_expire())
    anyone = jobs.world.keypair()
    jobs.world.send(jobs.job_settle(anyone.pubkey()), signers=[anyone])
    assert (jobs.read().reason, jobs.read().paid) == (43, 79_800_000)


def test_a_job_that_is_never_placed_goes_back_by_cancel_or_expiry(jobs: Jobs) -> None:
    jobs.open().cancel(node=False).settle(payee=False)
    assert jobs.read().refunded == FUNDED
    jobs.number = 1
    jobs.open()
    jobs.world.now += 1_000 + GRACE
    anyone = jobs.world.keypair()
    calls = (jobs.job_expire(node=False), jobs.job_settle(anyone.pubkey(), payee=False))
    jobs.world.send(*calls, signers=[anyone])
    assert jobs.read().refunded == FUNDED


def test_a_cancelled_run_is_proven_with_the_client_and_settled_after_the_grace(jobs: Jobs) -> None:
    jobs.running()
    jobs.world.now += 40
    jobs.cancel()
    proven_by_client(jobs, 1, 40)
    jobs.world.now += GRACE
    jobs.settle()
    assert jobs.read().paid == 79_800_000


def test_a_device_gives_its_run_up_without_it(jobs: Jobs) -> None:
    jobs.running(runs=2).release(jobs.device, 22).cancel(node=False).settle(payee=False)
    assert jobs.read().refunded == FUNDED
    assert not jobs.world.exists(addresses.job_vault(jobs.job))
