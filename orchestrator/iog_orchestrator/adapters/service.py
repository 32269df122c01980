"""The daemon as a process: everything opened and checked, served until a signal, closed again."""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from solders.keypair import Keypair

from iog_client import addresses, wallets
from iog_client.api_models import MAX_BLOB
from iog_client.clocks import SystemClock
from iog_client.errors import Mismatch, NotAllowed, Refused, UsageError
from iog_client.networks import NetworkRecord, read_record
from iog_client.onchain import program_hashes, require_chain
from iog_client.rpc import HttpRpc, Rpc
from iog_orchestrator.adapters import chain_accounts
from iog_orchestrator.adapters.blobs import FolderBlobs, FolderLogs, FolderPublisher
from iog_orchestrator.adapters.bucket import Bucket, s3
from iog_orchestrator.adapters.chain import ProgramChain
from iog_orchestrator.adapters.clocks import ReadChainClock
from iog_orchestrator.adapters.folder_lock import locked_beside, require_writable
from iog_orchestrator.adapters.hour_works import FolderWorks
from iog_orchestrator.adapters.http.front import Front
from iog_orchestrator.adapters.http.serving import config_of
from iog_orchestrator.adapters.http.standby import Standby
from iog_orchestrator.adapters.instruments import EventCounter, Instruments
from iog_orchestrator.adapters.key_lock import locked_key
from iog_orchestrator.adapters.keys import KeypairSigner, hour_signer
from iog_orchestrator.adapters.leading import Terms
from iog_orchestrator.adapters.lease import Lease
from iog_orchestrator.adapters.mirror import Mirror
from iog_orchestrator.adapters.outcomes import told
from iog_orchestrator.adapters.postgres_seat import PostgresSeat
from iog_orchestrator.adapters.seats import FolderSeat, Seat
from iog_orchestrator.adapters.signature_checks import SignatureChecks
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.adapters.worker_socket import WorkerSockets
from iog_orchestrator.core.context import Context, Pace, Ports
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.domain.errors import OrchestratorError
from iog_orchestrator.domain.network import Network

log = logging.getLogger(__name__)

BACKLOG = 2048
EVERYWHERE = ("0.0.0.0", "::", "")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. Keys that are not named are those of the network's file."""

    network: Path
    folder: Path
    rpc_url: str
    host: str
    port: int
    matcher: Path | None = None
    oracle: Path | None = None
    max_blob: int = MAX_BLOB
    database: str | None = field(default=None, repr=False)
    """URL of a PostgreSQL database, with its password; None is SQLite in the folder."""
    publish: str | None = None
    """URL of an S3-compatible store for copies of the published hours."""
    advertise: str | None = None
    """URL under which other orchestrators of that database reach this one."""


class Server(uvicorn.Server):
    """Uvicorn without its own signal handling: the daemon has one stop event."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(options: Options) -> None:
    """Run the daemon until SIGTERM or SIGINT. Raises `IogError` for what keeps it from running."""
    bucket = None if options.publish is None else s3(options.publish)
    record = read_record(options.network)
    matcher_file, oracle_file = _key_files(options, record)
    matcher = wallets.load(matcher_file, "matcher key")
    oracle = wallets.load(oracle_file, "oracle key")
    folder, shared = options.folder.expanduser(), options.database is not None
    try:
        # the key before the port: of a second orchestrator it is known that it is one
        with (
            locked_key(matcher_file, folder, shared=shared),
            _bound(options.host, options.port) as listening,
        ):
            rpc = HttpRpc(options.rpc_url)
            try:
                await check(rpc, record, matcher, oracle)
                parts = Parts(options, record, rpc, matcher, oracle, bucket)
                with _beside(folder, parts) if shared else nullcontext():
                    await _serve(options, record, parts, listening)
            finally:
                await rpc.close()
    except OrchestratorError as error:
        raise told(error) from error


async def check(rpc: Rpc, record: NetworkRecord, matcher: Keypair, oracle: Keypair) -> None:
    """That the chain is the network's and these keys can work. Raises `IogError` in one line."""
    await require_chain(rpc, record.genesis_hash)
    await program_hashes(rpc)
    config = await rpc.account(addresses.token_config())
    if config is None:
        raise Refused("iog_token is not initialized on this chain; `iog network init` does it")
    length = chain_accounts.hour_length(config.data)
    if length != record.hour_length:
        raise Mismatch("hour_length", length, record.hour_length)
    if str(oracle.pubkey()) not in record.oracles:
        raise NotAllowed(f"{oracle.pubkey()} is not an oracle of this network")
    if record.threshold > 1:
        raise UsageError(
            f"this network wants {record.threshold} oracles to sign a root; one is supported yet"
        )
    if not await rpc.balance(matcher.pubkey()):
        raise Refused(f"the matcher {matcher.pubkey()} has no SOL to pay fees with")


class Parts:
    """What every term of leading is made of: what lies in the folder is the same throughout."""

    def __init__(
        self,
        options: Options,
        record: NetworkRecord,
        rpc: Rpc,
        matcher: Keypair,
        oracle: Keypair,
        bucket: Bucket | None,
    ) -> None:
        self._rpc = rpc
        self._matcher = matcher
        self._oracle = oracle
        self._bucket = bucket
        self._network = _network(record)
        self._folder = options.folder.expanduser()
        self._max_blob = options.max_blob
        self._checks = SignatureChecks()
        self.instruments = Instruments()

    async def close(self) -> None:
        """End what works beside this process."""
        await self._checks.close()

    def open_folder(self) -> None:
        """Make what is missing of the folder. Raises `Refused` when it cannot be written."""
        hours, network = self._folder / "hours", self._network
        try:
            self._blobs = FolderBlobs(self._folder / "blobs", self._max_blob)
            self._logs = FolderLogs(self._folder / "logs")
            self._works = FolderWorks(hours)
            # anew in each term: others may have published hours meanwhile
            self._mirror = None if self._bucket is None else Mirror(hours, self._bucket)
            self._publisher = FolderPublisher(
                hours,
                hour_signer(self._oracle, network.genesis_hash, network.distributor),
                (lambda _: None) if self._mirror is None else self._mirror.published,
            )
            require_writable(self._folder)
        except OSError as error:
            raise Refused(f"{self._folder} cannot be used: {error.strerror}") from error

    def build(self, store: SqlStore, lease: Lease) -> tuple[Core, WorkerSockets]:
        """The core over its ports, which send nothing once the lease does not stand."""
        clock, signer = SystemClock(), KeypairSigner(self._matcher, self._checks)
        sockets = WorkerSockets(signer, lambda: lease.stands)
        rpc = lease.guard(self._rpc, "send")
        ports = Ports(
            chain=self.instruments.timed(ProgramChain(rpc, self._matcher, self._oracle)),
            store=store,
            blobs=self._blobs,
            logs=self._logs,
            publisher=self._publisher,
            works=self._works,
            link=sockets,
            signer=signer,
            clock=clock,
            chain_clock=ReadChainClock(clock),
        )
        core = Core(Context(ports, self._network, Pace.of(self._network)))
        self._start_mirror(core)
        return core, sockets

    def _start_mirror(self, core: Core) -> None:
        """Copy the hours to the store, if there is one, as long as the core's tasks run."""
        if (mirror := self._mirror) is not None:
            self.instruments.unmirrored.set_function(lambda: mirror.behind)
            core.tasks.start(mirror.run(), "mirror")


async def _serve(
    options: Options, record: NetworkRecord, parts: Parts, listening: socket.socket
) -> None:
    """Stand by and lead, in turns, until a signal."""
    host, port = listening.getsockname()[:2]
    seat = _seat(options, record, port)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    standby = Standby(lambda: seat.leader, lambda: seat.away, parts.instruments)
    front = Front(standby.application())
    server = Server(config_of(front))
    logging.getLogger().addHandler(EventCounter(parts.instruments.events))

    async def serve() -> None:
        log.info(
            "listening on http://%s:%s", host, port, extra={"action": "listening", "port": port}
        )
        await server.serve(sockets=[listening])

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await Terms(seat, parts, front, server, stop).run(serve)
        log.info("stopped", extra={"action": "stopped"})
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        await standby.close()
        await seat.close()
        await parts.close()


@contextmanager
def _beside(folder: Path, parts: Parts) -> Iterator[None]:
    """The folder, held beside others while this process lives: one that could not lead does not
    stand by."""
    with locked_beside(folder):
        parts.open_folder()
        yield


def _seat(options: Options, record: NetworkRecord, port: int) -> Seat:
    facts = {"genesis_hash": record.genesis_hash, "mint": record.mint}
    if options.database is None:
        return FolderSeat(options.folder.expanduser(), facts)
    return PostgresSeat(options.database, facts, _advertised(options, port))


def _advertised(options: Options, port: int) -> str:
    if options.advertise is not None:
        return options.advertise.rstrip("/")
    host = f"[{options.host}]" if ":" in options.host else options.host
    if options.host in EVERYWHERE:
        raise UsageError(
            f"--host {options.host} is no address that another orchestrator can reach; "
            "name this one's URL by --advertise"
        )
    return f"http://{host}:{port}"


def _network(record: NetworkRecord) -> Network:
    return Network(
        genesis_hash=record.genesis_hash,
        programs=record.programs,
        idl_hashes=record.idl_hashes,
        mint=record.mint,
        distributor=record.distributor,
        hour_length=record.hour_length,
        allow_simulated=record.allow_simulated,
        proof=record.proof,
    )


def _key_files(options: Options, record: NetworkRecord) -> tuple[Path, Path]:
    matcher = options.matcher or record.keys.matcher
    oracle = options.oracle or (record.keys.oracles[0] if record.keys.oracles else None)
    if matcher is None:
        raise UsageError("the network's file names no matcher key file; give one by --matcher")
    if oracle is None:
        raise UsageError("the network's file names no oracle key file; give one by --oracle")
    return matcher, oracle


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket, so that a taken port is known before chain and folder are touched."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except socket.gaierror as error:
            raise UsageError(f"--host {host} is not an address of this machine") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refused(f"port {port} on {host} is in use by another program") from error
            raise NotAllowed(f"{host}:{port} cannot be listened on: {error.strerror}") from error
        listening.listen(BACKLOG)
        listening.setblocking(False)
        yield listening
