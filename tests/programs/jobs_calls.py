"""The instructions of iog_jobs, each built by the method of its name, with sensible arguments."""

from dataclasses import dataclass
from typing import Any

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_jobs import accounts as jobs_accounts
from iog_client._generated.iog_jobs import instructions as ix
from iog_client.statements import Statement
from registry_world import ASK, NOBODY, SLUG, Registry
from stages import GENESIS_HASH
from world import World, program_key

JOIN_WAIT = 500


@dataclass
class JobsCalls:
    """Who takes part in a job, and every instruction about it."""

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
        return ix.jobs_initialize(
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
        return ix.client_open(
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
        return ix.job_open(
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
        return ix.job_assign(
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
        return ix.job_start(self._run_accounts() | {"device": self.device.pubkey()})

    def job_prove(self, counter: int = 1, seconds: int = 1) -> Instruction:
        return ix.job_prove(
            {"counter": counter, "seconds": seconds},
            {
                "job": self.job,
                "config": addresses.jobs_config(),
                "instructions": addresses.INSTRUCTIONS_SYSVAR,
            },
        )

    def job_finish(self, reason: int = 1, result_hash: bytes = bytes([9] * 32)) -> Instruction:
        return ix.job_finish(
            {"result_hash": result_hash, "reason": reason},
            self._run_accounts() | {"device": self.device.pubkey()},
        )

    def job_cancel(self, *, node: bool = True) -> Instruction:
        chosen = self._run_accounts(node=node)
        return ix.job_cancel(chosen | {"signer": self.wallet.pubkey(), "gang": self._gang_of()})

    def job_expire(self, *, node: bool = True) -> Instruction:
        chosen = self._run_accounts(node=node)
        return ix.job_expire(
            chosen | {"signer": self.world.payer.pubkey(), "gang": self._gang_of()}
        )

    def job_settle(self, settler: Pubkey | None = None, *, payee: bool = True) -> Instruction:
        return ix.job_settle(
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

    # --- reading ----------------------------------------------------------------------------------

    def read(self) -> jobs_accounts.Job:
        return self.world.account(jobs_accounts.Job, self.job)

    def read_gang(self) -> jobs_accounts.Gang:
        return self.world.account(jobs_accounts.Gang, addresses.gang(self.wallet.pubkey(), 0))
