"""What is counted and timed while it happens, for Prometheus; gauges over the state are in
`metrics`.

Three seams see everything, so that nothing else has to know of metrics: the port to the chain, the
HTTP application, and the log, in which every event of the core is one line with an `action`.
"""

import logging
import time
from collections.abc import Awaitable
from functools import wraps
from typing import Any, TypeVar, cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iog_orchestrator.domain.errors import ChainRefused, ChainUnreachable

Port = TypeVar("Port")

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
UNKNOWN_ROUTE = "none"
"""The route of a request for a path that there is not: a caller's paths must not become labels."""


class Instruments:
    """Counters and histograms of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = Counter(
            "iog_events",
            "Log lines by action and level",
            ["action", "level"],
            registry=self.registry,
        )
        self.chain = Histogram(
            "iog_chain_call_seconds",
            "Calls to the chain by what was asked and how it went",
            ["call", "outcome"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.unmirrored = Gauge(
            "iog_hours_unmirrored",
            "Published hours that are not in the store of --publish yet",
            registry=self.registry,
        )
        self.http = Histogram(
            "iog_http_request_seconds",
            "Requests to the API by route",
            ["method", "route", "status"],
            buckets=SECONDS,
            registry=self.registry,
        )

        self.leader = Gauge(
            "iog_leader",
            "1 while this orchestrator leads, 0 while it stands by",
            registry=self.registry,
        )
        self.token = Gauge(
            "iog_lease_token",
            "Fencing token of the lease under which it led last",
            registry=self.registry,
        )
        self.takeovers = Counter(
            "iog_takeovers", "Times that it began to lead", registry=self.registry
        )

    def leads(self, token: int) -> None:
        """This process leads, under that token."""
        self.leader.set(1)
        self.token.set(token)
        self.takeovers.inc()

    def stands_by(self) -> None:
        """This process does not lead any more."""
        self.leader.set(0)

    def timed(self, port: Port) -> Port:
        """`port`, whose calls to the chain are timed."""
        # A proxy has every method of what it stands for, which the type checker cannot see.
        return cast(Port, _Timed(port, self.chain))


class _Timed:
    """Passes everything on; times what has to be awaited."""

    def __init__(self, inner: object, times: Histogram) -> None:
        self._inner = inner
        self._times = times

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        @wraps(found)
        def call(*args: Any, **kwargs: Any) -> Any:
            result = found(*args, **kwargs)
            return self._wait(name, result) if isinstance(result, Awaitable) else result

        # the next call finds the wrapped method without coming here
        self.__dict__[name] = call
        return call

    async def _wait(self, name: str, result: Awaitable[Any]) -> Any:
        begun, outcome = time.perf_counter(), "failed"
        try:
            value = await result
            outcome = "ok"
            return value
        except ChainRefused:
            outcome = "refused"
            raise
        except ChainUnreachable:
            outcome = "unreachable"
            raise
        finally:
            self._times.labels(name, outcome).observe(time.perf_counter() - begun)


class EventCounter(logging.Handler):
    """Counts every log line by its `action`; what a library says, by the library's name."""

    def __init__(self, events: Counter) -> None:
        super().__init__()
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        action = getattr(record, "action", record.name)
        self._events.labels(str(action), record.levelname.lower()).inc()


class TimedRequests:
    """ASGI middleware that times requests, by the pattern of their route."""

    def __init__(self, app: ASGIApp, times: Histogram) -> None:
        self._app = app
        self._times = times

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        begun = time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", UNKNOWN_ROUTE)
            passed = time.perf_counter() - begun
            self._times.labels(scope["method"], route, str(status)).observe(passed)
