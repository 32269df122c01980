"""API keys stand for a wallet within their scope and time, and for nobody else."""

from __future__ import annotations

from hashlib import sha256

import httpx
import pytest
from orchestrator_api import URL, api_of, submit
from orchestrator_world import Worker, World
from solders.keypair import Keypair

from iog_client import api_keys
from iog_client.api import OrchestratorApi
from iog_client.api_keys import MAX_KEYS, ApiKeyMade, ApiKeyRequest, Scope
from iog_client.errors import IogError, NotAllowed, NotFound, Refused

HOUR = 3600


async def made(api: OrchestratorApi, scope: Scope = "read", seconds: int = HOUR) -> ApiKeyMade:
    return await api.create_api_key(ApiKeyRequest(name="script", scope=scope, seconds=seconds))


def holder(transport: httpx.ASGITransport, key: str) -> OrchestratorApi:
    """A client that has a key and no wallet."""
    return OrchestratorApi(URL, api_key=key, transport=transport)


async def test_a_key_reads_what_its_wallet_may_read(
    world: World, worker: Worker, api: OrchestratorApi, transport: httpx.ASGITransport
) -> None:
    address = await submit(world, api)
    await world.open_on_chain(world.spec())
    await world.step(address)
    key = await made(api)
    async with holder(transport, key.key) as script:
        assert (await script.job(address)).name == "job"
        assert (await script.logs(address, 0))[0] == b""


async def test_a_key_reads_nothing_of_another_wallet(
    world: World,
    worker: Worker,
    api: OrchestratorApi,
    stranger: OrchestratorApi,
    transport: httpx.ASGITransport,
) -> None:
    address = await submit(world, api)
    await world.open_on_chain(world.spec())
    await world.step(address)
    key = await made(stranger)
    async with holder(transport, key.key) as script:
        assert (await script.job(address)).name == ""
        with pytest.raises(NotAllowed, match="only the job's client"):
            await script.logs(address, 0)


async def test_a_key_that_may_only_read_submits_nothing(
    world: World, worker: Worker, api: OrchestratorApi, transport: httpx.ASGITransport
) -> None:
    key = await made(api, "read")
    async with holder(transport, key.key) as script:
        with pytest.raises(NotAllowed, match="the API key script may only read"):
            await submit(world, script)
        put = await script._http.put(
            f"{URL}/v1/blobs/{sha256(b'x').hexdigest()}",
            content=b"x",
            headers={"Authorization": f"Bearer {key.key}"},
        )
    assert put.status_code == 403
    assert world.blobs.size(sha256(b"x").hexdigest()) is None


async def test_a_key_that_may_submit_does_so_for_its_wallet(
    world: World, worker: Worker, api: OrchestratorApi, transport: httpx.ASGITransport
) -> None:
    key = await made(api, "submit")
    async with holder(transport, key.key) as script:
        address = await submit(world, script)
    request = await world.store.request(address)
    assert request is not None
    assert request.client == str(world.client.pubkey())


async def test_an_expired_key_is_worthless(
    world: World, api: OrchestratorApi, transport: httpx.ASGITransport
) -> None:
    key = await made(api, seconds=60)
    async with holder(transport, key.key) as script:
        world.clock.advance(59)
        await script.jobs(str(world.client.pubkey()))
        world.clock.advance(1)
        with pytest.raises(NotAllowed, match="the API key script has expired"):
            await script.jobs(str(world.client.pubkey()))


async def test_a_revoked_key_is_worthless_at_once(
    world: World, api: OrchestratorApi, transport: httpx.ASGITransport
) -> None:
    key = await made(api)
    await api.revoke_api_key(key.id)
    assert await api.api_keys() == []
    async with holder(transport, key.key) as script:
        with pytest.raises(NotAllowed, match="there is no such API key"):
            await script.jobs(str(world.client.pubkey()))


async def test_only_the_hash_of_a_key_is_kept(world: World, api: OrchestratorApi) -> None:
    key = await made(api)
    stored = await world.store.api_key(key.id)
    assert stored is not None
    assert stored.sha256 == sha256(key.key.encode()).hexdigest()
    assert key.key not in repr(stored)
    assert [one.model_dump() for one in await api.api_keys()] == [key.model_dump(exclude={"key"})]


async def test_another_secret_under_a_known_id_is_refused(
    world: World, api: OrchestratorApi, transport: httpx.ASGITransport
) -> None:
    key = await made(api)
    forged = f"iog_{key.id}_{'0' * 64}"
    async with holder(transport, forged) as script:
        with pytest.raises(NotAllowed, match="there is no such API key"):
            await script.jobs(str(world.client.pubkey()))


async def test_a_key_makes_ends_and_shows_no_keys(
    world: World, api: OrchestratorApi, transport: httpx.ASGITransport
) -> None:
    key = await made(api, "submit")
    async with holder(transport, key.key) as script:
        for call in (made(script), script.api_keys(), script.revoke_api_key(key.id)):
            with pytest.raises(NotAllowed, match="makes and ends no API keys"):
                await call
    assert len(await api.api_keys()) == 1


async def test_a_wallet_does_not_revoke_anothers_key(
    api: OrchestratorApi, stranger: OrchestratorApi
) -> None:
    key = await made(api)
    with pytest.raises(NotFound, match=f"has no API key {key.id}"):
        await stranger.revoke_api_key(key.id)


async def test_a_wallet_has_only_so_many_keys_that_have_not_expired(
    world: World, api: OrchestratorApi
) -> None:
    for _ in range(MAX_KEYS):
        await made(api, seconds=60)
    with pytest.raises(Refused, match=f"at most {MAX_KEYS} keys"):
        await made(api)
    world.clock.advance(60)
    await made(api)
    assert len(await api.api_keys()) == 1


async def test_a_wallet_without_sol_makes_none(
    world: World, transport: httpx.ASGITransport
) -> None:
    async with api_of(world, transport, Keypair()) as poor:
        with pytest.raises(IogError, match="neither a node's device nor a wallet that holds SOL"):
            await made(poor)


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer x", "Basic aW9n", f"iog_{'0' * 12}_{'0' * 64}", f"Bearer iog_{'0' * 12}_"],
)
def test_what_is_no_key_is_said_to_be_none(header: str) -> None:
    with pytest.raises(NotAllowed, match="holds no API key"):
        api_keys.parse(header)
