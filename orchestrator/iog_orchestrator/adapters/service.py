"""The daemon as a process: everything opened and checked, served until a signal, closed again."""

import asyncio
import contextlib
import errno
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from solders.keypair import Keypair

from iog_client import addresses, wallets
from iog_client.api_models import MAX_BLOB
from iog_client.errors import Mismatch, NotAllowed, Refused, UsageError
from iog_client.networks import NetworkRecord, read_record
from iog_client.onchain import program_hashes
from iog_client.rpc import HttpRpc, Rpc
from iog_orchestrator.adapters import chain_accounts
from iog_orchestrator.adapters.blobs import FolderBlobs, FolderLogs, FolderPublisher
from iog_orchestrator.adapters.bucket import Bucket, s3
from iog_orchestrator.adapters.chain import ProgramChain
from iog_orchestrator.adapters.clocks import ReadChainClock, SystemClock
from iog_orchestrator.adapters.hour_works import FolderWorks
from iog_orchestrator.adapters.http.app import application
from iog_orchestrator.adapters.http.serving import config_of
from iog_orchestrator.adapters.instruments import EventCounter, Instruments
from iog_orchestrator.adapters.keys import KeypairSigner, hour_signer
from iog_orchestrator.adapters.mirror import Mirror, running
from iog_orchestrator.adapters.store import SqlStore
from iog_orchestrator.adapters.worker_socket import WorkerSockets
from iog_orchestrator.core.context import Context, Pace, Ports
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.domain.errors import OrchestratorError
from iog_orchestrator.domain.network import Network
from iog_orchestrator.ports import Chain

log = logging.getLogger(__name__)

BACKLOG = 2048


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


class Server(uvicorn.Server):
    """Uvicorn without its own signal handling: the daemon has one stop event."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run(options: Options) -> None:
    """Run the daemon until SIGTERM or SIGINT. Raises `IogError` for what keeps it from running."""
    bucket = None if options.publish is None else s3(options.publish)
    record = read_record(options.network)
    matcher, oracle = _keys(options, record)
    with _bound(options.host, options.port) as listening:
        rpc = HttpRpc(options.rpc_url)
        try:
            await check(rpc, record, matcher, oracle)
            instruments = Instruments()
            logging.getLogger().addHandler(EventCounter(instruments.events))
            chain = instruments.timed(ProgramChain(rpc, matcher, oracle))
            async with (
                _mirrored(options, bucket, instruments) as published,
                opened(options, record, chain, matcher, oracle, published) as (core, sockets),
            ):
                await serve(core, sockets, listening, instruments)
        except OrchestratorError as error:
            raise Refused(str(error)) from error
        finally:
            await rpc.close()


async def check(rpc: Rpc, record: NetworkRecord, matcher: Keypair, oracle: Keypair) -> None:
    """That the chain is the network's and these keys can work. Raises `IogError` in one line."""
    genesis = str(await rpc.genesis_hash())
    if genesis != record.genesis_hash:
        raise Mismatch("the genesis hash", genesis, record.genesis_hash)
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


@asynccontextmanager
async def _mirrored(
    options: Options, bucket: Bucket | None, instruments: Instruments
) -> AsyncIterator[Callable[[int], None]]:
    """Copies of the hours in a store, if there is one; gives what is to be told of each hour."""
    if bucket is None:
        yield lambda _: None
        return
    mirror = Mirror(options.folder.expanduser() / "hours", bucket)
    instruments.unmirrored.set_function(lambda: mirror.behind)
    async with running(mirror):
        yield mirror.published


@asynccontextmanager
async def opened(
    options: Options,
    record: NetworkRecord,
    chain: Chain,
    matcher: Keypair,
    oracle: Keypair,
    published: Callable[[int], None],
) -> AsyncIterator[tuple[Core, WorkerSockets]]:
    """The core over its ports, with the database of this network open."""
    folder = options.folder.expanduser()
    facts = {"genesis_hash": record.genesis_hash, "mint": record.mint}
    store = await SqlStore.open(folder, facts, options.database)
    try:
        clock, signer = SystemClock(), KeypairSigner(matcher)
        sockets = WorkerSockets(signer)
        network = Network(
            genesis_hash=record.genesis_hash,
            programs=record.programs,
            idl_hashes=record.idl_hashes,
            mint=record.mint,
            distributor=record.distributor,
            hour_length=record.hour_length,
            allow_simulated=record.allow_simulated,
            proof=record.proof,
        )
        sign = hour_signer(oracle, record.genesis_hash, record.distributor)
        ports = Ports(
            chain=chain,
            store=store,
            blobs=FolderBlobs(folder / "blobs", options.max_blob),
            logs=FolderLogs(folder / "logs"),
            publisher=FolderPublisher(folder / "hours", sign, published),
            works=FolderWorks(folder / "hours"),
            link=sockets,
            signer=signer,
            clock=clock,
            chain_clock=ReadChainClock(clock),
        )
        yield Core(Context(ports, network, Pace.of(network))), sockets
    finally:
        await store.close()


async def serve(
    core: Core, sockets: WorkerSockets, listening: socket.socket, instruments: Instruments
) -> None:
    """Serve until the core's stop event. Raises what a task of the core failed with."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, core.stop.set)
    server = Server(config_of(application(core, sockets, instruments)))
    await core.start()
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="http")
    stopped = asyncio.create_task(core.stop.wait(), name="stop")
    host, port = listening.getsockname()[:2]
    log.info("listening on http://%s:%s", host, port, extra={"action": "listening", "port": port})
    try:
        await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping", extra={"action": "stopping"})
    finally:
        core.stop.set()
        # the intake first, then what is under way, the database last (by the caller)
        server.should_exit = True
        core.context.changed.open()
        await sockets.close_all()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
        await core.end()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
    if core.tasks.failed is not None:
        raise core.tasks.failed
    log.info("stopped", extra={"action": "stopped"})


def _keys(options: Options, record: NetworkRecord) -> tuple[Keypair, Keypair]:
    matcher = options.matcher or record.keys.matcher
    oracle = options.oracle or (record.keys.oracles[0] if record.keys.oracles else None)
    if matcher is None:
        raise UsageError("the network's file names no matcher key file; give one by --matcher")
    if oracle is None:
        raise UsageError("the network's file names no oracle key file; give one by --oracle")
    return wallets.load(matcher, "matcher key"), wallets.load(oracle, "oracle key")


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket, so that a taken port is known before anything else is touched."""
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
