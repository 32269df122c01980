"""Bytes for nodes that measure how fast they reach this orchestrator: bounded, for them alone."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from iog_orchestrator.adapters.http.access import CoreOf, Signer, limited
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.domain.errors import Forbidden

MOST = 4 << 20
routes = APIRouter(prefix="/v1/speed", dependencies=[Depends(limited)])


@routes.get("")
async def download(
    core: CoreOf, signer: Signer, size: Annotated[int, Query(ge=1, le=MOST)] = MOST
) -> Response:
    """So many zeros."""
    _require_node(core, signer)
    return Response(bytes(size), media_type="application/octet-stream")


@routes.post("", status_code=204)
async def upload(core: CoreOf, signer: Signer) -> None:
    """Any body, at most 1 MiB, which is thrown away."""
    _require_node(core, signer)


def _require_node(core: Core, key: str) -> None:
    if key not in core.context.known.connected:
        raise Forbidden("only a connected node measures its speed here")
