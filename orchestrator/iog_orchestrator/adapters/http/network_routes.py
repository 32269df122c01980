"""Routes about the network, its nodes and its hours; all public."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import JSONResponse

from iog_client.amounts import HOUR
from iog_client.api_models import HourList, NetworkView, RewardProof
from iog_client.hours_signature import HourSignature
from iog_client.job_models import PlanRequest, PlanResult
from iog_client.node_models import NodeList, NodeProofs, NodeView
from iog_client.protocol import PROTOCOL, Key, Sha256
from iog_orchestrator.adapters.http import node_views, plans, views
from iog_orchestrator.adapters.http.access import CoreOf, limited
from iog_orchestrator.domain.errors import Unknown

PROOFS = 20
"""Results in an answer."""

routes = APIRouter(prefix="/v1", dependencies=[Depends(limited)])


@routes.get("/network")
async def network(core: CoreOf) -> NetworkView:
    """The network that this orchestrator serves, and its key as matcher."""
    facts, known = core.context.network, core.context.known
    return NetworkView(
        genesis_hash=facts.genesis_hash,
        programs=facts.programs,
        idl_hashes=facts.idl_hashes,
        mint=facts.mint,
        orchestrator=core.context.ports.signer.address,
        hour_length=facts.hour_length,
        start=known.emission.start,
        hour=core.context.hour,
        allow_simulated=facts.allow_simulated,
        proof=facts.proof,
        protocol=PROTOCOL,
        window=0 if facts.hour_length < HOUR else HOUR,
    )


@routes.get("/health")
async def health() -> dict[str, str]:
    """The process answers; `role` is leader or standby."""
    return {"status": "ok", "role": "leader"}


@routes.get("/ready")
async def ready(core: CoreOf) -> JSONResponse:
    """Whether the chain has been read and work is taken; `degraded` says what is wrong beside."""
    good = core.context.known.synced and not core.stop.is_set()
    reasons = (core.sync.unread, core.agents.brake.reason, core.context.known.unclosed)
    degraded = [why for why in reasons if why]
    return JSONResponse(
        {"ready": good, "degraded": degraded, "role": "leader"}, 200 if good else 503
    )


@routes.get("/nodes")
async def nodes(core: CoreOf) -> NodeList:
    """All nodes on chain, by device key."""
    devices = sorted(core.context.known.nodes)
    return NodeList(nodes=[await node_views.node(core, device) for device in devices])


@routes.get("/nodes/{device}")
async def node(core: CoreOf, device: Key) -> NodeView:
    """One node."""
    if device not in core.context.known.nodes and await core.sync.node(device) is None:
        raise Unknown(f"there is no node with device key {device}")
    return await node_views.node(core, device)


@routes.get("/nodes/{device}/proofs")
async def proofs(core: CoreOf, device: Key) -> NodeProofs:
    """How a node's GPU proofs ended, newest first."""
    if device not in core.context.known.nodes and await core.sync.node(device) is None:
        raise Unknown(f"there is no node with device key {device}")
    found = await core.context.ports.store.proofs(device, PROOFS)
    spending = core.proofs.spending(device)
    return NodeProofs(
        device=device,
        max_age=core.proofs.max_age,
        proving=device in core.context.known.proving,
        spent=round(spending.spent(core.context.ports.clock.monotonic()), 3),
        budget=spending.budget,
        proofs=[node_views.proof(one) for one in found],
    )


@routes.get("/proofs/{sha256}")
async def proof_evidence(core: CoreOf, sha256: Sha256) -> Response:
    """The canonical bytes of what was published of a failed GPU proof."""
    document = await core.context.ports.store.proof_evidence(sha256)
    if document is None:
        raise Unknown(f"there is no evidence {sha256}")
    return Response(document, media_type="application/json")


@routes.post("/plan")
async def plan(core: CoreOf, wanted: PlanRequest) -> PlanResult:
    """Who would take such a job now and what it would cost; why others would not."""
    return plans.plan(core, core.intake.plan(wanted))


@routes.get("/hours", response_model=HourList)
async def hours(core: CoreOf) -> Any:
    """Closed hours in short, newest first."""
    reports = await core.context.ports.store.hours()
    root = core.context.known.distributor
    return JSONResponse({"hours": [views.hour(one, root) for one in reports]})


@routes.get("/hours/{hour}")
async def hour(core: CoreOf, hour: Annotated[int, Path(ge=1, le=175_200)]) -> Response:
    """The canonical bytes of a published hour."""
    document = await core.context.ports.store.hour(hour)
    if document is None:
        raise Unknown(f"hour {hour} is not closed")
    return Response(document, media_type="application/json")


@routes.get("/hours/{hour}/signature", response_model=HourSignature)
async def hour_signature(core: CoreOf, hour: Annotated[int, Path(ge=1, le=175_200)]) -> Response:
    """The oracle's signature over the hash of a published hour."""
    ports = core.context.ports
    document = await ports.store.hour(hour)
    if document is None:
        raise Unknown(f"hour {hour} is not closed")
    found = await asyncio.to_thread(ports.publisher.signature, hour, document)
    return Response(found, media_type="application/json")


@routes.get("/hours/parts/{sha256}.jsonl")
async def part(core: CoreOf, sha256: Sha256) -> Response:
    """Rows of a published hour that is in parts: one JSON value a line."""
    data = await asyncio.to_thread(core.context.ports.works.part, sha256)
    return Response(data, media_type="application/jsonl")


@routes.get("/rewards/{wallet}")
async def reward(core: CoreOf, wallet: Key) -> RewardProof:
    """What `reward_claim` needs, from the root that claims are checked against now."""
    found = await core.rewards.proof(wallet)
    return RewardProof(
        wallet=wallet,
        epoch=found.epoch,
        root=found.root,
        cumulative=found.cumulative,
        proof=list(found.proof),
        pending=max(found.pending, found.cumulative),
        active_at=found.active_at,
    )
