"""Waking loops: an event with a time limit, and one such event for each of many subjects."""

import asyncio


class Wake:
    """Set by whoever has news; waited on by one loop. News that come while nobody waits are
    kept."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """There is something to do."""
        self._event.set()

    async def wait(self, seconds: float | None) -> None:
        """Until there is something to do, or for that long; forgets what it was woken by."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return
        finally:
            self._event.clear()


class Gate:
    """Lets any number of waiters go on whenever something changed: for long polls."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def open(self) -> None:
        """Release those who wait now."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Until the next change, or for that long."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return
