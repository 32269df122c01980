"""What node and matcher do with a job that is open, on any chain."""

from __future__ import annotations

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, jobs
from iog_client._generated.iog_jobs.instructions.job_assign import job_assign
from iog_client._generated.iog_jobs.instructions.job_finish import job_finish
from iog_client._generated.iog_jobs.instructions.job_prove import job_prove
from iog_client._generated.iog_jobs.instructions.job_start import job_start
from iog_client.reasons import EndReason
from iog_client.rpc import Rpc
from iog_client.statements import Statement, ed25519_instruction
from iog_client.transactions import Sender


async def start(rpc: Rpc, matcher: Keypair, device: Keypair, job: Pubkey) -> None:
    """Assigns a job to a node, which starts it at once."""
    node, config = addresses.node(device.pubkey()), addresses.jobs_config()
    assigned = job_assign(
        {
            "matcher": matcher.pubkey(),
            "config": config,
            "job": job,
            "node": node,
            "gang": None,
            "class_": addresses.class_address("rtx-3070"),
            "token_config": addresses.token_config(),
        }
    )
    started = job_start(
        {
            "device": device.pubkey(),
            "job": job,
            "node": node,
            "config": config,
            "staking_program": addresses.STAKING,
        }
    )
    await Sender(rpc, matcher).send([assigned, started], signers=[device])


async def prove(rpc: Rpc, matcher: Keypair, device: Keypair, job: Pubkey, seconds: int) -> None:
    """Posts a statement of device and matcher; its counter is the seconds too."""
    run = (await jobs.get(rpc, job)).run
    genesis, key = await rpc.genesis_hash(), device.pubkey()
    said = Statement.for_job(genesis, addresses.JOBS, key, job, run, seconds, seconds)
    signed = [(one.pubkey(), said.sign(one)) for one in (device, matcher)]
    posted = job_prove(
        {"counter": seconds, "seconds": seconds},
        {
            "job": job,
            "config": addresses.jobs_config(),
            "instructions": addresses.INSTRUCTIONS_SYSVAR,
        },
    )
    await Sender(rpc, matcher).send([ed25519_instruction(said.to_bytes(), signed), posted])


async def finish(rpc: Rpc, matcher: Keypair, device: Keypair, job: Pubkey) -> None:
    """The device says that the job has completed; the matcher pays the transaction."""
    ended = job_finish(
        {"result_hash": bytes([7] * 32), "reason": EndReason.COMPLETED},
        {
            "device": device.pubkey(),
            "job": job,
            "node": addresses.node(device.pubkey()),
            "config": addresses.jobs_config(),
            "staking_program": addresses.STAKING,
        },
    )
    await Sender(rpc, matcher).send([ended], signers=[device])
