"""`iog doctor`: looks at everything a command relies on, and says what is wrong and what to do.

Of a chain that does not answer nothing more is asked, and a client needs no network file.
"""

from __future__ import annotations

import os
import platform
import stat
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path

import httpx
from solders.keypair import Keypair

from iog_client import amounts, interfaces, networks, proxies, wallets
from iog_client.api import OrchestratorApi
from iog_client.api_models import NetworkView
from iog_client.config import Settings
from iog_client.endpoints import OTHER_ORCHESTRATOR, Endpoints, is_local, unreachable
from iog_client.errors import Mismatch, NotAllowed, NotFound, Refused, Unreachable
from iog_client.examination import Broken, Doubt, Examination, Finding
from iog_client.following import reaching
from iog_client.onchain import program_hashes, require_chain
from iog_client.protocol import PROTOCOL
from iog_client.requests import TOLERANCE_SECONDS
from iog_client.rpc import OTHER_NODE, Rpc

SLOW_SECONDS = 1.0
LITTLE_SOL = 10_000_000
"""Lamports below which a wallet is soon unable to pay: the rent of a few accounts."""
CHAIN_LAG_SECONDS = 60
"""By which a chain's clock may differ from this machine's before it is worth a word. The embedded
chain's and a validator's clock are ahead after a warp."""
OTHER_CHAIN = "ask again; --rpc names another Solana node"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


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
    await looking.look("iog", _installed, todo="install it anew")
    await looking.look(
        "wallet",
        lambda: _wallet(client),
        todo="`iog wallet new` makes one; --wallet or IOG_WALLET names another",
    )
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
    await looking.look("chain time", lambda: _chain_time(rpc, now), "chain", todo=OTHER_CHAIN)
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
    readiness = _Readiness(Endpoints(url).urls, now, transport)
    await looking.look(
        "orchestrator ready",
        readiness.ready,
        "orchestrator",
        todo="wait a moment; its log says what it waits for",
    )
    await looking.look(
        "orchestrator clock",
        readiness.clock,
        "orchestrator" if readiness.answered else "orchestrator ready",
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
    try:
        said = await rpc.version()
    except Unreachable as error:
        if error.foreign:
            raise Broken(error.message, OTHER_NODE) from error
        raise
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
    await looking.look(
        "network file",
        lambda: _record(client, path, looking),
        todo="--network names another file, --rpc another Solana node",
    )


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
        except Refused as error:
            raise Broken(error.message, OTHER_ORCHESTRATOR) from error
    if not said:
        failure = unreachable(failures)
        if failure.foreign:
            raise Broken(failure.message, OTHER_ORCHESTRATOR) from failure
        raise failure
    if failures:
        raise Doubt(f"{said[0]}; {'; '.join(one.message for one in failures)}")
    return said[0]


def _same_network(url: str, view: NetworkView) -> str:
    try:
        if view.protocol != PROTOCOL:
            raise Mismatch("the orchestrator's protocol", view.protocol, PROTOCOL)
        interfaces.require(view.idl_hashes, "the orchestrator")
    except Refused as error:
        raise Broken(error.message, "use the version of iog that the orchestrator is of") from error
    return f"{url} serves hour {view.hour} of a network with hours of {view.hour_length} s"


async def _same_chain(client: Client) -> str:
    ours = str(await client.rpc.genesis_hash())
    url = client.settings.orchestrator_url
    async with OrchestratorApi(url, transport=client.transport) as api:
        theirs = (await api.network()).genesis_hash
    if theirs != ours:
        raise Refused(f"{url} serves the chain {theirs}, and {client.settings.rpc_url} is {ours}")
    return f"the orchestrator's, {ours}"


class _Readiness:
    """What an orchestrator says of its readiness, asked once: its clock is told with it."""

    def __init__(
        self,
        urls: Sequence[str],
        now: Callable[[], float],
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self._urls, self._now, self._transport = urls, now, transport
        self._off = 0.0
        self.answered = False

    async def ready(self) -> str:
        """Whether it takes work."""
        answer = await _asked_ready(self._urls, self._transport)
        self.answered = True
        if said := answer.headers.get("date"):
            self._off = abs(parsedate_to_datetime(said).timestamp() - self._now())
        if answer.status_code != httpx.codes.OK:
            raise Refused("it answers, and takes no work yet")
        with suppress(ValueError):
            if wrong := answer.json().get("degraded"):
                raise Doubt("; ".join(map(str, wrong)), "who runs it has to look at it")
        return "it has read the chain and takes work"

    async def clock(self) -> str:
        """Whether its clock, as it answered, was near enough to this machine's."""
        if self._off > TOLERANCE_SECONDS:
            raise NotAllowed(
                f"its clock and this machine's differ by {self._off:.0f} s; requests signed more "
                f"than {TOLERANCE_SECONDS} s off are refused"
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


def free_bytes(path: Path) -> int:
    """Bytes that are free where `path` is or will be."""
    there = path.expanduser().absolute()
    while not there.exists():
        there = there.parent
    facts = os.statvfs(there)
    return facts.f_bavail * facts.f_frsize
