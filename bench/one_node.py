"""A local network on the embedded chain with one simulated GPU, and a client of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from iog_client.api import OrchestratorApi
from iog_client.cli.session import Session
from iog_client.config import Settings
from iog_client.demo.network import Fleet, LocalNetwork
from iog_client.demo.story import CLIENT, CLIENT_IO

HOUR_LENGTH = 600
NODE = "ada"


@asynccontextmanager
async def client_of(folder: Path) -> AsyncIterator[Session]:
    """The client's session on such a network in `folder`; the node's folder is `nodes/ada`."""
    net = LocalNetwork(folder, "embedded", HOUR_LENGTH, keep=False)
    try:
        await net.start_chain()
        await net.create()
        await net.start_orchestrator()
        await net.add_node(Fleet(NODE, "1xrtx-4090", "1x RTX 4090", "0.35 IO/h"))
        await net.nodes_ready()
        wallet = await net.fund_sol(CLIENT)
        await net.fund_io(CLIENT, CLIENT_IO)
        settings = Settings(net.rpc_url, net.api_url, net.wallet_path(CLIENT))
        async with OrchestratorApi(net.api_url, wallet) as api:
            yield Session(settings, net.rpc, api, wallet)
    finally:
        await net.close()
