"""Uvicorn's WebSocket, with a short way for messages that can be dealt with at once.

ASGI hands each message over a queue to a task, whose answer comes back by another call and is
written by itself. That is most of what a heartbeat costs. So a connection may name someone who is
asked first, in the call that brought the message; the answers to all that one read brought go out
in one write. What is not dealt with there goes the long way, and so does everything behind it
until the task waits again: the order of messages is kept.
"""

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

Prompt = Callable[[str], str | None]
"""What to answer to a message, nothing for an empty text; None: it has to go the long way."""
STATE = "prompt"
"""Where an application finds its connection's protocol, in the state of the scope."""


class PromptProtocol(WebSocketsSansIOProtocol):
    """One connection; `prompt` is asked first, once the application has set it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app_state = {**self.app_state, STATE: self}
        self.prompt: Prompt | None = None
        self._waited_for = False

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if answers := self.conn.data_to_send():
            self.transport.write(b"".join(answers))

    async def receive(self) -> Any:
        self._waited_for = True
        try:
            return await super().receive()
        finally:
            self._waited_for = False

    def send_receive_event_to_app(self) -> None:
        if not self._may_be_prompt():
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        try:
            answer = self.prompt(data.decode()) if self.prompt else None
        except UnicodeDecodeError:
            answer = None
        if answer is None:
            super().send_receive_event_to_app()
        elif answer:
            self.conn.send_text(answer.encode())

    def _may_be_prompt(self) -> bool:
        """Whether nothing before this message is still to be dealt with, no end has closed,
        and the other one takes its answers: for one that does not, reading stops on the long
        way."""
        return (
            self.prompt is not None
            and self._waited_for
            and self.curr_msg_data_type == "text"
            and self.queue.empty()
            and self.writable.is_set()
            and self.conn.state is State.OPEN
        )
