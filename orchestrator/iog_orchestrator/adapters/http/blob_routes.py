"""Routes about blobs: put by nodes and clients, read by those who were granted it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from iog_client.api_models import Received
from iog_orchestrator.adapters.http.access import CoreOf, Signer, check, limited
from iog_orchestrator.domain.errors import Forbidden, Unknown

Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
routes = APIRouter(prefix="/v1/blobs", dependencies=[Depends(limited)])


@routes.put("/{sha256}", status_code=204)
async def put(
    core: CoreOf, request: Request, sha256: Hash, offset: Annotated[int, Query(ge=0)] = 0
) -> None:
    """Store a body under its hash; whoever has put it may read it again. With `offset` the body is
    what follows the bytes that `received` says are here. The request is signed over the hash of the
    whole."""
    key = await check(request, sha256)
    await core.intake.may_store(key)
    await core.context.ports.blobs.put(sha256, request.stream(), key, offset)
    await core.context.ports.store.grant(key, [sha256])


@routes.get("/{sha256}/received")
async def received(core: CoreOf, key: Signer, sha256: Hash) -> Received:
    """How much has come of a blob whose sending broke off, for who was sending it."""
    return Received(bytes=core.context.ports.blobs.received(sha256, key))


@routes.get("/{sha256}")
async def get(core: CoreOf, key: Signer, sha256: Hash) -> StreamingResponse:
    """A blob: for who put it, the client of its job and the device that runs the job."""
    if not await core.context.ports.store.granted(key, sha256):
        raise Forbidden("this blob is not of a job of the signing key")
    size = core.context.ports.blobs.size(sha256)
    if size is None:
        raise Unknown(f"there is no blob {sha256}")
    return StreamingResponse(
        core.context.ports.blobs.chunks(sha256),
        media_type="application/octet-stream",
        headers={"Content-Length": str(size)},
    )
