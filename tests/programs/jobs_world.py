"""Brings a network to where jobs run: a `Registry`, iog_jobs, a client and its matcher.

Verbs named like an instruction build it; `open`, `running` and the like send what leads to a state.
"""

from dataclasses import dataclass
from typing import Any

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_jobs import accounts as jobs_accounts
from iog_client._generated.iog_jobs.instructions.client_open import client_open
from iog_client._generated.iog_jobs.instructions.job_assign import job_assign
from iog_client._generated.iog_jobs.instructions.job_cancel import job_cancel
from iog_client._generated.iog_jobs.instructions.job_expire import job_expire
from iog_client._generated.iog_jobs.instructions.job_finish import job_finish
from iog_client._generated.iog_jobs.instructions.job_open import job_open
from iog_client._generated.iog_jobs.instructions.job_prove import job_prove
from iog_client._generated.iog_jobs.instructions.job_settle import job_settle
from iog_client._generated.iog_jobs.instructions.job_start import job_start
from iog_client._generated.iog_jobs.instructions.jobs_initialize import jobs_initialize
from iog_client.statements import Statement
from registry_world import ASK, FUNDS, NOBODY, SLUG, Registry, registry, signed
from stages import GENESIS_HASH, Network
from world import World, program_key

GRACE = 600

# offsets of fields that no instruction changes yet, discriminator included
JOB_STATE, JOB_REASON = 8 + 410, 8 + 411
CONFIG_PAUSED, CONFIG_HOUR_LENGTH = 8 + 230, 8 + 224

STATES = {
    "open": 0,
    "assigned": 1,
    "running": 2,
    "finished": 3,
    "settled": 4,
    "cancelled": 5,
    "expired": 6,
    "disputed": 7,
}


@dataclass
class Jobs:
    """A network that runs jobs, with a client, its matcher and the client's job 0."""

    registry: Registry
    wallet: Keypair
    matcher: Keypair
    number: int = 0

    @property
    def world(self) -> World:
        return self.registry.world

    @property
    def device(self) -> Keypair:
        return self.registry.device

    @property
    def job(self) -> Pubkey:
        return addresses.job(self.wallet.pubkey(), self.number)

    @property
    def vault(self) -> Pubkey:
        return addresses.job_vault(self.job)

    # --- instructions -----------------------------------------------------------------------------

    def jobs_initialize(self) -> Instruction:
        net = self.registry.net
        return jobs_initialize(
            {
                "genesis_hash": GENESIS_HASH,
                "guardian": net.guardian.pubkey(),
                "arbiter": net.arbiter.pubkey(),
            },
            {
                "program_key": program_key("iog_jobs").pubkey(),
                "payer": self.world.payer.pubkey(),
                "authority": net.authority.pubkey(),
                "config": addresses.jobs_config(),
                "fee_vault": addresses.fee_vault(),
                "mint": addresses.mint(),
                "token_config": addresses.token_config(),
            },
        )

    def client_open(self, matchers: list[Pubkey] | None = None) -> Instruction:
        return client_open(
            {"matchers": [self.matcher.pubkey()] if matchers is None else matchers},
            {
                "wallet": self.wallet.pubkey(),
                "client": addresses.client(self.wallet.pubkey()),
            },
        )

    def job_open(self, **changes: Any) -> Instruction:
        """One GPU at most, up to 100 s, window 50 s, placed within 1,000 s."""
        args = {
            "spec_hash": bytes([7] * 32),
            "class_": NOBODY,
            "min_multiplier": 0,
            "gpus": 2,
            "max_price": ASK,
            "max_seconds": 100,
            "window": 50,
            "wait": 1_000,
            "matcher": self.matcher.pubkey(),
        } | changes
        return job_open(
            args,
            {
                "wallet": self.wallet.pubkey(),
                "config": addresses.jobs_config(),
                "client": addresses.client(self.wallet.pubkey()),
                "job": self.job,
                "vault": self.vault,
                "mint": addresses.mint(),
                "wallet_tokens": addresses.tokens(self.wallet.pubkey()),
            },
        )

    def job_assign(self) -> Instruction:
        return job_assign(
            {
                "matcher": self.matcher.pubkey(),
                "config": addresses.jobs_config(),
                "job": self.job,
                "node": self.registry.node,
                "class_": addresses.class_address(SLUG),
                "token_config": addresses.token_config(),
            }
        )

    def job_start(self) -> Instruction:
        return job_start(self._run_accounts() | {"device": self.device.pubkey()})

    def job_prove(self, counter: int = 1, seconds: int = 1) -> Instruction:
        return job_prove(
            {"counter": counter, "seconds": seconds},
            {
                "job": self.job,
                "config": addresses.jobs_config(),
                "instructions": addresses.INSTRUCTIONS_SYSVAR,
            },
        )

    def job_finish(self, reason: int = 1, result_hash: bytes = bytes([9] * 32)) -> Instruction:
        return job_finish(
            {"result_hash": result_hash, "reason": reason},
            self._run_accounts() | {"device": self.device.pubkey()},
        )

    def job_cancel(self, *, node: bool = True) -> Instruction:
        chosen = self._run_accounts(node=node)
        return job_cancel(chosen | {"wallet": self.wallet.pubkey()})

    def job_expire(self, *, node: bool = True) -> Instruction:
        return job_expire(self._run_accounts(node=node))

    def job_settle(self, settler: Pubkey | None = None, *, payee: bool = True) -> Instruction:
        return job_settle(
            {
                "settler": settler or self.wallet.pubkey(),
                "job": self.job,
                "config": addresses.jobs_config(),
                "vault": self.vault,
                "fee_vault": addresses.fee_vault(),
                "payee_tokens": addresses.tokens(self.registry.payee) if payee else None,
                "client_tokens": addresses.tokens(self.wallet.pubkey()),
                "payer": self.wallet.pubkey(),
            }
        )

    def statement(self, counter: int = 1, seconds: int = 1, **changes: Any) -> bytes:
        """The bytes of a statement about this job's run, with changes to what they say."""
        said = {
            "genesis_hash": self.registry.genesis,
            "jobs_program": addresses.JOBS,
            "device": self.device.pubkey(),
            "job": self.job,
            "run": 1,
            "counter": counter,
            "seconds": seconds,
        } | changes
        return Statement.for_job(**said).to_bytes()

    def _run_accounts(self, *, node: bool = True) -> dict[str, Any]:
        return {
            "job": self.job,
            "node": self.registry.node if node else None,
            "config": addresses.jobs_config(),
            "staking_program": addresses.STAKING,
        }

    # --- what leads to a state --------------------------------------------------------------------

    def open(self, **changes: Any) -> "Jobs":
        self.world.send(self.job_open(**changes), signers=[self.wallet])
        return self

    def assign(self) -> "Jobs":
        self.world.send(self.job_assign(), signers=[self.matcher])
        return self

    def start(self) -> "Jobs":
        self.world.send(self.job_start(), signers=[self.device])
        return self

    def prove(self, counter: int = 1, seconds: int = 1) -> "Jobs":
        """Posts a statement signed by device and matcher."""
        message = signed(self.statement(counter, seconds), self.device, self.matcher)
        self.world.send(message, self.job_prove(counter, seconds))
        return self

    def finish(self, reason: int = 1) -> "Jobs":
        self.world.send(self.job_finish(reason), signers=[self.device])
        return self

    def cancel(self, *, node: bool = True) -> "Jobs":
        self.world.send(self.job_cancel(node=node), signers=[self.wallet])
        return self

    def expire(self, *, node: bool = True) -> "Jobs":
        """Once its deadline and the grace after it have passed."""
        self.world.now = max(self.world.now, self.read().deadline + GRACE)
        self.world.send(self.job_expire(node=node))
        return self

    def settle(self, *, payee: bool = True) -> "Jobs":
        self.world.send(self.job_settle(payee=payee), signers=[self.wallet])
        return self

    def running(self, seconds: int = 0, **changes: Any) -> "Jobs":
        """Opened, assigned and started; this many seconds have passed and are proven."""
        self.open(**changes).assign().start()
        if seconds:
            self.world.now += seconds
            self.prove(1, seconds)
        return self

    def reach(self, state: str) -> "Jobs":
        """Job 0 in the state of that name, the next instruction's deadline far enough ahead."""
        steps = {
            "open": self.open,
            "assigned": lambda: self.open().assign(),
            "running": self.running,
            "finished": lambda: self.running().finish(),
            "settled": lambda: self.open().cancel(node=False).settle(payee=False),
            "cancelled": lambda: self.open().cancel(node=False),
            "expired": lambda: self.open().expire(node=False),
        }
        if state == "disputed":  # a state that no instruction reaches yet
            self.running().finish()
            self.world.write(self.job, JOB_STATE, bytes([STATES[state]]))
            return self
        steps[state]()
        return self

    # --- reading ----------------------------------------------------------------------------------

    def read(self) -> jobs_accounts.Job:
        return self.world.account(jobs_accounts.Job, self.job)


def jobs(net: Network) -> Jobs:
    """A network with an active node and a funded client that has opened no job yet."""
    made = Jobs(registry(net).active(), net.world.keypair(), net.world.keypair())
    made.world.send(made.jobs_initialize(), signers=[program_key("iog_jobs"), net.authority])
    made.world.send(made.client_open(), signers=[made.wallet])
    net.fund(made.wallet.pubkey(), FUNDS)
    made.world.tokens(made.registry.payee)
    return made
