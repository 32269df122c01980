import pytest
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_jobs import events
from iog_client._generated.iog_jobs import instructions as ix
from iog_client._generated.iog_jobs.accounts import Config
from jobs_world import Jobs
from registry_world import NOBODY, copy, refused
from world import swap, unsigned

NEW = Keypair().pubkey()
BY_AUTHORITY = {
    "authority_propose": {"new": NEW},
    "guardian_set": {"guardian": NEW},
    "arbiter_set": {"arbiter": NEW},
    "treasury_set": {"treasury": NEW, "burn_bps": 1},
    "jobs_resume": None,
}


def read(jobs: Jobs) -> Config:
    return jobs.world.account(Config, addresses.jobs_config())


def accept(key: Pubkey) -> Instruction:
    return ix.authority_accept({"pending_authority": key, "config": addresses.jobs_config()})


def test_an_authority_is_handed_over_in_two_steps(jobs: Jobs) -> None:
    old, new = jobs.registry.net.authority, jobs.world.keypair()
    offer = jobs.by_authority("authority_propose", {"new": new.pubkey()})
    result = jobs.world.send(offer, signers=[old])
    assert (read(jobs).authority, read(jobs).pending_authority) == (old.pubkey(), new.pubkey())
    assert jobs.world.events(result) == [
        events.AuthorityProposed(old=old.pubkey(), new=new.pubkey())
    ]
    result = jobs.world.send(accept(new.pubkey()), signers=[new])
    assert (read(jobs).authority, read(jobs).pending_authority) == (new.pubkey(), NOBODY)
    assert jobs.world.events(result) == [
        events.AuthorityAccepted(old=old.pubkey(), new=new.pubkey())
    ]
    with refused("WrongAuthority"):
        jobs.world.send(offer, signers=[old])


def test_only_the_key_it_was_offered_to_accepts_and_only_once(jobs: Jobs) -> None:
    new, other = jobs.world.keypair(), jobs.world.keypair()
    with refused("WrongPendingAuthority"):
        jobs.world.send(accept(new.pubkey()), signers=[new])
    offer = jobs.by_authority("authority_propose", {"new": new.pubkey()})
    jobs.world.send(offer, signers=[jobs.registry.net.authority])
    with refused("WrongPendingAuthority"):
        jobs.world.send(accept(other.pubkey()), signers=[other])
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(accept(new.pubkey()), new.pubkey()))
    jobs.world.send(accept(new.pubkey()), signers=[new])
    with refused("WrongPendingAuthority"):
        jobs.world.send(accept(new.pubkey()), signers=[new])


def test_an_offer_is_withdrawn_by_offering_to_nobody(jobs: Jobs) -> None:
    new = jobs.world.keypair()
    for key in (new.pubkey(), NOBODY):
        offer = jobs.by_authority("authority_propose", {"new": key})
        jobs.world.send(offer, signers=[jobs.registry.net.authority])
    with refused("WrongPendingAuthority"):
        jobs.world.send(accept(new.pubkey()), signers=[new])


def test_the_authority_names_guardian_arbiter_and_treasury(jobs: Jobs) -> None:
    net = jobs.registry.net
    seen = []
    for name in ("guardian_set", "arbiter_set", "treasury_set"):
        call = jobs.by_authority(name, BY_AUTHORITY[name])
        seen += jobs.world.events(jobs.world.send(call, signers=[net.authority]))
    config = read(jobs)
    assert (config.guardian, config.arbiter, config.treasury, config.burn_bps) == (NEW, NEW, NEW, 1)
    assert seen == [
        events.GuardianSet(old=net.guardian.pubkey(), new=NEW),
        events.ArbiterSet(old=net.arbiter.pubkey(), new=NEW),
        events.TreasurySet(old=NOBODY, new=NEW, old_burn_bps=0, new_burn_bps=1),
    ]


@pytest.mark.parametrize(("bps", "fits"), [(0, True), (10_000, True), (10_001, False)])
def test_the_burned_share_is_at_most_the_whole(jobs: Jobs, bps: int, fits: bool) -> None:
    call = jobs.by_authority("treasury_set", {"treasury": NEW, "burn_bps": bps})
    if fits:
        jobs.world.send(call, signers=[jobs.registry.net.authority])
        assert read(jobs).burn_bps == bps
    else:
        with refused("ShareOutOfRange"):
            jobs.world.send(call, signers=[jobs.registry.net.authority])


@pytest.mark.parametrize("name", BY_AUTHORITY)
def test_nobody_else_may(jobs: Jobs, name: str) -> None:
    net, before = jobs.registry.net, read(jobs)
    call = jobs.by_authority(name, BY_AUTHORITY[name])
    for other in (net.guardian, net.arbiter, jobs.wallet, jobs.matcher):
        with refused("WrongAuthority"):
            jobs.world.send(swap(call, net.authority.pubkey(), other.pubkey()), signers=[other])
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(call, net.authority.pubkey()))
    fake = copy(jobs.world, addresses.jobs_config(), owner=addresses.STAKING)
    with refused("IllegalOwner"):
        jobs.world.send(swap(call, addresses.jobs_config(), fake), signers=[net.authority])
    assert read(jobs) == before
