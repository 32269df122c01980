"""What node and matcher do with a job that is open, and an oracle after an hour, on any chain."""

from __future__ import annotations

from collections.abc import Sequence

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, jobs, tokens
from iog_client._generated.iog_jobs.instructions.gang_start import gang_start
from iog_client._generated.iog_jobs.instructions.job_assign import job_assign
from iog_client._generated.iog_jobs.instructions.job_finish import job_finish
from iog_client._generated.iog_jobs.instructions.job_join import job_join
from iog_client._generated.iog_jobs.instructions.job_prove import job_prove
from iog_client._generated.iog_jobs.instructions.job_start import job_start
from iog_client._generated.iog_rewards.instructions.root_propose import root_propose
from iog_client._generated.iog_token.instructions.emission_advance import emission_advance
from iog_client.reasons import EndReason
from iog_client.rpc import Rpc
from iog_client.statements import Statement, ed25519_instruction
from iog_client.transactions import Sender


def assign(matcher: Pubkey, device: Pubkey, job: Pubkey, gang: Pubkey | None) -> Instruction:
    """job_assign to the node of that device."""
    return job_assign(
        {
            "matcher": matcher,
            "config": addresses.jobs_config(),
            "job": job,
            "node": addresses.node(device),
            "gang": gang,
            "class_": addresses.class_address("rtx-3070"),
            "token_config": addresses.token_config(),
        }
    )


async def start(rpc: Rpc, matcher: Keypair, device: Keypair, job: Pubkey) -> None:
    """Assigns a job to a node, which starts it at once."""
    started = job_start(
        {
            "device": device.pubkey(),
            "job": job,
            "node": addresses.node(device.pubkey()),
            "config": addresses.jobs_config(),
            "staking_program": addresses.STAKING,
        }
    )
    assigned = assign(matcher.pubkey(), device.pubkey(), job, None)
    await Sender(rpc, matcher).send([assigned, started], signers=[device])


def gang_instructions(
    matcher: Pubkey, gang: Pubkey, members: Sequence[tuple[Pubkey, Pubkey]]
) -> list[Instruction]:
    """Takes a gang whose members (job, device) are open to where all run."""
    assigned = [assign(matcher, device, job, gang) for job, device in members]
    joined = [
        job_join(
            {
                "device": device,
                "job": job,
                "node": addresses.node(device),
                "gang": gang,
                "config": addresses.jobs_config(),
                "staking_program": addresses.STAKING,
            }
        )
        for job, device in members
    ]
    config = addresses.jobs_config()
    started = [gang_start({"job": job, "gang": gang, "config": config}) for job, _ in members]
    return [*assigned, *joined, *started]


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


async def propose_root(rpc: Rpc, oracle: Keypair) -> tuple[int, str]:
    """Mints what is due and proposes a root of the last hour: the hour, and the root in hex."""
    minted = emission_advance(
        {
            "config": addresses.token_config(),
            "mint": addresses.mint(),
            "rewards_vault": addresses.rewards_vault(),
            "pool_vault": addresses.pool_vault(),
        }
    )
    await Sender(rpc, oracle).send([minted])
    hour, root = (await tokens.config(rpc)).advanced_hour, bytes([3] * 32)
    terms = {"epoch": hour, "root": root, "total": 1, "count": 1, "data_hash": bytes([4] * 32)}
    wanted = root_propose(
        terms,
        {
            "oracle": oracle.pubkey(),
            "distributor": addresses.distributor(),
            "token_config": addresses.token_config(),
        },
    )
    await Sender(rpc, oracle).send([wanted])
    return hour, root.hex()
