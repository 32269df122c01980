"""Errors as problem+json."""

import errno
import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from iog_client.api_models import PROBLEM_MEDIA_TYPE, Problem
from iog_client.errors import NotAllowed, UsageError
from iog_orchestrator.core.failures import first_line
from iog_orchestrator.domain.errors import (
    ChainError,
    ChainUnreachable,
    OrchestratorError,
    RequestRefused,
)

log = logging.getLogger(__name__)

TITLES = {
    400: "Bad request",
    401: "Not signed",
    403: "Not allowed",
    404: "Not found",
    405: "No such method",
    409: "Refused",
    413: "Too large",
    422: "Not accepted",
    429: "Too many requests",
    500: "Internal error",
    502: "Chain refused",
    503: "Not available",
    507: "Disk full",
}


FULL = (errno.ENOSPC, errno.EDQUOT)


def problem(status: int, detail: str, code: str = "") -> JSONResponse:
    """An error's answer."""
    title = TITLES.get(status, "Error")
    body = Problem(title=title, status=status, detail=detail, code=code)
    return JSONResponse(body.model_dump(), status, media_type=PROBLEM_MEDIA_TYPE)


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with the form that every error has."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        parts = schema.setdefault("components", {}).setdefault("schemas", {})
        parts["Problem"] = Problem.model_json_schema()
        content = {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for path in schema["paths"].values():
            for operation in path.values():
                # what FastAPI says of its own errors is not the form that ours have
                operation["responses"].pop("422", None)
                for status in ("4XX", "5XX"):
                    operation["responses"][status] = {"description": "Problem", "content": content}
        app.openapi_schema = schema
    return app.openapi_schema


def install(app: FastAPI) -> None:
    """Have every error of the routes answered as a problem."""
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]

    @app.exception_handler(RequestRefused)
    async def refused(_: Request, error: RequestRefused) -> JSONResponse:
        return problem(error.status, str(error), _code(error))

    @app.exception_handler(NotAllowed)
    async def not_allowed(_: Request, error: NotAllowed) -> JSONResponse:
        return problem(401, error.message, "not_signed")

    @app.exception_handler(UsageError)
    async def usage(_: Request, error: UsageError) -> JSONResponse:
        return problem(422, error.message, "not_accepted")

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem(422, "; ".join(_where(one) for one in error.errors()[:5]), "not_accepted")

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail))

    @app.exception_handler(ChainError)
    async def chain(_: Request, error: ChainError) -> JSONResponse:
        return problem(503 if isinstance(error, ChainUnreachable) else 502, str(error), "chain")

    @app.exception_handler(OrchestratorError)
    async def ours(_: Request, error: OrchestratorError) -> JSONResponse:
        return problem(503, str(error), _code(error))

    @app.exception_handler(DBAPIError)
    async def store(request: Request, error: DBAPIError) -> JSONResponse:
        return _unstored(request, 503, f"the database cannot be used now: {error.orig}")

    @app.exception_handler(OSError)
    async def disk(request: Request, error: OSError) -> JSONResponse:
        if error.errno not in FULL:
            raise error
        return _unstored(request, 507, f"nothing can be stored now: {error.strerror}")

    @app.exception_handler(Exception)
    async def defect(request: Request, error: Exception) -> JSONResponse:
        # starlette raises the error again after this answer, so that its place is in the log too
        extra = {"action": "request_failed", "request": _name(request)}
        log.error("a request failed: %s", first_line(error), extra=extra)
        return problem(500, f"unexpected {type(error).__name__}", "internal")


def _unstored(request: Request, status: int, why: str) -> JSONResponse:
    """The answer while nothing can be written: what was asked is not done."""
    extra = {"action": "not_stored", "request": _name(request)}
    log.error("a request was not done: %s", why, extra=extra)
    return problem(status, why, "not_stored")


def _name(request: Request) -> str:
    """Method and path, which name the job, the node or the hour that it was about."""
    return f"{request.method} {request.url.path}"


def _code(error: Exception) -> str:
    name = type(error).__name__
    return "".join("_" + one.lower() if one.isupper() else one for one in name).lstrip("_")


def _where(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"] if part != "body")
    return f"{where}: {error['msg']}" if where else str(error["msg"])
