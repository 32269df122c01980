"""The orchestrator's HTTP API as a client uses it.

Requests that concern one wallet are signed by it (`iog_client.requests`). Errors arrive as
problem+json and leave as exceptions with the right exit code; a server that does not answer is
`Unreachable`.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256 as sha256_of
from pathlib import Path
from time import time
from types import TracebackType
from typing import Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError
from solders.keypair import Keypair

from iog_client import api_keys, requests
from iog_client.api_keys import ApiKeyList, ApiKeyMade, ApiKeyRequest, ApiKeyView
from iog_client.api_models import (
    LOG_END_HEADER,
    LOG_OFFSET_HEADER,
    HourList,
    HourView,
    JobAccepted,
    JobList,
    JobSubmission,
    JobView,
    NetworkView,
    NodeList,
    NodeProofs,
    NodeView,
    NoticeView,
    Outputs,
    PlanRequest,
    PlanResult,
    Problem,
    RewardProof,
    WhyView,
)
from iog_client.errors import (
    IogError,
    NotAllowed,
    NotFound,
    Refused,
    TimedOut,
    Unreachable,
    UsageError,
)
from iog_client.node_models import NodeStatus, NoticeRequest
from iog_client.protocol import OutputFile

Model = TypeVar("Model", bound=BaseModel)
Progress = Callable[[int], None]
"""Called with the number of bytes that went since the last call."""

OTHER_ORCHESTRATOR = "--orchestrator or IOG_ORCHESTRATOR_URL names another orchestrator"
CHUNK = 1 << 18
JOBS_PER_PAGE = 200
LOG_WAIT_SECONDS = 10


class OrchestratorApi:
    """A connection to one orchestrator, used as an async context manager.

    `keypair` signs what has to be signed, or `api_key` stands for it; without either only public
    facts can be read. `transport` and
    `now` are what tests replace.
    """

    def __init__(
        self,
        url: str,
        keypair: Keypair | None = None,
        *,
        api_key: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time,
    ) -> None:
        self.url = url.rstrip("/")
        self._keypair = keypair
        self._api_key = api_key
        self._now = now
        timeout = httpx.Timeout(30, connect=5)
        self._http = httpx.AsyncClient(base_url=self.url, timeout=timeout, transport=transport)

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
        response = await self._send("POST", "/v1/plan", request.model_dump_json(by_alias=True))
        return _model(PlanResult, response)

    async def put_blob(
        self, sha256: str, source: Path, size: int, progress: Progress = lambda _: None
    ) -> None:
        """Upload the file at `source`, whose hash is `sha256` and length `size` bytes."""
        path = f"/v1/blobs/{sha256}"
        headers = self._signed("PUT", path, sha256)
        headers["Content-Length"] = str(size)
        with self._reaching():
            response = await self._http.put(
                path, content=_chunks(source, progress), headers=headers, timeout=_patient()
            )
        _check(response)

    async def get_blob(
        self, sha256: str, target: Path, progress: Progress = lambda _: None
    ) -> None:
        """Download a blob to `target`, which appears only once its hash is right."""
        path = f"/v1/blobs/{sha256}"
        headers = self._signed("GET", path, b"")
        partial = target.with_name(f".{target.name}.part")
        digest = sha256_of()
        try:
            with self._reaching(), partial.open("wb") as file:
                async with self._http.stream("GET", path, headers=headers, timeout=_patient()) as r:
                    if r.is_error:
                        await r.aread()
                        _check(r)
                    async for chunk in r.aiter_bytes(CHUNK):
                        digest.update(chunk)
                        file.write(chunk)
                        progress(len(chunk))
            if digest.hexdigest() != sha256:
                raise Refused(f"what {self.url} sent as {sha256} has hash {digest.hexdigest()}")
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    async def submit(self, submission: JobSubmission) -> JobAccepted:
        """Announce a job before it is opened on chain."""
        body = submission.model_dump_json()
        return _model(JobAccepted, await self._send("POST", "/v1/jobs", body, signed=True))

    async def notify(self, job: str) -> None:
        """Tell that the job is open on chain; without it a scan finds the job a little later."""
        await self._send("POST", f"/v1/jobs/{job}/notify", "", signed=True)

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
        response = await self._send("GET", path, signed=True)
        begin = int(response.headers.get(LOG_OFFSET_HEADER, offset))
        after = begin + len(response.content)
        return response.content, after, response.headers.get(LOG_END_HEADER) == "1"

    async def follow_logs(self, job: str, offset: int = 0) -> AsyncIterator[bytes]:
        """Log bytes from `offset` as they come, until the job has ended."""
        ended = False
        while not ended:
            data, offset, ended = await self.logs(job, offset, LOG_WAIT_SECONDS)
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
        self, method: str, path: str, body: str | None = None, *, signed: bool = False
    ) -> httpx.Response:
        content = (body or "").encode()
        headers = self._signed(method, path, content) if signed else {}
        if body:
            headers["Content-Type"] = "application/json"
        with self._reaching():
            response = await self._http.request(method, path, content=content, headers=headers)
        _check(response)
        return response

    def _signed(self, method: str, path: str, body: bytes | str) -> dict[str, str]:
        if self._api_key is not None:
            return {"Authorization": f"{api_keys.SCHEME}{self._api_key}"}
        if self._keypair is None:
            raise NotAllowed(f"{method} {path} has to be signed, and there is no wallet to sign it")
        return requests.sign(self._keypair, method, path, body, self._now())

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except httpx.InvalidURL as error:
            raise UsageError(f"{self.url} is not a URL") from error
        except httpx.HTTPError as error:
            text = str(error) or type(error).__name__
            refused = "All connection attempts failed" in text
            why = f"connection refused ({OTHER_ORCHESTRATOR})" if refused else text
            raise Unreachable(self.url, why) from error


_ERRORS: dict[int, type[IogError]] = {
    400: UsageError,
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    408: TimedOut,
    422: UsageError,
    504: TimedOut,
}
_AWAY = (502, 503)


def _check(response: httpx.Response) -> None:
    if not response.is_error:
        return
    try:
        problem = Problem.model_validate_json(response.content)
        message = problem.detail or problem.title
    except ValidationError:
        url = str(response.request.url.copy_with(raw_path=b"/")).rstrip("/")
        why = f"it answers {response.status_code} as no orchestrator does"
        raise Unreachable(url, why) from None
    if response.status_code in _AWAY:
        raise Unreachable(str(response.request.url.copy_with(raw_path=b"/")), message)
    raise _ERRORS.get(response.status_code, Refused)(message)


def _model(model: type[Model], response: httpx.Response) -> Model:
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        url = response.request.url
        raise Refused(f"{url} answered what is not a {model.__name__}: {error.title}") from error


def _patient() -> httpx.Timeout:
    return httpx.Timeout(60, connect=5)


async def _chunks(source: Path, progress: Progress) -> AsyncIterator[bytes]:
    with source.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
            progress(len(chunk))
