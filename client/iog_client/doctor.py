"""`iog doctor`: looks at everything a command relies on, and says what is wrong and what to do.

A check is a coroutine that returns the fact it found, raises an `IogError` for what is broken, or
`Doubt` for what works and may not for long. A check whose ground is missing is skipped: of a chain
that does not answer, nothing more is asked, and a client needs no network file.
"""

from __future__ import annotations

import os
import platform
import stat
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import httpx
from solders.keypair import Keypair

from iog_client import amounts, interfaces, networks, proxies, wallets
from iog_client.api import OrchestratorApi
from iog_client.api_models import NetworkView
from iog_client.config import Settings
from iog_client.endpoints import Endpoints, is_local, unreachable
from iog_client.errors import IogError, Mismatch, NotAllowed, NotFound, Refused, Unreachable
from iog_client.following import reaching
from iog_client.onchain import program_hashes, require_chain
from iog_client.protocol import PROTOCOL
from iog_client.requests import TOLERANCE_SECONDS
from iog_client.rpc import Rpc

State = Literal["ok", "doubt", "failed", "skipped"]

SLOW_SECONDS = 1.0
LITTLE_SOL = 10_000_000
"""Lamports below which a wallet is soon unable to pay: the rent of a few accounts."""
CHAIN_LAG_SECONDS = 60
"""By which a chain's clock may differ from this machine's before it is worth a word. The embedded
chain's and a validator's clock are ahead after a warp."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Doubt(Exception):  # noqa: N818 - an outcome, as its reader sees it
    """It works, but there is something that its reader should know."""

    def __init__(self, said: str, todo: str = "") -> None:
        self.said, self.todo = said, todo
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `todo` is what mends it, empty where nothing has to be."""

    check: str
    state: State
    said: str
    todo: str = ""


@dataclass(slots=True)
class Examination:
    """Checks made one after the other, each told from what the earlier ones found."""

    findings: list[Finding] = field(default_factory=list)

    async def look(
        self,
        check: str,
        found: Callable[[], Coroutine[None, None, str]],
        *needs: str,
        todo: str = "",
    ) -> bool:
        """Make a check, unless one of `needs` did not go well; whether all is well with it."""
        missing = [one for one in needs if not self.went_well(one)]
        if missing:
            self.add(Finding(check, "skipped", f"not looked at without {' and '.join(missing)}"))
            return False
        try:
            finding = Finding(check, "ok", await found())
        except Doubt as doubt:
            finding = Finding(check, "doubt", doubt.said, doubt.todo or todo)
        except IogError as error:
            finding = Finding(check, "failed", " ".join(error.message.split()), todo)
        return self.add(finding)

    def add(self, finding: Finding) -> bool:
        """Put a finding on record; whether it is good enough to go on from."""
        self.findings.append(finding)
        return finding.state in ("ok", "doubt")

    def went_well(self, check: str) -> bool:
        """Whether a check was made, and what it looked at can be used."""
        return any(one.check == check and one.state in ("ok", "doubt") for one in self.findings)

    @property
    def failed(self) -> int:
        """How many checks found something broken."""
        return sum(one.state == "failed" for one in self.findings)


@dataclass(frozen=True, slots=True)
class Client:
    """What the client's examination looks at. `now` is this machine's unix time."""

    settings: Settings
    sources: dict[str, str]
    network: Path | None
    rpc: Rpc
    now: Callable[[], float] = time.time
    transport: httpx.AsyncBaseTransport | None = None


async def examine_client(client: Client) -> Examination:
    """Settings, wallet, Solana node, programs, network file and orchestrator of a client."""
    looking = Examination()
    await looking.look("iog", _installed)
    await looking.look("wallet", lambda: _wallet(client))
    await chain_checks(looking, client.rpc, client.settings.rpc_url, client.now)
    await _network_file(looking, client)
    await looking.look("funds", lambda: _funds(client), "wallet", "chain", todo=_funds_todo())
    await orchestrator_checks(
        looking, client.settings.orchestrator_url, client.now, transport=client.transport
    )
    await looking.look(
        "same chain",
        lambda: _same_chain(client),
        "chain",
        "orchestrator",
        todo="one of --rpc and --orchestrator names another network",
    )
    return looking


async def chain_checks(looking: Examination, rpc: Rpc, url: str, now: Callable[[], float]) -> None:
    """Whether a Solana node answers, keeps time and has our programs."""
    todo = "start it; `iog localnet up` runs a local one"
    if not is_local(url):
        todo = "see that the address is right, and that this machine reaches it"
    await looking.look("chain", lambda: _chain(rpc, url), todo=todo)
    await looking.look("chain time", lambda: _chain_time(rpc, now), "chain")
    await looking.look(
        "programs",
        lambda: _programs(rpc),
        "chain",
        todo="`iog deploy` puts them there, or use the iog that the network was made with",
    )


async def orchestrator_checks(
    looking: Examination,
    url: str,
    now: Callable[[], float],
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> None:
    """Whether the orchestrator answers, is ready, is of our version and keeps our time."""
    todo = "start it; `iog orchestrator run` is one of your own"
    if not any(map(is_local, Endpoints(url).urls)):
        todo = "see that the address is right, and that this machine reaches it"
    await looking.look("orchestrator", lambda: _orchestrator(url, transport), todo=todo)
    await looking.look(
        "orchestrator ready",
        lambda: _ready(url, transport),
        "orchestrator",
        todo="wait a moment; its log says what it waits for",
    )
    await looking.look(
        "orchestrator clock",
        lambda: _clock(url, now, transport),
        "orchestrator",
        todo="set the clock of the one that is wrong",
    )


def private(path: Path, what: str) -> None:
    """Raises `Doubt` for a key file that others on this machine can read."""
    try:
        mode = path.expanduser().stat().st_mode
    except OSError:
        return
    if mode & OTHERS:
        raise Doubt(
            f"the {what} {path} can be read by other users of this machine",
            f"chmod 600 {path}",
        )


async def _installed() -> str:
    said = f"{version('iog')} on Python {platform.python_version()}"
    parts = [part for part in ("iog_orchestrator", "iog_worker") if _has(part)]
    return (
        f"{said}, with {' and '.join(part.removeprefix('iog_') for part in parts) or 'no daemon'}"
    )


def _has(module: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(module) is not None


async def _wallet(client: Client) -> str:
    path = client.settings.wallet
    key = wallets.load(path)
    private(path, "wallet")
    return f"{key.pubkey()} in {path} ({client.sources['wallet']})"


async def _chain(rpc: Rpc, url: str) -> str:
    begun = time.perf_counter()
    said = await rpc.version()
    took = time.perf_counter() - begun
    if took > SLOW_SECONDS:
        raise Doubt(
            f"{url} answers after {took:.1f} s", "a nearer node makes every command quicker"
        )
    return f"{url} runs {said}, answers in {took * 1000:.0f} ms"


async def _chain_time(rpc: Rpc, now: Callable[[], float]) -> str:
    ahead = await rpc.chain_time() - now()
    if abs(ahead) > CHAIN_LAG_SECONDS:
        raise Doubt(
            f"the chain's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} "
            "this machine's",
            "a local chain that was warped is ahead; else one of the clocks is wrong",
        )
    return "the chain's clock is this machine's, within a minute"


async def _programs(rpc: Rpc) -> str:
    found = await program_hashes(rpc)
    return f"{', '.join(sorted(found))}: the code that this iog came with"


async def _network_file(looking: Examination, client: Client) -> None:
    try:
        path = networks.find_record(client.network)
    except NotFound:
        # who rents or owns needs none
        said = "there is none here; only who runs a network needs it"
        looking.add(Finding("network file", "skipped", said))
        return
    await looking.look("network file", lambda: _record(client, path, looking))


async def _record(client: Client, path: Path, looking: Examination) -> str:
    record = networks.read_record(path)
    if looking.went_well("chain"):
        await require_chain(client.rpc, record.genesis_hash)
    return f"{record.name} in {path}, hours of {record.hour_length} s"


async def _funds(client: Client) -> str:
    key: Keypair = wallets.load(client.settings.wallet)
    held = await client.rpc.balance(key.pubkey())
    said = f"{amounts.format_sol(held)} for fees and rent"
    if not held:
        raise Refused("the wallet holds no SOL, so that it can pay no fee")
    if held < LITTLE_SOL:
        raise Doubt(f"{said}: little", _funds_todo())
    return said


def _funds_todo() -> str:
    return "send it some SOL; on a local chain `iog wallet airdrop 10`"


async def _orchestrator(urls: str, transport: httpx.AsyncBaseTransport | None) -> str:
    """What the first that answers serves. Raises `Doubt` where another one does not."""
    said: list[str] = []
    failures: list[Unreachable] = []
    for url in Endpoints(urls).urls:
        try:
            async with OrchestratorApi(url, transport=transport) as api:
                said.append(_same_network(url, await api.network()))
        except Unreachable as error:
            failures.append(error)
    if not said:
        raise unreachable(failures)
    if failures:
        raise Doubt(f"{said[0]}; {'; '.join(one.message for one in failures)}")
    return said[0]


def _same_network(url: str, view: NetworkView) -> str:
    if view.protocol != PROTOCOL:
        raise Mismatch("the orchestrator's protocol", view.protocol, PROTOCOL)
    interfaces.require(view.idl_hashes, "the orchestrator")
    return f"{url} serves hour {view.hour} of a network with hours of {view.hour_length} s"


async def _same_chain(client: Client) -> str:
    ours = str(await client.rpc.genesis_hash())
    url = client.settings.orchestrator_url
    async with OrchestratorApi(url, transport=client.transport) as api:
        theirs = (await api.network()).genesis_hash
    if theirs != ours:
        raise Refused(f"{url} serves the chain {theirs}, and {client.settings.rpc_url} is {ours}")
    return f"the orchestrator's, {ours}"


async def _ready(urls: str, transport: httpx.AsyncBaseTransport | None) -> str:
    answer = await _asked_ready(Endpoints(urls).urls, transport)
    if answer.status_code != httpx.codes.OK:
        raise Refused("it answers, and takes no work yet")
    with suppress(ValueError):
        if wrong := answer.json().get("degraded"):
            raise Doubt("; ".join(map(str, wrong)), "who runs it has to look at it")
    return "it has read the chain and takes work"


async def _clock(
    urls: str, now: Callable[[], float], transport: httpx.AsyncBaseTransport | None
) -> str:
    answer = await _asked_ready(Endpoints(urls).urls, transport)
    said = answer.headers.get("date")
    off = abs(parsedate_to_datetime(said).timestamp() - now()) if said else 0
    if off > TOLERANCE_SECONDS:
        raise NotAllowed(
            f"its clock and this machine's differ by {off:.0f} s; requests signed more than "
            f"{TOLERANCE_SECONDS} s off are refused"
        )
    return f"it is this machine's, within {TOLERANCE_SECONDS} s"


async def _asked_ready(
    urls: Sequence[str], transport: httpx.AsyncBaseTransport | None
) -> httpx.Response:
    """The answer of the first that is ready; else the last one that there was."""
    answer, failure = None, Unreachable(urls[0], "no answer")
    async with proxies.client(httpx.AsyncClient, urls, timeout=5, transport=transport) as http:
        for url in urls:
            try:
                with reaching(url):
                    answer = await http.get(f"{url}/v1/ready")
            except Unreachable as error:
                failure = error
                continue
            if answer.is_success:
                break
    if answer is None:
        raise failure
    return answer


def text(findings: Sequence[Finding]) -> str:
    """What was found, a line each, and below what is not right what to do."""
    marks = {"ok": "ok", "doubt": "look", "failed": "FAIL", "skipped": "-"}
    width = max(len(one.check) for one in findings)
    lines = []
    for one in findings:
        lines.append(f"{marks[one.state]:<5} {one.check:<{width}}  {one.said}")
        if one.todo and one.state in ("doubt", "failed"):
            lines.append(f"{'':<5} {'':<{width}}  -> {one.todo}")
    failed = sum(one.state == "failed" for one in findings)
    end = "nothing is wrong" if not failed else f"{failed} of {len(findings)} checks failed"
    return "\n".join([*lines, end])


def free_bytes(path: Path) -> int:
    """Bytes that are free where `path` is or will be."""
    there = path.expanduser().absolute()
    while not there.exists():
        there = there.parent
    facts = os.statvfs(there)
    return facts.f_bavail * facts.f_frsize
