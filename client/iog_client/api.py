"""The orchestrator's HTTP API as a client uses it.

Requests that concern one wallet are signed by it (`iog_client.requests`). Errors arrive as
problem+json and leave as exceptions with the right exit code. Of several addresses the one that
answers is asked (`iog_client.following`); where none does, that is `Unreachable`.
"""

from collections.abc import AsyncIterator, Callable
from hashlib import sha256 as sha256_of
from pathlib import Path
from time import time
from types import TracebackType
from typing import Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError
from solders.keypair import Keypair

from iog_client import api_keys, following, proxies, requests
from iog_client.api_keys import ApiKeyList, ApiKeyMade, ApiKeyRequest, ApiKeyView
from iog_client.api_models import (
    LOG_END_HEADER,
    LOG_OFFSET_HEADER,
    HourList,
    HourView,
    NetworkView,
    RewardProof,
)
from iog_client.endpoints import Endpoints
from iog_client.errors import NotAllowed, Refused, Unreachable
from iog_client.following import Patience
from iog_client.job_models import (
    JobAccepted,
    JobList,
    JobSubmission,
    JobView,
    Outputs,
    PlanRequest,
    PlanResult,
    WhyView,
)
from iog_client.node_models import (
    NodeList,
    NodeProofs,
    NodeStatus,
    NodeView,
    NoticeRequest,
    NoticeView,
)
from iog_client.protocol import OutputFile

Model = TypeVar("Model", bound=BaseModel)
Progress = Callable[[int], None]
"""Called with the number of bytes that went since the last call."""

CHUNK = 1 << 18
JOBS_PER_PAGE = 200
LOG_WAIT_SECONDS = 10
CONNECT_SECONDS = 5.0
BLOB_SECONDS = 60.0
"""How long the next piece of a file is waited for."""


class OrchestratorApi:
    """A connection to the orchestrator, used as an async context manager.

    `addresses` is a URL, or several with commas between them, of which the one that answers is
    asked. `keypair` signs what has to be signed, or `api_key` stands for it; without either only
    public facts can be read. `transport` and `now` are what tests replace.
    """

    def __init__(
        self,
        addresses: str,
        keypair: Keypair | None = None,
        *,
        api_key: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time,
    ) -> None:
        self._addresses = Endpoints(addresses)
        self._keypair = keypair
        self._api_key = api_key
        self._now = now
        urls = self._addresses.urls
        self._http = proxies.client(httpx.AsyncClient, urls, transport=transport)

    @property
    def url(self) -> str:
        """The address that answered last; before that the first."""
        return self._addresses.current

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def network(self) -> NetworkView:
        """The network that the orchestrator serves, and its key as matcher."""
        return await self._get(NetworkView, "/v1/network")

    async def nodes(self) -> list[NodeView]:
        """All nodes that the orchestrator knows."""
        return (await self._get(NodeList, "/v1/nodes")).nodes

    async def node(self, device: str) -> NodeView:
        """One node."""
        return await self._get(NodeView, f"/v1/nodes/{device}")

    async def proofs(self, device: str) -> NodeProofs:
        """How a node's GPU proofs ended."""
        return await self._get(NodeProofs, f"/v1/nodes/{device}/proofs")

    async def proof_evidence(self, sha256: str) -> bytes:
        """The canonical bytes of what was published of a failed proof."""
        return (await self._send("GET", f"/v1/proofs/{sha256}")).content

    async def node_status(self, device: str) -> NodeStatus:
        """How a node stands: what keeps it from work and pay, and what to do about it."""
        return await self._get(NodeStatus, f"/v1/nodes/{device}/status")

    async def announce(self, device: str, notice: NoticeRequest) -> NoticeView:
        """Announce that a node is drained or away, as its owner or as the node."""
        body = notice.model_dump_json()
        response = await self._send("PUT", f"/v1/nodes/{device}/notice", body, signed=True)
        return _model(NoticeView, response)

    async def withdraw_notice(self, device: str) -> None:
        """Take back what was announced of a node."""
        await self._send("DELETE", f"/v1/nodes/{device}/notice", "", signed=True)

    async def plan(self, request: PlanRequest) -> PlanResult:
        """What such a job would cost and who would take it."""
        body = request.model_dump_json(by_alias=True)
        # a question with a body: it changes nothing
        return _model(PlanResult, await self._send("POST", "/v1/plan", body, again=True))

    async def put_blob(
        self, sha256: str, source: Path, size: int, progress: Progress = lambda _: None
    ) -> None:
        """Upload the file at `source`, whose hash is `sha256` and length `size` bytes."""
        path, counted = f"/v1/blobs/{sha256}", _Counted(progress)

        async def send(url: str, _: float) -> httpx.Response:
            counted.restart()
            headers = self._signed("PUT", path, sha256)
            headers["Content-Length"] = str(size)
            content = _chunks(source, counted)
            return await self._http.put(
                url + path, content=content, headers=headers, timeout=_timeout(BLOB_SECONDS)
            )

        # what is kept under a hash is the same whoever stored it first
        await following.ask(self._addresses, send, again=True)

    async def get_blob(
        self, sha256: str, target: Path, progress: Progress = lambda _: None
    ) -> None:
        """Download a blob to `target`, which appears only once its hash is right."""
        partial = target.with_name(f".{target.name}.part")
        path, counted = f"/v1/blobs/{sha256}", _Counted(progress)

        async def send(url: str, _: float) -> httpx.Response:
            counted.restart()
            headers = self._signed("GET", path, b"")
            timeout = _timeout(BLOB_SECONDS)
            request = self._http.stream("GET", url + path, headers=headers, timeout=timeout)
            async with request as response:
                if response.is_error:
                    await response.aread()
                    return response
                found = await _save(response, partial, counted)
            if found != sha256:
                raise Refused(f"what {url} sent as {sha256} has hash {found}")
            return response

        try:
            await following.ask(self._addresses, send, again=True)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    async def submit(self, submission: JobSubmission) -> JobAccepted:
        """Announce a job before it is opened on chain."""
        body = submission.model_dump_json()
        return _model(JobAccepted, await self._send("POST", "/v1/jobs", body, signed=True))

    async def notify(self, job: str) -> None:
        """Tell that the job is open on chain; without it a scan finds the job a little later."""
        # it points to what is on chain, as often as one likes
        await self._send("POST", f"/v1/jobs/{job}/notify", "", signed=True, again=True)

    async def cancel(self, job: str) -> None:
        """Ask that a running job's command be stopped; cancelling itself happens on chain."""
        await self._send("POST", f"/v1/jobs/{job}/cancel", "", signed=True)

    async def jobs(self, client: str) -> list[JobView]:
        """The client's jobs, newest first."""
        found: list[JobView] = []
        before = ""
        while True:
            path = f"/v1/jobs?client={client}&limit={JOBS_PER_PAGE}{before}"
            page = _model(JobList, await self._send("GET", path, signed=True)).jobs
            found += page
            if len(page) < JOBS_PER_PAGE:
                return found
            before = f"&before={page[-1].id}"

    async def job(self, job: str) -> JobView:
        """One job, by its id."""
        return _model(JobView, await self._send("GET", f"/v1/jobs/{job}", signed=True))

    async def why(self, job: str) -> WhyView:
        """Why a job waits, and what would place it; or why it is where it is."""
        return _model(WhyView, await self._send("GET", f"/v1/jobs/{job}/why", signed=True))

    async def outputs(self, job: str) -> list[OutputFile]:
        """What a job has put out."""
        response = await self._send("GET", f"/v1/jobs/{job}/outputs", signed=True)
        return _model(Outputs, response).outputs

    async def logs(self, job: str, offset: int = 0, wait: int = 0) -> tuple[bytes, int, bool]:
        """Log bytes from `offset`, the offset after them, and whether no more will come.

        With `wait` the server holds the answer for up to so many seconds until there are some.
        """
        path = f"/v1/jobs/{job}/logs?offset={offset}&wait={wait}"
        response = await self._send("GET", path, signed=True, held=wait)
        begin = int(response.headers.get(LOG_OFFSET_HEADER, offset))
        after = begin + len(response.content)
        return response.content, after, response.headers.get(LOG_END_HEADER) == "1"

    async def follow_logs(
        self, job: str, offset: int = 0, patience: Patience | None = None
    ) -> AsyncIterator[bytes]:
        """Log bytes from `offset` as they come, until the job has ended.

        With `patience` an orchestrator that is away is waited for, as one that takes over is.
        """
        ended = False
        while not ended:
            try:
                data, offset, ended = await self.logs(job, offset, LOG_WAIT_SECONDS)
            except Unreachable as error:
                if patience is None:
                    raise
                await patience.wait(error)
                continue
            if patience is not None:
                patience.back()
            if data:
                yield data

    async def hours(self) -> list[HourView]:
        """Published hours in short, newest first."""
        return (await self._get(HourList, "/v1/hours")).hours

    async def hour(self, hour: int) -> bytes:
        """The canonical bytes of a published hour."""
        return (await self._send("GET", f"/v1/hours/{hour}")).content

    async def reward(self, wallet: str) -> RewardProof:
        """The wallet's cumulative reward with its proof."""
        return await self._get(RewardProof, f"/v1/rewards/{wallet}")

    async def create_api_key(self, wanted: ApiKeyRequest) -> ApiKeyMade:
        """Make an API key of the signing wallet."""
        body = wanted.model_dump_json()
        return _model(ApiKeyMade, await self._send("POST", "/v1/keys", body, signed=True))

    async def api_keys(self) -> list[ApiKeyView]:
        """The signing wallet's API keys, newest first."""
        return _model(ApiKeyList, await self._send("GET", "/v1/keys", signed=True)).keys

    async def revoke_api_key(self, name: str) -> None:
        """Make an API key of the signing wallet worthless."""
        await self._send("DELETE", f"/v1/keys/{name}", signed=True)

    async def _get(self, model: type[Model], path: str) -> Model:
        return _model(model, await self._send("GET", path))

    async def _send(
        self,
        method: str,
        path: str,
        body: str | None = None,
        *,
        signed: bool = False,
        again: bool | None = None,
        held: float = 0,
    ) -> httpx.Response:
        """Ask the address that answers, which may hold its answer for `held` seconds. By default
        GET and PUT may be sent again: they read, or say how something is to be, and a second time
        changes nothing."""
        content = (body or "").encode()

        async def send(url: str, patient: float) -> httpx.Response:
            # signed anew each time: a nonce is good for one request
            headers = self._signed(method, path, content) if signed else {}
            if body:
                headers["Content-Type"] = "application/json"
            timeout = _timeout(patient + held)
            return await self._http.request(
                method, url + path, content=content, headers=headers, timeout=timeout
            )

        again = method in ("GET", "PUT") if again is None else again
        return await following.ask(self._addresses, send, again=again)

    def _signed(self, method: str, path: str, body: bytes | str) -> dict[str, str]:
        if self._api_key is not None:
            return {"Authorization": f"{api_keys.SCHEME}{self._api_key}"}
        if self._keypair is None:
            raise NotAllowed(f"{method} {path} has to be signed, and there is no wallet to sign it")
        return requests.sign(self._keypair, method, path, body, self._now())


def _model(model: type[Model], response: httpx.Response) -> Model:
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        url = response.request.url
        raise Refused(f"{url} answered what is not a {model.__name__}: {error.title}") from error


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=CONNECT_SECONDS)


async def _chunks(source: Path, progress: Progress) -> AsyncIterator[bytes]:
    with source.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
            progress(len(chunk))


async def _save(response: httpx.Response, target: Path, progress: Progress) -> str:
    """Write what comes to `target`; its hash."""
    digest = sha256_of()
    with target.open("wb") as file:
        async for chunk in response.aiter_bytes(CHUNK):
            digest.update(chunk)
            file.write(chunk)
            progress(len(chunk))
    return digest.hexdigest()


class _Counted:
    """Passes progress on, and takes back what a try that failed had counted."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._count = 0

    def __call__(self, count: int) -> None:
        self._count += count
        self._progress(count)

    def restart(self) -> None:
        """The next try begins."""
        if self._count:
            self(-self._count)
