"""The HTTP API as tests use it: the client that ships with it, over the application in memory."""

from __future__ import annotations

import httpx
from orchestrator_world import World
from solders.keypair import Keypair

from iog_client.api import OrchestratorApi
from iog_client.job_models import JobSubmission

URL = "http://orchestrator"


def api_of(world: World, transport: httpx.ASGITransport, key: Keypair) -> OrchestratorApi:
    return OrchestratorApi(URL, key, transport=transport, now=world.clock.wall)


async def submit(world: World, api: OrchestratorApi, number: int = 0, **changes: object) -> str:
    spec = world.spec(**changes)
    accepted = await api.submit(
        JobSubmission(
            number=number,
            spec=spec.to_bytes().decode(),
            inputs=[one.sha256 for one in spec.inputs],
        )
    )
    assert accepted.address is not None
    return accepted.address
