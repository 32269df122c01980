"""The frames of a proven connection that are dealt with at once: heartbeats, and statements.

They are nearly all that comes. What is wrong with one, and all other frames, is for the task of
the connection; so is what comes too fast, which waits there.
"""

import time
from collections.abc import Callable

from pydantic import ValidationError

from iog_client.protocol import WORKER_FRAMES, Heartbeat, Pong, SignedStatement
from iog_orchestrator.core.agents import Agents
from iog_orchestrator.core.sessions import Session
from iog_orchestrator.domain.errors import RequestRefused

FREQUENT = ('{"type":"heartbeat"', '{"type":"statement"')
"""How a worker's frames of these kinds begin; others may begin so and need not."""

RATE = 200.0
BURST = 5000.0
"""Frames a second of one connection; and at once, as from a node that tells of all its runs."""


class Allowance:
    """How many frames of a connection are dealt with, so that one does not take the time of all."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left, self._since = BURST, clock()

    def take(self) -> float:
        """Count a frame: 0, or the seconds after which there is room for it."""
        now = self._clock()
        self._left = min(BURST, self._left + (now - self._since) * RATE)
        self._since = now
        if self._left < 1:
            return (1 - self._left) / RATE
        self._left -= 1
        return 0.0


def require_authentic(frame: Heartbeat | Pong, key: bytes) -> None:
    """Raises `RequestRefused` for a frame whose code was not made with the session's key."""
    if not frame.is_authentic(key):
        raise RequestRefused(f"a {frame.type} is not authentic")


def answer_to(beat: Heartbeat, session: Session, key: bytes, agents: Agents) -> str:
    """Check a heartbeat, take it, and answer. Raises `RequestRefused`, and nothing has changed."""
    require_authentic(beat, key)
    session.count(beat.counter)
    return agents.heartbeat(session, beat)


class PromptFrames:
    """`prompt_protocol.Prompt` of one connection."""

    def __init__(
        self, session: Session, key: bytes, agents: Agents, allowance: Allowance | None = None
    ) -> None:
        self._session = session
        self._key = key
        self._agents = agents
        self._allowance = allowance or Allowance()

    def __call__(self, text: str) -> str | None:
        if not text.startswith(FREQUENT) or self._allowance.take():
            return None
        try:
            frame = WORKER_FRAMES.validate_json(text)
            if isinstance(frame, Heartbeat):
                return answer_to(frame, self._session, self._key, self._agents)
        except (ValidationError, RequestRefused):
            return None
        if isinstance(frame, SignedStatement) and self._agents.stated(self._session.device, frame):
            return ""
        return None
