"""One connection of a node: when it was heard, what it was told, what it was asked."""

from dataclasses import dataclass, field

from iog_client.protocol import RunBrief, nonce
from iog_orchestrator.domain.errors import RequestRefused

MAX_PINGS = 4
"""Questions to a silent node that an answer may still be to."""


@dataclass(slots=True)
class Session:
    """One connection of a node. `heard_at` is monotonic, `since` and `seen_at` wall time.

    `interval` is the one that the node was told last, `before` the one before that: it may have
    begun to wait by the earlier one when it heard of the later.
    """

    number: int
    device: str
    instance: str
    since: float
    heard_at: float
    seen_at: float
    runs: dict[str, RunBrief]
    nonce: str = ""
    """Of its hello."""
    gpus: tuple[str, ...] = ()
    """UUIDs that it reported."""
    interval: float = 0.0
    before: float = 0.0
    counter: int = 0
    lost: int = 0
    """Heartbeats that the node counted and that never came."""
    round_trip: float = 0.0
    """Seconds from the challenge to its answer."""
    pings: list[str] = field(default_factory=list)
    """Nonces of the questions since it was last heard."""

    def told(self, interval: float) -> None:
        """The node hears of an interval, in seconds."""
        self.before, self.interval = self.interval, interval

    def silence(self, missed: int) -> float:
        """Seconds that it may say nothing for, when so many heartbeats may be missed."""
        return missed * max(self.before, self.interval)

    def count(self, counter: int) -> None:
        """Take a heartbeat's counter. Raises `RequestRefused` for one that does not rise."""
        if counter <= self.counter:
            raise RequestRefused(
                f"heartbeat {counter} came after heartbeat {self.counter}: repeated or out of order"
            )
        self.lost += counter - self.counter - 1
        self.counter = counter

    def ask(self) -> str:
        """The nonce of a new question to the node."""
        fresh = nonce()
        self.pings = [*self.pings, fresh][-MAX_PINGS:]
        return fresh

    def answered(self, asked: str) -> None:
        """Take an answer. Raises `RequestRefused` for one that was not asked for, or came
        before."""
        if asked not in self.pings:
            raise RequestRefused("a pong answers no question of this connection")
        self.pings.remove(asked)

    def heard(self, monotonic: float, wall: float, runs: list[RunBrief]) -> None:
        """The node gave an authentic sign of life, and says which runs it holds."""
        self.heard_at, self.seen_at = monotonic, wall
        self.runs = {brief.job: brief for brief in runs}
