"""Instructions that the orchestrator sends, from the core's values."""

from solders.instruction import Instruction
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client import addresses
from iog_client._generated.iog_jobs import instructions as jobs
from iog_client._generated.iog_rewards import instructions as rewards
from iog_client._generated.iog_token import instructions as token
from iog_client.reasons import EndReason
from iog_client.statements import ed25519_instruction
from iog_orchestrator.domain.jobs import NONE_KEY, ChainJob, JobState, RunEnd
from iog_orchestrator.domain.nodes import ChainNode
from iog_orchestrator.ports import Cosigned


def key(text: str) -> Pubkey:
    """An address that was read from the chain or checked before."""
    return Pubkey.from_string(text)


def gang_of(job: ChainJob) -> Pubkey | None:
    """The gang that a job is a member of."""
    return None if job.gang == NONE_KEY else key(job.gang)


def assign(matcher: Pubkey, job: ChainJob, node: ChainNode) -> Instruction:
    """job_assign."""
    return jobs.job_assign(
        {
            "matcher": matcher,
            "config": addresses.jobs_config(),
            "job": key(job.address),
            "node": key(node.address),
            "gang": gang_of(job),
            "class_": key(node.node_class),
            "token_config": addresses.token_config(),
        }
    )


def start(job: ChainJob) -> Instruction:
    """job_start."""
    return jobs.job_start(
        {
            "device": key(job.device),
            "job": key(job.address),
            "node": key(job.node),
            "config": addresses.jobs_config(),
            "staking_program": addresses.STAKING,
        }
    )


def join(job: ChainJob) -> Instruction:
    """job_join."""
    return jobs.job_join(
        {
            "device": key(job.device),
            "job": key(job.address),
            "node": key(job.node),
            "gang": key(job.gang),
            "config": addresses.jobs_config(),
            "staking_program": addresses.STAKING,
        }
    )


def start_member(job: ChainJob) -> Instruction:
    """gang_start."""
    return jobs.gang_start(
        {
            "job": key(job.address),
            "gang": key(job.gang),
            "config": addresses.jobs_config(),
        }
    )


def prove(matcher: Pubkey, job: ChainJob, proof: Cosigned) -> list[Instruction]:
    """The check of both signatures, and job_prove right after it."""
    said = proof.statement
    return [
        ed25519_instruction(
            proof.message,
            [
                (key(said.device), Signature.from_string(said.signature)),
                (matcher, Signature.from_string(proof.matcher_signature)),
            ],
        ),
        jobs.job_prove(
            {"counter": said.counter, "seconds": said.seconds},
            {
                "job": key(job.address),
                "config": addresses.jobs_config(),
                "instructions": addresses.INSTRUCTIONS_SYSVAR,
            },
        ),
    ]


def finish(job: ChainJob, end: RunEnd) -> Instruction:
    """job_finish."""
    return jobs.job_finish(
        {
            "result_hash": bytes.fromhex(end.result_hash),
            "reason": int(EndReason.from_label(end.reason)),
        },
        {
            "device": key(job.device),
            "job": key(job.address),
            "node": key(job.node),
            "config": addresses.jobs_config(),
            "staking_program": addresses.STAKING,
        },
    )


def release(signer: Pubkey, job: ChainJob, reason: EndReason) -> Instruction:
    """job_release, by the run's device or by the matcher."""
    return jobs.job_release(
        {"reason": int(reason)},
        {
            "signer": signer,
            "job": key(job.address),
            "node": key(job.node),
            "config": addresses.jobs_config(),
            "staking_program": addresses.STAKING,
        },
    )


def expire(matcher: Pubkey, job: ChainJob) -> Instruction:
    """job_expire."""
    held = job.state in (JobState.RUNNING, JobState.JOINED)
    return jobs.job_expire(
        {
            "signer": matcher,
            "job": key(job.address),
            "node": key(job.node) if held else None,
            "gang": gang_of(job),
            "config": addresses.jobs_config(),
            "staking_program": addresses.STAKING,
        }
    )


def paid_by(job: ChainJob) -> list[Pubkey]:
    """The wallets whose token accounts job_settle pays into."""
    wallets = [job.client] if job.payee == NONE_KEY else [job.client, job.payee]
    return [key(wallet) for wallet in wallets]


def settle(matcher: Pubkey, job: ChainJob) -> Instruction:
    """job_settle."""
    paid = [addresses.tokens(wallet) for wallet in paid_by(job)]
    return jobs.job_settle(
        {
            "settler": matcher,
            "job": key(job.address),
            "config": addresses.jobs_config(),
            "vault": addresses.job_vault(key(job.address)),
            "fee_vault": addresses.fee_vault(),
            "payee_tokens": paid[1] if len(paid) > 1 else None,
            "client_tokens": paid[0],
            "payer": key(job.payer),
        }
    )


def advance() -> Instruction:
    """emission_advance."""
    return token.emission_advance(
        {
            "config": addresses.token_config(),
            "mint": addresses.mint(),
            "rewards_vault": addresses.rewards_vault(),
            "pool_vault": addresses.pool_vault(),
        }
    )


def propose(
    oracle: Pubkey, epoch: int, root: str, total: int, count: int, data_hash: str
) -> Instruction:
    """root_propose; hashes in hex."""
    return rewards.root_propose(
        {
            "epoch": epoch,
            "root": bytes.fromhex(root),
            "total": total,
            "count": count,
            "data_hash": bytes.fromhex(data_hash),
        },
        {
            "oracle": oracle,
            "distributor": addresses.distributor(),
            "token_config": addresses.token_config(),
        },
    )
