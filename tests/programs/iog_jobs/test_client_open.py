import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_jobs.accounts import Client
from iog_client._generated.iog_jobs.events import ClientOpened
from jobs_world import Jobs
from registry_world import NOBODY, refused
from world import swap, unsigned


def read(jobs: Jobs) -> Client:
    return jobs.world.account(Client, addresses.client(jobs.wallet.pubkey()))


def keys(count: int) -> list[Pubkey]:
    return [Keypair().pubkey() for _ in range(count)]


@pytest.mark.parametrize("count", [1, 4])
def test_a_wallet_names_its_matchers(jobs: Jobs, count: int) -> None:
    jobs.wallet, matchers = jobs.world.keypair(), keys(count)
    result = jobs.world.send(jobs.client_open(matchers), signers=[jobs.wallet])
    listed = matchers + [NOBODY] * (4 - count)
    assert read(jobs) == Client(
        wallet=jobs.wallet.pubkey(),
        matchers=listed,
        next_job=0,
        next_gang=0,
        matcher_count=count,
        bump=read(jobs).bump,
    )
    assert jobs.world.events(result) == [
        ClientOpened(
            client=addresses.client(jobs.wallet.pubkey()),
            wallet=jobs.wallet.pubkey(),
            matchers=listed,
            matcher_count=count,
            next_job=0,
        )
    ]


def test_opening_again_replaces_the_list_and_keeps_the_counter(jobs: Jobs) -> None:
    jobs.open()
    matchers = keys(2)
    jobs.world.send(jobs.client_open(matchers), signers=[jobs.wallet])
    assert (read(jobs).matchers, read(jobs).next_job) == ([*matchers, NOBODY, NOBODY], 1)


@pytest.mark.parametrize("count", [0, 5])
def test_no_matcher_and_five_are_refused(jobs: Jobs, count: int) -> None:
    with refused("MatcherCount"):
        jobs.world.send(jobs.client_open(keys(count)), signers=[jobs.wallet])


def test_a_matcher_named_twice_or_zero_is_refused(jobs: Jobs) -> None:
    one, other = keys(2)
    for matchers in ([one, other, one], [NOBODY]):
        with refused("MatcherMalformed"):
            jobs.world.send(jobs.client_open(matchers), signers=[jobs.wallet])


def test_the_wallet_must_sign(jobs: Jobs) -> None:
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.client_open(), jobs.wallet.pubkey()))


def test_the_client_of_another_wallet_is_refused(jobs: Jobs) -> None:
    other = jobs.world.keypair()
    with refused("InvalidSeeds"):
        jobs.world.send(
            swap(jobs.client_open(), jobs.wallet.pubkey(), other.pubkey()), signers=[other]
        )
