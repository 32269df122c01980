"""Jobs coming in: plans, acknowledged submissions, and the news that one was opened on chain."""

import logging
import secrets
from dataclasses import dataclass, replace

from iog_client.errors import UsageError
from iog_client.job_models import PlanRequest
from iog_client.jobspec import JobSpec
from iog_orchestrator.core.chain_sync import ChainSync
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.runs import Runs
from iog_orchestrator.domain.changes import changes
from iog_orchestrator.domain.errors import Forbidden, RequestRefused, TooMuch, Unknown
from iog_orchestrator.domain.jobs import REFUSED, Input, JobRequest
from iog_orchestrator.domain.matching import Change, Choice, Wanted
from iog_orchestrator.domain.needs import Needs

log = logging.getLogger(__name__)
OFFERS = 20
AHEAD = 8
"""How far past its next job's number on chain a client may announce jobs."""
MAX_PENDING = 16
"""Acknowledged jobs of a client that were not opened yet."""
MAX_REFUSED = 100
"""Refused jobs of a client that stay on record."""
UNOPENED_SECONDS = 86_400
REFUSED_SECONDS = 30 * 86_400
MAX_GANG_SPECS = 4 << 20
"""Bytes of the specs of all members of a gang."""
NO_SUCH_CLASS = "no_such_class"


@dataclass(frozen=True, slots=True)
class Submission:
    """What a client submits; `number` None: a job that no node fitted, only put on record.

    `delegate` signed it for the client; None where that did itself.
    """

    client: str
    number: int | None
    spec: str
    inputs: tuple[str, ...]
    delegate: str | None = None

    @property
    def signer(self) -> str:
        """Who has asked for it and uploaded its inputs."""
        return self.delegate or self.client


@dataclass(frozen=True, slots=True)
class Plan:
    """What became of a request: the nodes that would do for one of its jobs, those that all get
    now, and the single changes that would place it where they get none."""

    asked: PlanRequest
    choice: Choice
    devices: tuple[str, ...] | None
    changes: tuple[Change, ...] = ()


def needs_of(asked: PlanRequest | JobSpec) -> Needs:
    """What placing has to know of a job beyond what is on chain."""
    resources = asked.resources
    return Needs(
        containers=bool(asked.image),
        network=asked.network == "outbound",
        cpus=resources.cpus or 0,
        ram=resources.ram or 0,
        disk=resources.disk or 0,
        country=tuple(resources.country),
        near=tuple(resources.near),
        connectivity=resources.connectivity,
        reliability=resources.reliability,
        allow=tuple(resources.allow),
        deny=tuple(resources.deny),
        together=resources.together or "",
        confined=resources.confined,
    )


class Intake:
    """Takes jobs before and after they are opened on chain."""

    def __init__(self, context: Context, sync: ChainSync, runs: Runs) -> None:
        self._context = context
        self._sync = sync
        self._runs = runs
        self._trusted: set[str] = set()

    def plan(self, asked: PlanRequest) -> Plan:
        """Which nodes would take such a job now, and why the others would not."""
        now, fleet = int(self._context.ports.chain_clock.now()), self._context.fleet
        group = [self._wanted(asked, now)] * asked.resources.nodes
        choice = fleet.choose(group[0], OFFERS)
        devices = fleet.place(group)
        found = [] if devices else changes(fleet, group, now)
        return Plan(asked, choice, devices, tuple(found))

    def _wanted(self, asked: PlanRequest, now: int) -> Wanted:
        resources, known = asked.resources, self._context.known
        node_class = ""
        if resources.gpu_class is not None:
            slug = resources.gpu_class
            classes = (one.address for one in known.classes.values() if one.slug == slug)
            node_class = next(classes, NO_SUCH_CLASS)
        return needs_of(asked).wanted(
            gpus=resources.gpus,
            max_price=asked.price,
            node_class=node_class,
            memory=resources.memory or 0,
            ends_at=now + asked.duration_seconds,
        )

    async def may_store(self, key: str) -> None:
        """Whether a key may put blobs here. Raises `Forbidden`.

        A key costs nothing to make, and disk space does: only devices of the network and wallets
        that hold SOL may use it.
        """
        if key in self._trusted or key in self._context.known.nodes:
            return
        if not await self._context.ports.chain.funded(key):
            raise Forbidden(f"{key} is neither a node's device nor a wallet that holds SOL")
        self._trusted.add(key)

    async def submit(self, submission: Submission) -> tuple[JobRequest, Plan]:
        """Check a job and put it on record; acknowledged once this returns. Of a gang all members
        are, by as many numbers from the given one on.

        Raises:
            Forbidden: the signer may not store anything here, or is no delegate of the client.
            RequestRefused: the spec is not one, an input was not uploaded by this client, or the
                number is not one that it can open.
            TooMuch: too many of its jobs are acknowledged and not opened.
        """
        await self.may_store(submission.signer)
        await self._check_delegate(submission)
        try:
            spec = JobSpec.parse(submission.spec)
        except UsageError as error:
            raise RequestRefused(f"spec: {error.message}") from error
        plan = self.plan(
            PlanRequest(
                resources=spec.resources,
                duration_seconds=spec.duration_seconds,
                price=spec.price,
                image=spec.image is not None,
                network=spec.network,
            )
        )
        if submission.number is None:
            # nobody will run it: its name and shape are all that is worth keeping
            request = self._request(submission, spec, f"{REFUSED}{secrets.token_hex(16)}")
            request = replace(request, spec="", inputs=(), refused=plan.choice.rejected)
            await self._context.ports.store.put_refused(request, MAX_REFUSED)
            return request, plan
        await self._check_inputs(submission, spec)
        requests = [
            self._request(
                replace(submission, number=number), spec, self._address(submission, number)
            )
            for number in range(submission.number, submission.number + spec.resources.nodes)
        ]
        if len(requests) * len(submission.spec) > MAX_GANG_SPECS:
            raise RequestRefused(
                f"spec: {len(requests)} jobs of {len(submission.spec)} bytes each; together at "
                f"most {MAX_GANG_SPECS} are accepted"
            )
        await self._check_number(requests[0], len(requests))
        for request in requests:
            await self._record(request)
        return requests[0], plan

    async def forget(self) -> None:
        """Let go of requests that were never opened, and of old refusals."""
        now = self._context.ports.clock.wall()
        gone = await self._context.ports.store.forget_requests(
            now - UNOPENED_SECONDS, now - REFUSED_SECONDS
        )
        if gone:
            log.info("%s requests forgotten", gone, extra={"action": "requests_forgotten"})

    async def notify(self, address: str) -> None:
        """A job was opened or changed on chain: look at it now. Raises `Unknown` if it is not
        there."""
        if await self._sync.job(address) is None:
            raise Unknown(f"there is no job {address} on chain that names this orchestrator")
        self._runs.drive(address)

    def _address(self, submission: Submission, number: int) -> str:
        return self._context.ports.chain.job_address(submission.client, number)

    def _request(self, submission: Submission, spec: JobSpec, address: str) -> JobRequest:
        return JobRequest(
            address=address,
            client=submission.client,
            number=submission.number or 0,
            spec_hash=spec.hash().hex(),
            spec=submission.spec,
            inputs=tuple(Input(one.path, one.sha256, one.size) for one in spec.inputs),
            gpus=spec.resources.gpus,
            name=spec.name,
            memory=spec.resources.memory or 0,
            retries=spec.retries,
            acknowledged_at=self._context.ports.clock.wall(),
            needs=needs_of(spec),
            priority=spec.priority,
            gpu_class=spec.resources.gpu_class,
            max_price=spec.price,
            max_seconds=spec.duration_seconds,
        )

    async def _check_delegate(self, submission: Submission) -> None:
        client, key = submission.client, submission.delegate
        if key and not await self._context.ports.chain.is_delegate(client, key):
            raise Forbidden(f"{key} is no delegate of {client}")

    async def _check_number(self, request: JobRequest, many: int = 1) -> None:
        """Only what the client can open soon takes space: specs are large, and numbers are free."""
        following = await self._context.ports.chain.next_job(request.client)
        if request.number < following:
            # opened already, which costs its escrow: its spec may come late, or once more
            job = await self._sync.job(request.address)
            if job is None or job.state.has_ended or job.spec_hash != request.spec_hash:
                raise RequestRefused(
                    f"number: {request.number} is taken; the next job of {request.client} is "
                    f"{following}"
                )
            return
        if request.number > following + AHEAD:
            raise RequestRefused(
                f"number: the next job of {request.client} is {following}, and jobs up to "
                f"{following + AHEAD} are taken"
            )
        store = self._context.ports.store
        known = await store.request(request.address)
        pending = 0 if known else await store.pending(request.client)
        if known is None and pending and pending + many > MAX_PENDING:
            raise TooMuch(f"{MAX_PENDING} jobs of {request.client} wait to be opened on chain")

    async def _record(self, request: JobRequest) -> None:
        row = await self._context.ports.store.job(request.address)
        if row is not None and row.job.spec_hash != request.spec_hash:
            raise RequestRefused(f"job {request.address} is open with another spec")
        await self._context.ports.store.put_request(request)
        self._runs.wake(request.address)
        log.info("job acknowledged", extra={"action": "job_acknowledged", "job": request.address})

    async def _check_inputs(self, submission: Submission, spec: JobSpec) -> None:
        named = {one.sha256 for one in spec.inputs}
        if named != set(submission.inputs):
            raise RequestRefused("inputs: these are not the inputs that the spec names")
        for one in spec.inputs:
            size = self._context.ports.blobs.size(one.sha256)
            granted = await self._context.ports.store.granted(submission.signer, one.sha256)
            if size is None or not granted:
                raise RequestRefused(f"inputs: {one.path} ({one.sha256}) was not uploaded")
            if size != one.size:
                raise RequestRefused(f"inputs: {one.path} has {size} bytes, not {one.size}")
