"""The embedded chain behind JSON-RPC over HTTP on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from iog_client.again import KEEP_ALIVE
from iog_client.embedded.chain import EmbeddedChain
from iog_client.embedded.encoding import RpcError
from iog_client.embedded.methods import Methods
from iog_client.errors import Refused

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
DEFAULT_PORT = 8899
MAX_BODY = 512 * 1024
MAX_BATCH = 100
MAX_CONNECTIONS = 512
BACKLOG = 128
SAVE_SECONDS = 1.0

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INTERNAL_ERROR = -32603


def package_version() -> str:
    """Version of this distribution; "0" when it is not installed."""
    try:
        return version("iog")
    except PackageNotFoundError:
        return "0"


def _failure(ident: Any, code: int, message: str, data: Any = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "error": error, "id": ident}


class Dispatcher:
    """From the bytes of a request to the bytes of its answer."""

    def __init__(self, chain: EmbeddedChain) -> None:
        self._methods = Methods(chain, package_version())

    def answer(self, body: bytes) -> bytes:
        """Answers one call or a batch; every failure becomes a JSON-RPC error."""
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError) as exc:
            return _dump(_failure(None, PARSE_ERROR, f"Parse error: {exc}"))
        if not isinstance(asked, list):
            return _dump(self._one(asked))
        if not 1 <= len(asked) <= MAX_BATCH:
            text = f"Invalid request: a batch has 1 to {MAX_BATCH} calls"
            return _dump(_failure(None, INVALID_REQUEST, text))
        return _dump([self._one(one) for one in asked])

    def _one(self, asked: Any) -> dict[str, Any]:
        ident = asked.get("id") if isinstance(asked, dict) else None
        if not isinstance(asked, dict) or not isinstance(asked.get("method"), str):
            return _failure(ident, INVALID_REQUEST, "Invalid request: no method")
        params = asked.get("params")
        if params is None:
            params = []
        if not isinstance(params, list):
            return _failure(ident, INVALID_REQUEST, "Invalid request: params must be an array")
        try:
            result = self._methods.call(asked["method"], params)
        except RpcError as exc:
            return _failure(ident, exc.code, exc.message, exc.data)
        except Exception:
            # One broken call must not take the chain down with it.
            log.exception("call failed", extra={"action": "rpc_failed", "method": asked["method"]})
            return _failure(ident, INTERNAL_ERROR, "Internal error")
        return {"jsonrpc": "2.0", "result": result, "id": ident}


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def app(chain: EmbeddedChain) -> Starlette:
    """The ASGI application; it keeps the chain's time while it runs, and does not close it."""
    dispatcher = Dispatcher(chain)

    async def rpc(request: Request) -> Response:
        # A page in a browser can send other types across origins without being asked.
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return PlainTextResponse("content-type must be application/json\n", 415)
        body = await _body(request)
        if body is None:
            return PlainTextResponse(f"at most {MAX_BODY} bytes are accepted\n", 413)
        return Response(dispatcher.answer(body), media_type="application/json")

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        saving = asyncio.create_task(_keep_time(chain))
        try:
            yield
        finally:
            saving.cancel()

    routes = [Route("/", rpc, methods=["POST"]), Route("/health", health)]
    return Starlette(routes=routes, lifespan=lifespan)


async def _body(request: Request) -> bytes | None:
    """The body, or None once it is longer than accepted."""
    body = bytearray()
    with contextlib.suppress(ClientDisconnect):
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY:
                return None
    return bytes(body)


async def _keep_time(chain: EmbeddedChain) -> None:
    while True:
        await asyncio.sleep(SAVE_SECONDS)
        try:
            chain.save_time()
        except sqlite3.Error:
            # The next transaction says so to whoever sends it; reading goes on.
            log.exception("time not saved", extra={"action": "save_time_failed"})


def listen(port: int) -> socket.socket:
    """A loopback socket on `port` (0: any free one). `Refused` when the port is taken."""
    # asyncio turns Nagle's delay off only for sockets that name their protocol.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
    except OSError as exc:
        found.close()
        raise Refused(f"port {port} of {HOST} cannot be used: {exc.strerror}") from exc
    return found


def url_of(bound: socket.socket) -> str:
    return f"http://{HOST}:{bound.getsockname()[1]}"


def server(chain: EmbeddedChain) -> uvicorn.Server:
    """A server that stops cleanly on SIGINT and SIGTERM, or when `should_exit` is set."""
    return uvicorn.Server(
        uvicorn.Config(
            app(chain),
            log_config=None,
            access_log=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=2,
            ws="none",
        )
    )


def serve_folder(folder: Path, port: int, ready: Callable[[str], None]) -> None:
    """Runs the chain kept in `folder` until SIGINT or SIGTERM.

    `ready` is called with the URL once calls are accepted. Raises `Refused` when the folder or the
    port is taken.
    """
    # uvicorn raises a signal again once it has stopped; ending by it would skip what is below.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    bound = listen(port)
    try:
        chain = EmbeddedChain(folder)
        try:
            # Connections queue in the kernel from here on, so the URL already works.
            bound.listen(BACKLOG)
            ready(url_of(bound))
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(server(chain).serve(sockets=[bound]))
        finally:
            chain.close()
    finally:
        bound.close()
