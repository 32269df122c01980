import pytest

from iog_client import addresses
from iog_client._generated.iog_jobs import events
from iog_client._generated.iog_jobs.accounts import Config
from jobs_world import Jobs
from registry_world import refused
from world import swap, unsigned


@pytest.mark.parametrize("who", ["guardian", "authority"])
def test_guardian_and_authority_stop_the_opening_of_jobs(jobs: Jobs, who: str) -> None:
    key = getattr(jobs.registry.net, who)
    result = jobs.world.send(jobs.jobs_pause(key.pubkey()), signers=[key])
    assert jobs.world.events(result) == [events.JobsPaused(by=key.pubkey())]
    assert jobs.world.account(Config, addresses.jobs_config()).paused == 1
    with refused("Paused"):
        jobs.open()


def test_only_the_authority_lets_them_be_opened_again(jobs: Jobs) -> None:
    net = jobs.registry.net
    jobs.world.send(jobs.jobs_pause(), signers=[net.guardian])
    resume = jobs.by_authority("jobs_resume")
    with refused("WrongAuthority"):
        jobs.world.send(
            swap(resume, net.authority.pubkey(), net.guardian.pubkey()), signers=[net.guardian]
        )
    result = jobs.world.send(resume, signers=[net.authority])
    assert jobs.world.events(result) == [events.JobsResumed(by=net.authority.pubkey())]
    assert jobs.open().read().state == 0


def test_a_pause_stops_extending_and_nothing_else(jobs: Jobs) -> None:
    jobs.open()
    jobs.world.send(jobs.jobs_pause(), signers=[jobs.registry.net.guardian])
    with refused("Paused"):
        jobs.extend(1)
    jobs.assign().start()
    jobs.world.now += 30
    jobs.prove(1, 30).finish().dispute().resolve(29).settle()
    assert jobs.read().paid == 58_000_000 - 145_000


def test_nobody_else_stops_them(jobs: Jobs) -> None:
    net = jobs.registry.net
    for other in (net.arbiter, jobs.wallet, jobs.matcher):
        with refused("NotGuardianNorAuthority"):
            jobs.world.send(jobs.jobs_pause(other.pubkey()), signers=[other])
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.jobs_pause(), net.guardian.pubkey()))
