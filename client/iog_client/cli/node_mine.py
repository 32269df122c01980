"""Which node a command is about when it is not named: the wallet's own."""

from __future__ import annotations

from iog_client.cli import options
from iog_client.cli.session import Session
from iog_client.errors import NotFound, UsageError


async def mine(here: Session) -> list[str]:
    """The device keys of the wallet's nodes, as the orchestrator knows them. Raises `NotFound`."""
    found = [view.device for view in await here.api.nodes() if view.owner == str(here.key)]
    if not found:
        raise NotFound(f"{here.key} has registered no node; name another's by its device key")
    return found


async def one(here: Session, named: str | None) -> str:
    """The node that is named, else the wallet's only one. Raises `UsageError` for several."""
    if named is not None:
        return str(options.device(named))
    found = await mine(here)
    if len(found) > 1:
        raise UsageError(f"{here.key} has {len(found)} nodes; name one: {', '.join(found)}")
    return found[0]
