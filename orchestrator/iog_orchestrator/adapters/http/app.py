"""The application: routes, the workers' socket, metrics, errors."""

from fastapi import FastAPI, Response, WebSocket

from iog_orchestrator.adapters.http import (
    blob_routes,
    bodies,
    job_routes,
    key_routes,
    network_routes,
    node_routes,
    problems,
    speed_routes,
)
from iog_orchestrator.adapters.http.access import ADDRESS_BURST, ADDRESS_RATE, RateLimit
from iog_orchestrator.adapters.instruments import Instruments, TimedRequests
from iog_orchestrator.adapters.metrics import Metrics
from iog_orchestrator.adapters.worker_socket import WorkerSockets
from iog_orchestrator.core.daemon import Core

VERSION = "1"


def application(
    core: Core, sockets: WorkerSockets, instruments: Instruments | None = None
) -> FastAPI:
    """The HTTP API and the workers' WebSocket over a core."""
    instruments = instruments or Instruments()
    app = FastAPI(title="IOG orchestrator", version=VERSION, docs_url=None, redoc_url=None)
    app.state.core = core
    app.state.rate_limit = RateLimit()
    limit = app.state.address_limit = RateLimit(ADDRESS_RATE, ADDRESS_BURST)
    metrics = app.state.metrics = Metrics(core, instruments)
    problems.install(app)
    app.add_middleware(bodies.BodyCap)
    app.add_middleware(TimedRequests, times=instruments.http)
    for part in (
        network_routes,
        node_routes,
        speed_routes,
        job_routes,
        blob_routes,
        key_routes,
    ):
        app.include_router(part.routes)

    @app.get("/metrics", include_in_schema=False)
    async def exposed() -> Response:
        return Response(metrics.text(), media_type=metrics.media_type)

    @app.websocket("/v1/worker")
    async def worker(socket: WebSocket) -> None:
        await sockets.serve(socket, core.agents, limit)

    return app
