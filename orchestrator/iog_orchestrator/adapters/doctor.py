"""`iog orchestrator doctor`: whether this machine can serve its network."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from solders.pubkey import Pubkey

from iog_client import amounts, networks, rewards, schedule, tokens, wallets
from iog_client.doctor import (
    OTHER_CHAIN,
    chain_checks,
    free_bytes,
    orchestrator_checks,
    private,
)
from iog_client.errors import NotAllowed, UsageError
from iog_client.examination import Broken, Doubt, Examination
from iog_client.networks import NetworkRecord
from iog_client.onchain import require_chain
from iog_client.rpc import Rpc
from iog_orchestrator.adapters import folder_lock, postgres_seat, sqlite
from iog_orchestrator.adapters.folder_lock import ALONE, BESIDE, require_writable
from iog_orchestrator.adapters.outcomes import told
from iog_orchestrator.domain.errors import StoreRefused

GIB = 1 << 30
LITTLE_DISK = 5 * GIB
LITTLE_SOL = amounts.SOL
"""Lamports that pay for about 200,000 transactions of one signature."""
HOURS_LATE = 2
"""Ended hours without a root after which something is wrong: one is always being closed."""


@dataclass(frozen=True, slots=True)
class Served:
    """What is looked at. `rpc_url` and `url` are where the chain and the daemon answer."""

    network: Path | None
    folder: Path
    rpc: Rpc
    rpc_url: str
    url: str
    matcher: Path | None = None
    oracle: Path | None = None
    database: str | None = field(default=None, repr=False)
    now: Callable[[], float] = time.time


async def examine(served: Served) -> Examination:
    """The network's file, keys, chain, the matcher's SOL, the database's folder, the daemon."""
    looking = Examination()
    await looking.look(
        "network file",
        partial(_record, served),
        todo="`iog network init` writes one; --network or IOG_NETWORK names another",
    )
    for role in ("matcher", "oracle"):
        todo = f"name its file by --{role}"
        await looking.look(f"{role} key", partial(_key, served, role), "network file", todo=todo)
    await chain_checks(looking, served.rpc, served.rpc_url, served.now)
    await looking.look(
        "same chain",
        partial(_same_chain, served),
        "network file",
        "chain",
        todo="--rpc names another Solana node, --network another network's file",
    )
    await looking.look("fees", partial(_fees, served), "matcher key", "chain", todo=OTHER_CHAIN)
    await looking.look(
        "hours",
        partial(_hours, served),
        "chain",
        "programs",
        todo="`iog network init` goes on where it was",
    )
    await looking.look(
        "folder",
        partial(_folder, served),
        todo="let this user write there, or name another by --db",
    )
    await looking.look(
        "database", partial(_database, served), "network file", "folder", todo=_other(served)
    )
    await orchestrator_checks(looking, served.url, served.now)
    return looking


def _other(served: Served) -> str:
    """What names another database."""
    return f"name another by {'--db' if served.database is None else '--database'}"


def _read(served: Served) -> NetworkRecord:
    return networks.read_record(networks.find_record(served.network))


async def _record(served: Served) -> str:
    record = _read(served)
    path = networks.find_record(served.network)
    return f"{record.name} in {path}, hours of {record.hour_length} s"


def key_file(served: Served, record: NetworkRecord, role: str) -> Path:
    """The file of the matcher's or the oracle's key. Raises `UsageError` when none is named."""
    if role == "matcher":
        path = served.matcher or record.keys.matcher
    else:
        path = served.oracle or next((one for one in record.keys.oracles if one), None)
    if path is None:
        raise UsageError(f"the network's file names no {role} key file")
    return path


async def _key(served: Served, role: str) -> str:
    record = _read(served)
    path = key_file(served, record, role)
    address = str(wallets.load(path, f"{role} key").pubkey())
    known = (record.matcher,) if role == "matcher" else record.oracles
    if role == "oracle" and address not in known:
        raise NotAllowed(f"{address} is not an oracle of this network")
    private(path, f"{role} key")
    if address not in known:
        raise Doubt(
            f"{address} is not the matcher that the network's file names",
            "clients of that file open their jobs for another matcher",
        )
    return f"{address} in {path}"


async def _same_chain(served: Served) -> str:
    record = _read(served)
    await require_chain(served.rpc, record.genesis_hash)
    return f"the chain is the network's, {record.genesis_hash}"


async def _fees(served: Served) -> str:
    matcher: Pubkey = wallets.load(key_file(served, _read(served), "matcher")).pubkey()
    held = await served.rpc.balance(matcher)
    if not held:
        raise Broken(
            f"the matcher {matcher} holds no SOL, so that it can pay no fee",
            f"send SOL to {matcher}; on a local chain `iog wallet airdrop 10 --to {matcher}`",
        )
    said = f"the matcher holds {amounts.format_sol(held)}"
    if held < LITTLE_SOL:
        raise Doubt(f"{said}: little", f"send SOL to {matcher}")
    return said


async def _hours(served: Served) -> str:
    config = await tokens.config(served.rpc)
    if not config.start:
        raise Doubt("emission has not started", "`iog network start` starts it, once")
    found = await rewards.distributor(served.rpc)
    closed = max(found.epoch, found.pending_epoch)
    now = await served.rpc.chain_time()
    ended = schedule.hours_ended(config.start, config.hour_length, now)
    said = f"hour {closed} is the newest with a root, hour {ended} the newest that ended"
    if ended - closed > HOURS_LATE:
        raise Doubt(
            said, "nobody earned in them, or no orchestrator closes them; the next root pays"
        )
    return said


async def _folder(served: Served) -> str:
    folder = served.folder.expanduser()
    _require_writable(folder)
    used = _used(folder, shared=served.database is not None)
    free = free_bytes(folder)
    said = f"{folder} with {free / GIB:.0f} GiB free"
    if free < LITTLE_DISK:
        raise Doubt(f"{said}: little", "make room: uploads and logs of jobs lie there")
    return f"{said}, {used}"


async def _database(served: Served) -> str:
    record = _read(served)
    facts = {"genesis_hash": record.genesis_hash, "mint": record.mint}
    try:
        if served.database is None:
            return await sqlite.state(served.folder.expanduser(), facts)
        return await postgres_seat.state(served.database, facts)
    except StoreRefused as error:
        raise told(error) from error


def _used(folder: Path, *, shared: bool) -> str:
    """Who has the folder. Raises `Broken` when that keeps an orchestrator like this one out."""
    try:
        found = folder_lock.user(folder)
    except StoreRefused as error:
        raise NotAllowed(str(error)) from error
    if found is None:
        return "not used yet"
    if found == (ALONE if shared else BESIDE):
        raise Broken(
            f"{folder} is in use by {found}",
            "start this one as those that have it, or name another folder by --db",
        )
    if found == BESIDE:
        return f"in use by {BESIDE}"
    return "in use by an orchestrator" if found else "no orchestrator has it now"


def _require_writable(folder: Path) -> None:
    """The folder, or where it will be made. Raises `NotAllowed`."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    try:
        require_writable(there)
    except OSError as error:
        raise NotAllowed(f"{there} cannot be written: {error.strerror}") from error
