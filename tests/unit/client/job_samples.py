"""A job at each step of its way, on the chain in this process."""

from __future__ import annotations

from network_samples import TestNetwork
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, jobs
from iog_client.amounts import IO
from iog_client.jobs import Terms
from tests import job_steps

FUNDED = 1000 * 2 * 600 + 3000
"""2 GPUs for 600 s at 1,000 base units, and 0.25% of it."""


def terms(matcher: Pubkey, **changes: object) -> Terms:
    asked: dict[str, object] = {
        "spec_hash": bytes([5] * 32),
        "gpu_class": "rtx-3070",
        "gpus": 2,
        "max_price": 1000,
        "max_seconds": 600,
        "window": 0,
        "wait": 60,
        "matcher": matcher,
    }
    return Terms(**{**asked, **changes})  # type: ignore[arg-type]


async def opened(net: TestNetwork, **changes: object) -> tuple[Keypair, Pubkey]:
    client = await net.wallet(IO)
    await jobs.open_job(net.sender(client), client, 0, terms(net.matcher.pubkey(), **changes))
    return client, addresses.job(client.pubkey(), 0)


async def running(net: TestNetwork, **changes: object) -> tuple[Keypair, Keypair, Pubkey]:
    """A job whose node has just started it: its client, the device, the job."""
    _, device = await net.node(gpus=2)
    await net.rpc.airdrop(device.pubkey(), IO)
    client, address = await opened(net, **changes)
    await job_steps.start(net.rpc, net.matcher, device, address)
    return client, device, address


async def finished(
    net: TestNetwork, seconds: int, **changes: object
) -> tuple[Keypair, Keypair, Pubkey]:
    """A job that has completed, with so many seconds proven."""
    client, device, address = await running(net, **changes)
    net.warp(seconds)
    await job_steps.prove(net.rpc, net.matcher, device, address, seconds)
    await job_steps.finish(net.rpc, net.matcher, device, address)
    return client, device, address
