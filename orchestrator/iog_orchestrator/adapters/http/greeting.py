"""Connections that ask nothing: let go after a while, so that they do not take all there can be."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

GREETING = 30.0
"""Seconds in which the head of a request has to come: the first of a connection, or the rest of one
that has begun."""


class PromptGreeting(H11Protocol):
    """Uvicorn's HTTP/1.1, which waits for a request as long as its sender likes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._heard()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_asked():
            self._heard()
        elif self._waiting is None and self.transport.get_protocol() is self:
            self._wait()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._heard()
        if not self._is_asked():
            self._wait()

    def handle_websocket_upgrade(self, event: Any) -> None:
        self._heard()
        super().handle_websocket_upgrade(event)

    def _is_asked(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(GREETING, self.transport.abort)

    def _heard(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
