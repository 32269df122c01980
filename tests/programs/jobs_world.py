"""Brings a network to where jobs run: a `Registry`, iog_jobs, a client and its matcher.

What builds an instruction is in `jobs_calls.py`; `open`, `running` and the like send what leads to
a state.
"""

from dataclasses import dataclass
from typing import Any

from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_jobs import accounts as jobs_accounts
from jobs_calls import JobsCalls
from registry_world import FUNDS, registry, signed
from stages import Network
from world import program_key

GRACE = 600
DISPUTE = 1_209_600


def offset_of(kind: Any, field: str) -> int:
    """Where a field lies in an account, discriminator included."""
    at = 8
    for part in kind.layout.subcons:
        if part.name == field:
            return int(at)
        at += part.sizeof()
    raise KeyError(field)


JOB_REASON = offset_of(jobs_accounts.Job, "reason")
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
class Jobs(JobsCalls):
    """A network that runs jobs, with a client, its matcher and the client's job 0."""

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


def jobs(net: Network) -> Jobs:
    """A network with an active node and a funded client that has opened no job yet."""
    made = Jobs(registry(net).active(), net.world.keypair(), net.world.keypair())
    made.world.send(made.jobs_initialize(), signers=[program_key("iog_jobs"), net.authority])
    made.world.send(made.client_open(), signers=[made.wallet])
    net.fund(made.wallet.pubkey(), FUNDS)
    made.world.tokens(made.registry.payee)
    return made
