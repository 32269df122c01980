"""What an orchestrator answers while another leads.

Requests are passed on to the leader, bodies and answers as they come. Workers are told where to go.
Health, readiness and metrics are this one's own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import httpx
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from iog_client.api_models import STANDBY
from iog_client.protocol import Refuse
from iog_orchestrator.adapters.http.access import (
    ADDRESS_BURST,
    ADDRESS_RATE,
    RateLimit,
    TooOften,
    limited,
)
from iog_orchestrator.adapters.http.problems import problem
from iog_orchestrator.adapters.instruments import Instruments
from iog_orchestrator.adapters.lease import Leader

WORKERS = "/v1/worker"
FORWARDED = "x-iog-forwarded"
"""On a request that a standby has passed on: another standby passes it on no further."""
NEXT_TRY_SECONDS = "1"
GREETING_SECONDS = 10.0
"""In which a worker has to say something before it is told who leads."""
GOES_ON = 1013
"""WebSocket close code: try again later, here elsewhere (RFC 6455's registry)."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "date",
        "server",
    }
)
LOOK_EVERY = 0.5
"""Seconds between two looks at whether who was asked still leads."""
TIMEOUT = httpx.Timeout(60.0, connect=2.0, pool=5.0)
LIMITS = httpx.Limits(max_connections=500, max_keepalive_connections=50)


class Standby:
    """The standby's side of the API; `leader` says who leads as far as is known, `away` why that
    cannot be found out, if it cannot."""

    def __init__(
        self,
        leader: Callable[[], Leader | None],
        away: Callable[[], str],
        instruments: Instruments,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._leader = leader
        self._away = away
        self._instruments = instruments
        self._http = httpx.AsyncClient(
            timeout=TIMEOUT, limits=LIMITS, transport=transport, trust_env=False
        )

    def application(self) -> Starlette:
        """The routes."""
        app = Starlette(
            routes=[
                Route("/v1/health", self._health),
                Route("/v1/ready", self._ready),
                Route("/metrics", self._metrics),
                WebSocketRoute(WORKERS, self._worker),
                Route("/{path:path}", self._forward, methods=METHODS),
            ]
        )
        app.state.address_limit = RateLimit(ADDRESS_RATE, ADDRESS_BURST)
        return app

    async def close(self) -> None:
        """Let go of the connections to the leader."""
        await self._http.aclose()

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok", "role": "standby"})

    async def _ready(self, _: Request) -> Response:
        found = self._leader()
        degraded = [away] if (away := self._away()) else []
        said = {"ready": found is not None, "degraded": degraded, "role": "standby"}
        return JSONResponse({**said, "leader": found.url if found else None}, 200 if found else 503)

    async def _metrics(self, _: Request) -> Response:
        return Response(generate_latest(self._instruments.registry), media_type=CONTENT_TYPE_LATEST)

    async def _worker(self, socket: WebSocket) -> None:
        found = self._leader()
        where = f"{found.url} leads" if found else "no orchestrator leads now"
        try:
            await socket.accept()
            # its greeting first: one that is closed while it greets reads nothing any more
            async with asyncio.timeout(GREETING_SECONDS):
                await socket.receive()
            await socket.send_text(Refuse(code=STANDBY, reason=where[:300]).to_json())
            await socket.close(GOES_ON)
        except (WebSocketDisconnect, RuntimeError, TimeoutError):
            return

    async def _forward(self, request: Request) -> Response:
        try:
            limited(request)
        except TooOften as error:
            return problem(error.status, str(error), "too_often")
        found = self._leader()
        if found is None or FORWARDED in request.headers:
            return self._nobody()
        try:
            answer = await self._answered(self._asked(request, found), found)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return self._nobody()
        except (httpx.HTTPError, ClientDisconnect) as error:
            why = str(error) or type(error).__name__
            return problem(502, f"the leader went away in the midst of it: {why}", "leader_lost")
        return StreamingResponse(
            _bytes(answer),
            answer.status_code,
            _passed_on(answer.headers),
            background=BackgroundTask(answer.aclose),
        )

    def _nobody(self) -> Response:
        why = self._away() or "one is about to"
        answer = problem(503, f"no orchestrator leads now; {why}", STANDBY)
        answer.headers["Retry-After"] = NEXT_TRY_SECONDS
        return answer

    async def _answered(self, asked: httpx.Request, leader: Leader) -> httpx.Response:
        """The leader's answer, waited for as long as it leads. Raises `httpx.HTTPError`."""
        sending = asyncio.ensure_future(self._http.send(asked, stream=True))
        try:
            while not (await asyncio.wait({sending}, timeout=LOOK_EVERY))[0]:
                if self._leader() != leader:
                    raise httpx.ReadTimeout("it leads no more", request=asked)
            return await sending
        finally:
            sending.cancel()

    def _asked(self, request: Request, leader: Leader) -> httpx.Request:
        headers = {**_passed_on(request.headers), FORWARDED: "1"}
        raw = request.scope.get("raw_path") or request.url.path.encode()
        target = raw.split(b"?")[0] + (
            f"?{request.url.query}".encode() if request.url.query else b""
        )
        brings = "content-length" in headers or "transfer-encoding" in request.headers
        return httpx.Request(
            request.method,
            httpx.URL(leader.url).copy_with(raw_path=target),
            headers=headers,
            content=request.stream() if brings else None,
            extensions={"timeout": TIMEOUT.as_dict()},
        )


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    lowered = {name.lower(): value for name, value in headers.items()}
    return {name: value for name, value in lowered.items() if name not in HOP_BY_HOP}


async def _bytes(answer: httpx.Response) -> AsyncIterator[bytes]:
    async for chunk in answer.aiter_raw():
        yield chunk
