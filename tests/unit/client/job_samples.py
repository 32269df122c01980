"""A job at each step of its way, on the chain in this process."""

from __future__ import annotations

from network_samples import TestNetwork
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, jobs
from iog_client._generated.iog_jobs.instructions.job_assign import job_assign
from iog_client._generated.iog_jobs.instructions.job_finish import job_finish
from iog_client._generated.iog_jobs.instructions.job_prove import job_prove
from iog_client._generated.iog_jobs.instructions.job_start import job_start
from iog_client.amounts import IO
from iog_client.jobs import Terms
from iog_client.reasons import EndReason
from iog_client.statements import Statement, ed25519_instruction

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
    node, config = addresses.node(device.pubkey()), addresses.jobs_config()
    assigned = job_assign(
        {
            "matcher": net.matcher.pubkey(),
            "config": config,
            "job": address,
            "node": node,
            "gang": None,
            "class_": addresses.class_address("rtx-3070"),
            "token_config": addresses.token_config(),
        }
    )
    started = job_start(
        {
            "device": device.pubkey(),
            "job": address,
            "node": node,
            "config": config,
            "staking_program": addresses.STAKING,
        }
    )
    await net.sender(net.matcher).send([assigned, started], signers=[device])
    return client, device, address


async def finished(
    net: TestNetwork, seconds: int, **changes: object
) -> tuple[Keypair, Keypair, Pubkey]:
    """A job that has completed, with so many seconds proven."""
    client, device, address = await running(net, **changes)
    net.warp(seconds)
    await prove(net, device, address, seconds)
    ended = job_finish(
        {"result_hash": bytes([7] * 32), "reason": EndReason.COMPLETED},
        {
            "device": device.pubkey(),
            "job": address,
            "node": addresses.node(device.pubkey()),
            "config": addresses.jobs_config(),
            "staking_program": addresses.STAKING,
        },
    )
    await net.sender(device).send([ended])
    return client, device, address


async def prove(net: TestNetwork, device: Keypair, address: Pubkey, seconds: int) -> None:
    """Posts a statement of device and matcher."""
    run = (await jobs.get(net.rpc, address)).run
    genesis = await net.rpc.genesis_hash()
    said = Statement.for_job(
        genesis, addresses.JOBS, device.pubkey(), address, run, seconds, seconds
    )
    signed = [(key.pubkey(), said.sign(key)) for key in (device, net.matcher)]
    posted = job_prove(
        {"counter": seconds, "seconds": seconds},
        {
            "job": address,
            "config": addresses.jobs_config(),
            "instructions": addresses.INSTRUCTIONS_SYSVAR,
        },
    )
    await net.sender(net.matcher).send([ed25519_instruction(said.to_bytes(), signed), posted])
