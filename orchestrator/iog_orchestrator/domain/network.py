"""Facts of the network an orchestrator serves."""

from dataclasses import dataclass
from typing import Literal

from iog_client import schedule
from iog_client.gpuproof.sizes import AGE


@dataclass(frozen=True, slots=True)
class Network:
    """What never changes while the daemon runs. Keys and hashes are base58."""

    genesis_hash: str
    programs: dict[str, str]
    idl_hashes: dict[str, str]
    mint: str
    distributor: str
    hour_length: int
    allow_simulated: bool
    proof: Literal["none", "required"] = "none"
    """Whether nodes have to prove their GPUs."""

    @property
    def proof_max_age(self) -> int:
        """Seconds that a node's last passed GPU proof may be old; 0 where none is asked for."""
        return self.scaled(AGE) if self.proof == "required" else 0

    def scaled(self, seconds: int) -> int:
        """A duration given for hours of 3,600 s, on this network."""
        return schedule.scaled(seconds, self.hour_length)

    @property
    def grace(self) -> int:
        """Slack of iog_jobs at each deadline, in seconds."""
        return schedule.grace(self.hour_length)


@dataclass(frozen=True, slots=True)
class Emission:
    """The part of iog_token's config that moves. `start` 0: not started. Amounts cumulative."""

    start: int = 0
    advanced_hour: int = 0
    minted: int = 0
    to_rewards: int = 0
    to_pool: int = 0
    pool_base: int = 0
    split_from_hour: int = 0
    next_split_hour: int = 0
    pool_bps: int = 0
    next_pool_bps: int = 0

    def pool_total(self, hour: int) -> int:
        """What the backers' pool has been given when `hour` ends, in base units."""
        return schedule.split(
            hour,
            self.pool_bps,
            split_from_hour=self.split_from_hour,
            pool_base=self.pool_base,
            next_split_hour=self.next_split_hour,
            next_pool_bps=self.next_pool_bps,
        )[1]


@dataclass(frozen=True, slots=True)
class Distributor:
    """iog_rewards' account: the live root and the pending one (`pending_epoch` 0: none)."""

    root: str = "0" * 64
    epoch: int = 0
    total: int = 0
    pending_root: str = "0" * 64
    pending_epoch: int = 0
    pending_total: int = 0
    active_at: int = 0
    paused: bool = False

    def live(self, chain_time: float) -> tuple[int, str]:
        """Epoch and root that a claim made now is checked against: a due pending root counts."""
        if self.pending_epoch and chain_time >= self.active_at:
            return self.pending_epoch, self.pending_root
        return self.epoch, self.root

    def is_pending(self, chain_time: float) -> bool:
        """Whether a root waits that is not due, so that none can be proposed."""
        return bool(self.pending_epoch) and chain_time < self.active_at


@dataclass(frozen=True, slots=True)
class BuiltHour:
    """An hour whose parts are written: its document, what it gave in all and to how many nodes."""

    document: bytes
    granted: int
    eligible: int


@dataclass(frozen=True, slots=True)
class HourReport:
    """One closed hour in short; amounts in base units, `root` empty where there was nobody to pay.

    `emitted_total`, `to_rewards`, `to_pool` and `total` are cumulative to the end of the hour;
    `granted` is what this hour gave, `carry` what stays for later ones.
    """

    hour: int
    root: str
    data_hash: str
    emitted_total: int
    to_rewards: int
    to_pool: int
    total: int
    granted: int
    carry: int
    nodes: int
    eligible: int
    wallets: int
    state: str = "published"
    """published, or proposed: its root went on chain."""
