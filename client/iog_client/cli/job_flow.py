"""How a job gets from its file to the chain, and how its end is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from solders.pubkey import Pubkey

from iog_client import addresses, delegates, funds, gangs, interfaces, jobfile, jobs, nodes
from iog_client.api_models import NetworkView
from iog_client.cli import job_text, job_upload, output
from iog_client.cli.session import Session
from iog_client.errors import IogError, NotFound, Refused, Unreachable, UsageError
from iog_client.following import ABSENCE_SECONDS, Patience
from iog_client.job_models import (
    ENDED_STATES,
    JobSubmission,
    JobView,
    PlanRequest,
    PlanResult,
    Rejected,
)
from iog_client.jobfile import LocalInput
from iog_client.jobspec import JobSpec

NUMBERS = 8
"""Numbers of a wallet that are tried while other submits of it take them."""
POLL_SECONDS = 0.5
SETTLE_POLLS = 40
"""How many polls a finished job may take to be settled before its end is reported as it is."""

REFUND_POLLS = 20
"""How many polls the orchestrator may take to settle a job that was cancelled while it ran."""

LOG_PATIENCE = 5.0
_LAST = ("settled", "refused")
NO_NODES = Rejected(code="no_nodes", text="no node is registered on this network yet", nodes=0)
"""Why nobody takes a job where there is nobody to turn it down."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How a job is opened.

    `window` in seconds, None for the network's; `wallet` whose job it is, where the one that signs
    is a delegate of it; `gang` the number of that wallet's gang that it is a member of; `within`
    the seconds in which it is to be placed, None for the usual; `queue`: also if no node fits now.
    """

    window: int | None = None
    wallet: Pubkey | None = None
    gang: int | None = None
    within: int | None = None
    queue: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A job file that was found good: its spec, and where its inputs lie."""

    spec: JobSpec
    inputs: list[LocalInput]

    @classmethod
    def load(cls, path: Path) -> Prepared:
        """Read and check a job file and hash its inputs.

        Raises:
            NotFound: there is no such file.
            UsageError: it, or an input, is not usable.
        """
        job = jobfile.load(path)
        found = jobfile.local_inputs(job, path.parent, str(path))
        return cls(jobfile.spec(job, [each.file for each in found]), found)

    def request(self) -> PlanRequest:
        """What to plan."""
        return PlanRequest(
            resources=self.spec.resources,
            duration_seconds=self.spec.duration_seconds,
            price=self.spec.price,
            image=self.spec.image is not None,
            network=self.spec.network,
        )

    def submission(self, number: int | None, wallet: Pubkey | None = None) -> JobSubmission:
        """What to announce; no number records that nothing fitted. `wallet` as in `Opening`."""
        return JobSubmission(
            number=number,
            wallet=str(wallet) if wallet else None,
            spec=self.spec.to_bytes().decode(),
            inputs=sorted({each.file.sha256 for each in self.inputs}),
            fits=number is not None,
        )


async def check_network(here: Session) -> NetworkView:
    """See that orchestrator and chain belong to one network, before any money moves.

    Raises:
        Unreachable: the orchestrator does not answer.
        Refused: it serves another network, or was made for other programs.
    """
    network = await here.api.network()
    chain = str(await here.rpc.genesis_hash())
    if network.genesis_hash != chain:
        raise Refused(
            f"the orchestrator {here.api.url} serves the chain {network.genesis_hash}, "
            f"and {here.settings.rpc_url} is {chain}"
        )
    if network.programs.get("iog_jobs", str(addresses.JOBS)) != str(addresses.JOBS):
        raise Refused(
            f"the orchestrator {here.api.url} serves iog_jobs {network.programs['iog_jobs']}, "
            f"and this client knows {addresses.JOBS}"
        )
    interfaces.require(network.idl_hashes, f"the orchestrator {here.api.url}")
    return network


async def plan(here: Session, job: Prepared) -> PlanResult:
    """What the job would cost and who would take it; where nobody would, always with a reason.

    Raises:
        Refused: the network has no class of the one that is asked for.
        Unreachable: the orchestrator does not answer.
    """
    found = await here.api.plan(job.request())
    if not found.fits and (wanted := job.spec.resources.gpu_class):
        with suppress(Unreachable):  # of the chain: the plan is good without it
            await nodes.require_class(here.rpc, wanted)
    if found.fits or found.rejected:
        return found
    return found.model_copy(update={"rejected": [NO_NODES]})


async def submit(
    here: Session, job: Prepared, confirm: Callable[[PlanResult], None], how: Opening
) -> tuple[JobView, int]:
    """Plan, upload, announce, open, notify: the job, and the window in seconds it was opened with.

    Nothing is paid unless all before it has gone well.

    Raises:
        NotAllowed: the wallet that signs is no delegate of the one whose job it is to be.
        Refused: no node fits, wallet or delegate may not spend that much, or the gang is full.
        Unreachable: orchestrator or chain do not answer.
    """
    _check_gang(job, how)
    network = await check_network(here)
    owner = how.wallet or here.key
    found = await plan(here, job)
    if not found.fits:
        if not how.queue:
            await here.api.submit(job.submission(None))
            raise Refused(job_text.misfit(found))
        output.note(job_text.queued(found))
    await _affordable(here, found.quote.funded, how, job.spec.resources.nodes)
    confirm(found)
    await job_upload.upload(here, job.inputs)
    window = network.window if how.window is None else how.window
    wait = how.within or jobs.placing_time(job.spec, network.hour_length)
    number = await _announced_and_opened(here, job, how, window, wait)
    with output.if_interrupted(_opening(job, number, how, "open")):
        with suppress(IogError):
            # once more: another submit of this wallet may have announced its own by that number
            await here.api.submit(job.submission(number, how.wallet))
        return await _opened(here, job, addresses.job(owner, number), number), window


async def _announced_and_opened(
    here: Session, job: Prepared, how: Opening, window: int, wait: int
) -> int:
    """Announce a job by its owner's next number and open it; the number."""
    owner = how.wallet or here.key
    for _ in range(NUMBERS):
        number = await jobs.next_number(here.rpc, owner)
        try:
            accepted = await here.api.submit(job.submission(number, how.wallet))
            matcher = Pubkey.from_string(accepted.matcher)
            terms = jobs.Terms.of(job.spec, matcher, window=window, wait=wait)
            # a transaction that is sent may take effect after nobody waits for it any more
            with output.if_interrupted(_opening(job, number, how, "perhaps open")):
                async with output.progress("opening the job"):
                    await _open(here, job, number, terms, how)
        except (Refused, UsageError):
            # by the chain, or by the orchestrator before; of a gang the numbers may be its own
            if job.spec.resources.nodes > 1 or await jobs.next_number(here.rpc, owner) == number:
                raise
            output.note(f"another submit of this wallet took the number {number}; taking the next")
        else:
            return number
    raise Refused(f"other submits of this wallet took {NUMBERS} numbers in a row; nothing was paid")


async def _open(here: Session, job: Prepared, number: int, terms: jobs.Terms, how: Opening) -> None:
    """Open a job, or the gang that its file asks for, on chain."""
    sender, owner = await here.sender(), how.wallet or here.key
    gang = None if how.gang is None else addresses.gang(owner, how.gang)
    if (nodes := job.spec.resources.nodes) > 1:
        await gangs.open_whole(sender, here.wallet, terms, nodes, terms.wait)
    elif owner == here.key:
        await jobs.open_job(sender, here.wallet, number, terms, gang)
    else:
        await delegates.open_job(sender, here.wallet, owner, number, terms, gang)


def _opening(job: Prepared, number: int, how: Opening, state: str) -> str:
    """What to know of a job whose submit is interrupted once it may be on chain."""
    name = addresses.job(how.wallet, number) if how.wallet else number
    shown = f"job {name} is {state}"
    if (nodes := job.spec.resources.nodes) > 1:
        shown = f"a gang of {nodes} jobs, {number} to {number + nodes - 1}, is {state}"
    return f"{shown}; `iog job show {name}` shows it, `iog job cancel {name}` ends it"


def _check_gang(job: Prepared, how: Opening) -> None:
    """See that a file that asks for a gang is opened as one. Raises `UsageError`."""
    nodes = job.spec.resources.nodes
    if nodes > 1 and how.gang is not None:
        raise UsageError(f"--gang takes single jobs, and resources.nodes is {nodes}")
    if nodes > 1 and how.wallet is not None:
        raise UsageError(f"a delegate opens no gang, and resources.nodes is {nodes}")


async def _opened(here: Session, job: Prepared, address: Pubkey, number: int) -> JobView:
    """The job that is on chain: whatever fails from here on, the orchestrator's scan finds it."""
    try:
        opened = await jobs.get(here.rpc, address)
    except IogError:
        output.note(f"job {number} was opened: {address}")
        raise
    view = jobs.view(opened, address, job.spec.name, job.spec.resources.gpu_class)
    return await whole(here, view)


async def _affordable(here: Session, funded: int, how: Opening, nodes: int) -> None:
    """See that the job can be paid and is taken, before anything is asked or uploaded."""
    owner = how.wallet or here.key
    if owner == here.key:
        await funds.require(here.rpc, owner, funded, "the job's escrow")
    else:
        await delegates.require(here.rpc, owner, here.key, funded, funded)
    if how.gang is not None:
        await gangs.require_room(here.rpc, owner, how.gang)
    lamports = await (
        gangs.opening_cost(here.rpc, owner, nodes)
        if nodes > 1
        else jobs.opening_cost(here.rpc, owner)
    )
    await funds.require_sol(here.rpc, here.key, lamports, "opening a job (fee and rent)")


async def follow(
    here: Session, job: str, log: Callable[[bytes], None], *, settled: bool
) -> JobView:
    """Say the job's states as they come and pass its logs on, until it is over.

    With `settled` that includes being paid out, which follows the end at once without a window.
    """
    stream = asyncio.create_task(_stream(here, job, log))
    try:
        view = await _until_over(here, job, settled)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(stream), LOG_PATIENCE)
        return view
    finally:
        stream.cancel()
        await asyncio.gather(stream, return_exceptions=True)


def waiting(error: Unreachable) -> None:
    """Say once that the orchestrator is waited for: it may be that another one takes over."""
    output.note(f"{error.message}; waiting for it for up to {ABSENCE_SECONDS / 60:.0f} minutes")


async def answered(here: Session, job: str, patience: Patience) -> JobView:
    """The job as the orchestrator has it, as soon as it answers."""
    while True:
        try:
            view = await here.api.job(job)
        except Unreachable as error:
            # The job runs on without us; its end is still to come.
            await patience.wait(error)
        else:
            patience.back()
            return view


async def _until_over(here: Session, job: str, settled: bool) -> JobView:
    said, polls, patience = "", 0, Patience(waiting)
    while True:
        view = await answered(here, job, patience)
        state = f"{view.state} ({view.phase})" if view.phase else view.state
        if state != said:
            where = f" on {view.device}" if view.device and view.state != "open" else ""
            output.note(f"job {view.number}: {state}{where}")
            said = state
        if view.state in ENDED_STATES:
            polls += 1
            if view.state in _LAST or not settled or polls > SETTLE_POLLS:
                return view
        await asyncio.sleep(POLL_SECONDS)


async def _stream(here: Session, job: str, log: Callable[[bytes], None]) -> None:
    offset, ended = 0, False
    while not ended:
        try:
            data, offset, ended = await here.api.logs(job, offset, wait=5)
        except (Unreachable, NotFound):
            await asyncio.sleep(POLL_SECONDS)
            continue
        if data:
            log(data)
        elif not ended:
            await asyncio.sleep(POLL_SECONDS / 5)


async def refunded(here: Session, job: str, polls: int) -> JobView:
    """A job that was cancelled just now, paid out if its orchestrator does so within the polls."""
    view = await from_chain(here, job)
    for _ in range(polls):
        if view.state != "cancelled":
            return view
        await asyncio.sleep(POLL_SECONDS)
        view = await from_chain(here, job)
    if view.state == "cancelled":
        left = (view.deadline or 0) - await here.rpc.chain_time()
        output.note(job_text.refund_due(view, max(left, 0)))
    return view


async def find(here: Session, text: str) -> str:
    """The id of the job that was named by address, number or id.

    Raises:
        UsageError: it is none of these.
    """
    if text.isascii() and text.isdigit() and len(text) <= 19:
        address = str(addresses.job(here.key, int(text)))
        here.numbers[address] = str(int(text))
        return address
    if text.startswith("refused-") and text.isascii() and len(text) <= 60:
        return text
    try:
        return str(Pubkey.from_string(text))
    except ValueError:
        shown = text[:60]
        raise UsageError(f"`{shown}` is not a job: an address or your job's number is") from None


async def look(here: Session, job: str) -> JobView:
    """A job as the orchestrator knows it, or the chain while the orchestrator is away.

    Raises:
        NotFound: there is no such job.
    """
    try:
        return await here.api.job(job)
    except Unreachable as error:
        output.note(f"{error.message}; so this is what the chain knows")
        return await from_chain(here, job)
    except NotFound:
        return await from_chain(here, job)


async def whole(here: Session, view: JobView) -> JobView:
    """A job that the chain shows so, as the orchestrator knows it, if that answers and is not
    behind."""
    try:
        await here.api.notify(view.id)
        known = await here.api.job(view.id)
    except IogError:
        return view
    return view if _stage(known) < _stage(view) else known


def _stage(view: JobView) -> int:
    """How far a job is: going on, ended, paid out."""
    return (view.state in ENDED_STATES) + (view.state in _LAST)


async def from_chain(here: Session, job: str) -> JobView:
    """A job as the chain alone shows it.

    Raises:
        NotFound: it is not there.
    """
    if job.startswith("refused-"):
        raise NotFound(f"the orchestrator knows no job {job}")
    address = Pubkey.from_string(job)
    record = await jobs.get(here.rpc, address)
    known = (await nodes.classes(here.rpc)).get(record.class_)
    return jobs.view(record, address, gpu_class=nodes.slug(known) if known else None)
