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
from iog_client._generated.iog_jobs import instructions as ix
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

DISPUTE = 1_209_600
JOIN_WAIT = 500


def offset_of(kind: Any, field: str) -> int:
    """Where a field lies in an account, discriminator included."""
    at = 8
    for part in kind.layout.subcons:
        if part.name == field:
            return int(at)
        at += part.sizeof()
    raise KeyError(field)


JOB_STATE, JOB_REASON = (offset_of(jobs_accounts.Job, name) for name in ("state", "reason"))
CONFIG_PAUSED, CONFIG_HOUR_LENGTH = (
    offset_of(jobs_accounts.Config, name) for name in ("paused", "hour_length")
)

STATES = {
    "open": 0,
    "assigned": 1,
    "running": 2,
    "finished": 3,
    "settled": 4,
    "cancelled": 5,
    "expired": 6,
    "disputed": 7,
    "resolved": 8,
    "joined": 9,
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

    def job_open(
        self, *, by: Pubkey | None = None, gang: Pubkey | None = None, **changes: Any
    ) -> Instruction:
        """Two GPUs, up to 100 s, window 50 s, placed within 1,000 s; opened `by` a delegate."""
        args = {
            "spec_hash": bytes([7] * 32),
            "class_": NOBODY,
            "min_multiplier": 0,
            "gpus": 2,
            "max_price": ASK,
            "max_seconds": 100,
            "runs": 1,
            "window": 50,
            "wait": 1_000,
            "matcher": self.matcher.pubkey(),
        } | changes
        return job_open(
            args,
            {
                "signer": by or self.wallet.pubkey(),
                "config": addresses.jobs_config(),
                "client": addresses.client(self.wallet.pubkey()),
                "delegate": addresses.delegate(self.wallet.pubkey(), by) if by else None,
                "gang": gang,
                "job": self.job,
                "vault": self.vault,
                "mint": addresses.mint(),
                "wallet_tokens": addresses.tokens(self.wallet.pubkey()),
            },
        )

    def job_extend(self, seconds: int, *, by: Pubkey | None = None) -> Instruction:
        return ix.job_extend(
            {"seconds": seconds},
            {
                "signer": by or self.wallet.pubkey(),
                "config": addresses.jobs_config(),
                "client": addresses.client(self.wallet.pubkey()),
                "delegate": addresses.delegate(self.wallet.pubkey(), by) if by else None,
                "job": self.job,
                "vault": self.vault,
                "wallet_tokens": addresses.tokens(self.wallet.pubkey()),
            },
        )

    def job_release(self, signer: Pubkey, reason: int) -> Instruction:
        return ix.job_release({"reason": reason}, self._run_accounts() | {"signer": signer})

    def job_dispute(self, signer: Pubkey | None = None) -> Instruction:
        return ix.job_dispute(self._dispute_accounts(signer or self.wallet.pubkey()))

    def job_resolve(self, seconds: int, signer: Pubkey | None = None) -> Instruction:
        arbiter = signer or self.registry.net.arbiter.pubkey()
        return ix.job_resolve({"seconds": seconds}, self._dispute_accounts(arbiter))

    def gang_open(self, members: int = 2, wait: int = JOIN_WAIT, number: int = 0) -> Instruction:
        wallet = self.wallet.pubkey()
        return ix.gang_open(
            {"members": members, "wait": wait},
            {
                "wallet": wallet,
                "client": addresses.client(wallet),
                "gang": addresses.gang(wallet, number),
            },
        )

    def job_join(self) -> Instruction:
        chosen = self._run_accounts() | {"device": self.device.pubkey(), "gang": self.read().gang}
        return ix.job_join(chosen)

    def gang_start(self) -> Instruction:
        return ix.gang_start(
            {"job": self.job, "gang": self.read().gang, "config": addresses.jobs_config()}
        )

    def delegate_set(self, key: Pubkey, per_job: int, per_day: int) -> Instruction:
        return ix.delegate_set(
            {"per_job": per_job, "per_day": per_day},
            {
                "wallet": self.wallet.pubkey(),
                "key": key,
                "delegate": addresses.delegate(self.wallet.pubkey(), key),
            },
        )

    def delegate_close(self, key: Pubkey) -> Instruction:
        return ix.delegate_close(
            {
                "wallet": self.wallet.pubkey(),
                "delegate": addresses.delegate(self.wallet.pubkey(), key),
            }
        )

    def fees_collect(self, treasury: Pubkey | None = None) -> Instruction:
        return ix.fees_collect(
            {
                "config": addresses.jobs_config(),
                "fee_vault": addresses.fee_vault(),
                "mint": addresses.mint(),
                "treasury_tokens": addresses.tokens(treasury) if treasury else None,
            }
        )

    def by_authority(self, name: str, args: dict[str, Any] | None = None) -> Instruction:
        """An instruction that the authority alone may send, by its name."""
        accounts = {
            "authority": self.registry.net.authority.pubkey(),
            "config": addresses.jobs_config(),
        }
        make = getattr(ix, name)
        made: Instruction = make(accounts) if args is None else make(args, accounts)
        return made

    def jobs_pause(self, stopper: Pubkey | None = None) -> Instruction:
        guardian = stopper or self.registry.net.guardian.pubkey()
        return ix.jobs_pause({"stopper": guardian, "config": addresses.jobs_config()})

    def job_assign(self) -> Instruction:
        found = self.world.svm.get_account(self.job)
        gang = self._gang_of() if found and found.owner == addresses.JOBS else None
        return job_assign(
            {
                "matcher": self.matcher.pubkey(),
                "config": addresses.jobs_config(),
                "job": self.job,
                "node": self.registry.node,
                "gang": gang,
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
        return job_cancel(chosen | {"signer": self.wallet.pubkey(), "gang": self._gang_of()})

    def job_expire(self, *, node: bool = True) -> Instruction:
        chosen = self._run_accounts(node=node)
        return job_expire(chosen | {"signer": self.world.payer.pubkey(), "gang": self._gang_of()})

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

    def _dispute_accounts(self, signer: Pubkey) -> Any:
        return {"signer": signer, "job": self.job, "config": addresses.jobs_config()}

    def _gang_of(self) -> Pubkey | None:
        gang = self.read().gang
        return None if gang == NOBODY else gang

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

    def release(self, by: Keypair, reason: int) -> "Jobs":
        self.world.send(self.job_release(by.pubkey(), reason), signers=[by])
        return self

    def dispute(self) -> "Jobs":
        self.world.send(self.job_dispute(), signers=[self.wallet])
        return self

    def resolve(self, seconds: int) -> "Jobs":
        self.world.send(self.job_resolve(seconds), signers=[self.registry.net.arbiter])
        return self

    def extend(self, seconds: int) -> "Jobs":
        self.world.send(self.job_extend(seconds), signers=[self.wallet])
        return self

    def open_gang(self, members: int = 2, **changes: Any) -> "Jobs":
        """The client's first gang with all its jobs, one GPU each, opened in it."""
        self.world.send(self.gang_open(members), signers=[self.wallet])
        gang = addresses.gang(self.wallet.pubkey(), 0)
        for number in range(members):
            self.number = number
            self.open(**{"gang": gang, "gpus": 1, "wait": 1_000} | changes)
        self.number = 0
        return self

    def join(self) -> "Jobs":
        self.world.send(self.job_join(), signers=[self.device])
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
            "disputed": lambda: self.running().finish().dispute(),
            "resolved": lambda: self.running().finish().dispute().resolve(0),
            "joined": lambda: self.open_gang().assign().join(),
        }
        steps[state]()
        return self

    # --- reading ----------------------------------------------------------------------------------

    def read(self) -> jobs_accounts.Job:
        return self.world.account(jobs_accounts.Job, self.job)

    def read_gang(self) -> jobs_accounts.Gang:
        return self.world.account(jobs_accounts.Gang, addresses.gang(self.wallet.pubkey(), 0))


def jobs(net: Network) -> Jobs:
    """A network with an active node and a funded client that has opened no job yet."""
    made = Jobs(registry(net).active(), net.world.keypair(), net.world.keypair())
    made.world.send(made.jobs_initialize(), signers=[program_key("iog_jobs"), net.authority])
    made.world.send(made.client_open(), signers=[made.wallet])
    net.fund(made.wallet.pubkey(), FUNDS)
    made.world.tokens(made.registry.payee)
    return made
