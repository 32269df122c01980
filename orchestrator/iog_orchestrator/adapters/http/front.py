"""What a process answers with: the leader's application while it leads, else the standby's.

A worker that comes while it is open who leads next is kept until that is settled. If it is this
process, the worker goes on with the connection that it has; so nodes are back as soon as somebody
leads, and do not ask again and again meanwhile.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iog_orchestrator.adapters.http.standby import GREETING_SECONDS, WORKERS

WAIT_SECONDS = 8.0
"""How long a worker is kept, which has to be less than it waits for an answer (10 s)."""
MOST_KEPT = 20_000
"""Workers kept at a time; more are answered as by a standby."""


class Front:
    """An ASGI application that passes everything on to the one of the hour."""

    def __init__(self, standby: ASGIApp) -> None:
        self._standby = standby
        self._leading: ASGIApp | None = None
        self._may: Callable[[], bool] = lambda: False
        self._settled = asyncio.Event()
        self._kept = 0

    def lead(self, application: ASGIApp, may: Callable[[], bool]) -> None:
        """Answer with `application` from now on, as long as `may` says so."""
        self._leading, self._may = application, may
        self.settle(known=True)

    def stand_by(self) -> None:
        """Answer as a standby from now on, and who leads is open."""
        self._leading = None
        self.settle(known=False)

    def settle(self, *, known: bool) -> None:
        """Whether it is known who leads, and workers can be told."""
        if known:
            self._settled.set()
        else:
            self._settled.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_worker = scope["type"] == "websocket" and scope["path"] == WORKERS
        if is_worker and not self._settled.is_set() and self._kept < MOST_KEPT:
            receive, send = await self._keep(receive, send)
        leads = self._leading is not None and self._may()
        application = self._leading if leads and self._leading is not None else self._standby
        await application(scope, receive, send)

    async def _keep(self, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """A worker's connection once it is settled who leads: as new, with its greeting unread."""
        self._kept += 1
        try:
            came = [await receive()]
            await send({"type": "websocket.accept"})
            # its greeting first: one that is closed while it greets reads nothing any more
            with suppress(TimeoutError):
                async with asyncio.timeout(GREETING_SECONDS):
                    came.append(await receive())
                async with asyncio.timeout(WAIT_SECONDS):
                    await self._settled.wait()
        finally:
            self._kept -= 1

        async def received() -> Message:
            return came.pop(0) if came else await receive()

        async def sent(message: Message) -> None:
            if message["type"] != "websocket.accept":
                await send(message)

        return received, sent
