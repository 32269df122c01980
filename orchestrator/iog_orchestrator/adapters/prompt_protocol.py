"""Uvicorn's WebSocket, with a short way for messages that can be dealt with at once.

ASGI hands each message over a queue to a task, whose answer comes back by another call and is
written by itself; and the library below it reads a frame in a dozen steps, of which each may have
to wait. That is most of what a heartbeat costs. So a connection may name someone who is asked
first, in the call that brought the message; the answers to all that one read brought go out in one
write. That is for whole text frames at the beginning of a read. The first of them that is not dealt
with goes the long way, and so does everything behind it until the task waits again: the order of
messages is kept.

Nothing is read from one who does not take what is written: the library answers every ping, and
would keep the answers for as long. Nor is one waited for who does not take the last of it.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode, apply_mask  # type: ignore[attr-defined]
from websockets.protocol import State
from websockets.streams import StreamReader

Prompt = Callable[[str], str | None]
"""What to answer to a message, nothing for an empty text; None: it has to go the long way, and
nothing has changed."""
STATE = "prompt"
"""Where an application finds its connection's protocol, in the state of the scope."""
FAREWELL = 15.0
"""Seconds after the application's end in which the other one has to take what was written; of them
it has ten to close as well."""
# RFC 6455, 5.2
_WHOLE_TEXT = 0x81
_MASKED = 0x80
_TWO_BYTES, _EIGHT_BYTES = 126, 127
_MASK = 4


class PromptProtocol(WebSocketsSansIOProtocol):
    """One connection; `prompt` is asked first, once the application has set it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app_state = {**self.app_state, STATE: self}
        self.prompt: Prompt | None = None
        self._waited_for = False
        self._leaving: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._leaving is not None:
            self._leaving.cancel()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._read_or_not()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not (self.read_paused or self.transport.is_closing()):
            self.transport.resume_reading()

    async def run_asgi(self) -> None:
        try:
            await super().run_asgi()
        finally:
            if not self.disconnected:
                # closing waits for what is to be written yet, which may be for ever
                self._leaving = self.loop.call_later(FAREWELL, self.transport.abort)

    async def send(self, message: Any) -> None:
        await super().send(message)
        self._read_or_not()

    def data_received(self, data: bytes) -> None:
        if self.prompt is not None and self._may_be_prompt():
            data = self._dealt_with(self.prompt, data)
        if data:
            super().data_received(data)

    async def receive(self) -> Any:
        self._waited_for = True
        try:
            return await super().receive()
        finally:
            self._waited_for = False
            self._read_or_not()

    def _read_or_not(self) -> None:
        """Stop reading, which the library may just have begun, while nothing is taken."""
        if not (self.writable.is_set() or self.transport.is_closing()):
            self.transport.pause_reading()

    def _dealt_with(self, prompt: Prompt, data: bytes) -> bytes:
        """Answer what can be answered at once; what is left of the data."""
        done = 0
        answers = []
        for text, end in _texts(data):
            answer = prompt(text)
            if answer is None:
                break
            done = end
            if answer:
                answers.append(Frame(Opcode.TEXT, answer.encode()).serialize(mask=False))
        if answers:
            self.transport.write(b"".join(answers))
        return data[done:]

    def _may_be_prompt(self) -> bool:
        """Whether a frame begins here, nothing before it is still to be dealt with, no end has
        closed, and the other one takes its answers: for one that does not, reading stops on the
        long way."""
        return (
            self._waited_for
            and self.queue.empty()
            and self.writable.is_set()
            and self.conn.state is State.OPEN
            and self.conn.cur_size is None
            and self._is_between_frames()
        )

    def _is_between_frames(self) -> bool:
        # Where the library waits: between two frames it asks whether the stream has ended. If that
        # changes with its version, every message goes the long way, and a test fails.
        waiting: Any = self.conn.parser
        while (inner := getattr(waiting, "gi_yieldfrom", None)) is not None:
            waiting = inner
        return getattr(waiting, "gi_code", None) is StreamReader.at_eof.__code__


def _texts(data: bytes) -> Iterator[tuple[str, int]]:
    """The text frames, whole and below 64 KiB, at the beginning: what each says, where it ends."""
    at = 0
    while len(data) - at >= 2 and data[at] == _WHOLE_TEXT and data[at + 1] & _MASKED:
        size, begin = data[at + 1] & ~_MASKED, at + 2
        if size == _EIGHT_BYTES:
            return
        if size == _TWO_BYTES:
            size, begin = int.from_bytes(data[begin : begin + 2]), begin + 2
        begin += _MASK
        at = begin + size
        if len(data) < at:
            return
        try:
            text = apply_mask(data[begin:at], data[begin - _MASK : begin]).decode()
        except UnicodeDecodeError:
            return
        yield text, at
