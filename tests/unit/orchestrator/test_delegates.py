"""A delegate submits a wallet's job, and reads what belongs to the job that it has opened."""

from collections.abc import AsyncIterator

import httpx
import pytest
from orchestrator_api import api_of
from orchestrator_world import World
from solders.keypair import Keypair

from iog_client import delegates, jobs, tokens
from iog_client.amounts import IO, SOL
from iog_client.api import OrchestratorApi
from iog_client.errors import NotAllowed
from iog_client.job_models import JobSubmission
from iog_client.transactions import Sender


@pytest.fixture
async def delegate(world: World) -> Keypair:
    key = Keypair()
    await tokens.airdrop_sol(world.rpc, key.pubkey(), SOL)
    sender, matcher = Sender(world.rpc, world.client), world.matcher.pubkey()
    await delegates.set_limits(sender, world.client, key.pubkey(), IO, IO, matcher=matcher)
    return key


@pytest.fixture
async def theirs(
    world: World, transport: httpx.ASGITransport, delegate: Keypair
) -> AsyncIterator[OrchestratorApi]:
    async with api_of(world, transport, delegate) as client:
        yield client


def submission(world: World) -> JobSubmission:
    spec = world.spec().to_bytes().decode()
    return JobSubmission(number=0, spec=spec, inputs=[], wallet=str(world.client.pubkey()))


async def test_a_delegate_submits_and_opens_a_wallets_job(
    world: World,
    api: OrchestratorApi,
    theirs: OrchestratorApi,
    stranger: OrchestratorApi,
    delegate: Keypair,
) -> None:
    accepted = await theirs.submit(submission(world))
    wallet, matcher = world.client.pubkey(), world.matcher.pubkey()
    terms = jobs.Terms.of(world.spec(), matcher, window=0, wait=30)
    await delegates.open_job(Sender(world.rpc, delegate), delegate, wallet, 0, terms)
    address = accepted.address or ""
    await theirs.notify(address)
    for reader in (api, theirs):
        view = await reader.job(address)
        assert (view.client, view.name) == (str(wallet), "job")
        assert await reader.logs(address) == (b"", 0, False)
    assert (await stranger.job(address)).name == ""
    with pytest.raises(NotAllowed, match="only the job's client may do that"):
        await stranger.logs(address)
    with pytest.raises(NotAllowed, match="only the job's client may do that"):
        await theirs.cancel(address)
    await world.core.tasks.end(1)


async def test_who_is_no_delegate_submits_nothing_for_a_wallet(
    world: World, stranger: OrchestratorApi
) -> None:
    with pytest.raises(NotAllowed, match=f"is no delegate of {world.client.pubkey()}"):
        await stranger.submit(submission(world))


async def test_a_wallet_that_names_itself_submits_as_ever(
    world: World, api: OrchestratorApi
) -> None:
    assert (await api.submit(submission(world))).address is not None
