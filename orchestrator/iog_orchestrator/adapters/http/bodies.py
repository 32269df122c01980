"""What is read of a request's body: not much, and nothing while its signature's headers are bad."""

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iog_client import api_keys, requests
from iog_client.errors import NotAllowed
from iog_orchestrator.adapters.http.access import brings_api_key
from iog_orchestrator.adapters.http.problems import problem

MAX_BODY = 1 << 20
SIGNED = ("/v1/jobs", "/v1/blobs", "/v1/keys", "/v1/nodes", "/v1/speed")
"""Paths below which every request that brings a body has to be signed."""
BLOBS = "/v1/blobs/"


class BodyCap:
    """Refuses bodies above `MAX_BODY`, but for the blobs that are put, which go to disk as they
    come and have their own cap.

    A signature can be checked only over the whole body, so what costs nothing is checked first: its
    headers. Here, because the framework reads the body of a route before anything of that route.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            _check_headers(request)
        except NotAllowed as error:
            await problem(401, error.message, "not_signed")(scope, receive, send)
            return
        if request.method == "PUT" and request.url.path.startswith(BLOBS):
            await self._app(scope, receive, send)
            return
        declared = request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > MAX_BODY:
            await problem(413, _too_large())(scope, receive, send)
            return
        await self._app(scope, _capped(receive), send)


def _check_headers(request: Request) -> None:
    """Raises `NotAllowed` for a request that is signed, or has to be, by headers that are not
    good. An API key is looked up later, when at most `MAX_BODY` bytes were read."""
    if brings_api_key(request.headers):
        api_keys.parse(request.headers[api_keys.HEADER])
        return
    brings = request.method not in ("GET", "HEAD") and request.url.path.startswith(SIGNED)
    if brings or requests.KEY_HEADER in request.headers:
        clock = request.app.state.core.context.ports.clock
        requests.claims(request.headers, clock.wall())


def _capped(receive: Receive) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise HTTPException(413, _too_large())
        return message

    return counted


def _too_large() -> str:
    return f"a body has at most {MAX_BODY} bytes"
