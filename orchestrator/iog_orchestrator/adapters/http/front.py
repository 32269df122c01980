"""What a process answers with: the leader's application while it leads, else the standby's."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class Front:
    """An ASGI application that passes everything on to the one of the hour."""

    def __init__(self, standby: ASGIApp) -> None:
        self._standby = standby
        self._leading: ASGIApp | None = None
        self._may: Callable[[], bool] = lambda: False

    def lead(self, application: ASGIApp, may: Callable[[], bool]) -> None:
        """Answer with `application` from now on, as long as `may` says so."""
        self._leading, self._may = application, may

    def stand_by(self) -> None:
        """Answer as a standby from now on."""
        self._leading = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        leads = self._leading is not None and self._may()
        application = self._leading if leads and self._leading is not None else self._standby
        await application(scope, receive, send)
