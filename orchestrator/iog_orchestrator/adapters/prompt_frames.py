"""The frames of a proven connection that are dealt with at once: heartbeats, and statements.

They are nearly all that comes. What is wrong with one, and all other frames, is for the task of
the connection.
"""

from pydantic import ValidationError

from iog_client.protocol import WORKER_FRAMES, Heartbeat, Pong, SignedStatement
from iog_orchestrator.core.agents import Agents
from iog_orchestrator.core.sessions import Session
from iog_orchestrator.domain.errors import RequestRefused

FREQUENT = ('{"type":"heartbeat"', '{"type":"statement"')
"""How a worker's frames of these kinds begin; others may begin so and need not."""


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

    def __init__(self, session: Session, key: bytes, agents: Agents) -> None:
        self._session = session
        self._key = key
        self._agents = agents

    def __call__(self, text: str) -> str | None:
        if not text.startswith(FREQUENT):
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
