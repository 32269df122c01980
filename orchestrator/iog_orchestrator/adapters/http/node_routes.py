"""Routes about one node: how it stands, and what its operator announces."""

from fastapi import APIRouter, Depends

from iog_client.node_models import NodeStatus, NoticeRequest, NoticeView
from iog_client.protocol import Key
from iog_orchestrator.adapters.http import node_views, plans
from iog_orchestrator.adapters.http.access import CoreOf, Signer, limited
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.domain.errors import Unknown

routes = APIRouter(prefix="/v1/nodes", dependencies=[Depends(limited)])


@routes.get("/{device}/status")
async def status(core: CoreOf, device: Key) -> NodeStatus:
    """What keeps a node from work and pay, what it holds, and its record."""
    await _known(core, device)
    return await node_views.status(core, device)


@routes.put("/{device}/notice")
async def announce(core: CoreOf, signer: Signer, device: Key, body: NoticeRequest) -> NoticeView:
    """Announce a drain or maintenance, in place of what was announced before."""
    await _known(core, device)
    notices = core.standing.notices
    notices.require_owner(device, signer)
    await notices.announce(device, body.kind, body.begins_in, body.ends_in, body.reason)
    await notices.step()
    shown = plans.notice(core, device)
    if shown is None:
        raise Unknown("the notice is over already")
    return shown


@routes.delete("/{device}/notice", status_code=204)
async def withdraw(core: CoreOf, signer: Signer, device: Key) -> None:
    """Take back what was announced; the node may take jobs again."""
    await _known(core, device)
    core.standing.notices.require_owner(device, signer)
    await core.standing.notices.cancel(device)


async def _known(core: Core, device: str) -> None:
    """Raises `Unknown` for a device that the chain does not have either."""
    if device not in core.context.known.nodes and await core.sync.node(device) is None:
        raise Unknown(f"there is no node with device key {device}")
