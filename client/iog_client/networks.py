"""Creates a network on a chain, starts its emission, keeps a record of it.

Creating is a list of steps. Each reads the chain first: what is there already is compared with the
file and left alone, so that an interrupted creation is resumed by running it again.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, amounts, interfaces, prebuilt, tokens, wallets
from iog_client._generated.iog_token.instructions import emission_start
from iog_client.errors import Mismatch, NotAllowed, NotFound, ProgramError, Refused, UsageError
from iog_client.genesis import Creation, Keyring, Report
from iog_client.networkfile import NetworkFile, fault
from iog_client.onchain import program_hashes
from iog_client.rpc import Rpc
from iog_client.transactions import Sender

LOCAL_SOL = 100 * amounts.SOL
ENOUGH_SOL = 10 * amounts.SOL
START_TRIES = 5
START_LEAD = 2
"""Seconds between asking the chain's time and the start that `now` means."""


class KeyPaths(BaseModel):
    """Where the key files lie; None for a key that is only known by its address."""

    model_config = ConfigDict(frozen=True)
    authority: Path
    guardian: Path | None
    slasher: Path | None
    arbiter: Path | None
    matcher: Path | None
    oracles: tuple[Path | None, ...]
    faucet: Path | None


class ClassRecord(BaseModel):
    """A GPU class. The multiplier is in thousandths; pool 0 is enterprise, 1 community."""

    model_config = ConfigDict(frozen=True)
    slug: str
    address: str
    names: tuple[str, ...]
    multiplier: int
    pool: int
    memory_gib: int


class BucketRecord(BaseModel):
    """A genesis bucket; the amount is in base units."""

    model_config = ConfigDict(frozen=True)
    index: int
    name: str
    beneficiary: str
    amount: int


class NetworkRecord(BaseModel):
    """What `iog network init` leaves behind for the daemons. Keys and hashes are base58."""

    model_config = ConfigDict(frozen=True)
    name: str
    genesis_hash: str
    mint: str
    distributor: str
    programs: dict[str, str]
    program_hashes: dict[str, str]
    idl_hashes: dict[str, str]
    hour_length: int
    pool_bps: int
    allow_simulated: bool
    proof: Literal["none", "required"] = "none"
    authority: str
    guardian: str
    slasher: str
    arbiter: str
    matcher: str
    oracles: tuple[str, ...]
    threshold: int
    keys: KeyPaths
    buckets: tuple[BucketRecord, ...]
    classes: tuple[ClassRecord, ...]


def find_record(named: Path | None = None) -> Path:
    """The network.json to use: the one named, in IOG_NETWORK, in this folder, or at home."""
    if named is not None:
        return named
    if os.environ.get("IOG_NETWORK"):
        return Path(os.environ["IOG_NETWORK"])
    for path in (Path("network.json"), Path("~/.config/iog/network.json").expanduser()):
        if path.exists():
            return path
    raise NotFound("no network.json found; name one with --network (`iog network init` writes it)")


def read_record(path: Path | str) -> NetworkRecord:
    """A network.json of a network that this client was made for.

    Raises `NotFound`, `UsageError` or `NotAllowed`, and `Refused` for one with other programs.
    """
    path = Path(path).expanduser()
    try:
        record = NetworkRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist; `iog network init` writes it") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder; name the network.json in it") from None
    except ValidationError as error:
        raise UsageError(f"{path} is not what `iog network init` wrote: {fault(error)}") from None
    except OSError as error:
        raise NotAllowed(f"{path} cannot be read: {error.strerror}") from None
    _require_ours(record, path)
    return record


def _require_ours(record: NetworkRecord, path: Path) -> None:
    for name, address in addresses.PROGRAMS.items():
        if record.programs.get(name) != str(address):
            raise Refused(
                f"{path} has {name} at {record.programs.get(name)}, and this iog was made for "
                f"{address}; use the iog that belongs to that network"
            )
    interfaces.require(record.idl_hashes, str(path))


def require_writable(path: Path) -> None:
    """See that a network.json can be written there, before a network is made.

    Raises `NotAllowed`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotAllowed(f"{path.parent} cannot be made: {error.strerror}") from None
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise NotAllowed(f"{path} cannot be written")


def write_record(path: Path, record: NetworkRecord) -> None:
    """Write a network.json in one move, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".new")
    partial.write_text(json.dumps(record.model_dump(mode="json"), indent=2) + "\n")
    partial.replace(path)


async def create(
    rpc: Rpc,
    file: NetworkFile,
    folder: Path,
    *,
    program_keys: Path | None = None,
    report: Report = lambda _: None,
) -> NetworkRecord:
    """Take every step that is still to be taken, and describe the network.

    `folder` is what key paths are relative to; `report` is told of each step. Raises `Mismatch`
    when the chain has something else than the file says, before anything is changed by that step.
    """
    keys = Keyring(file, folder)
    hashes = await program_hashes(rpc)
    authority = keys.keypair(file.keys.authority, "authority")
    if file.local:
        await _fund(rpc, keys.operating())
    creation = Creation(
        rpc, Sender(rpc, authority), file, keys, program_keys or prebuilt.LOCAL_KEYS, report
    )
    await creation.run()
    return _record(file, keys, str(await rpc.genesis_hash()), hashes)


async def _fund(rpc: Rpc, wanted: list[Pubkey]) -> None:
    for address in dict.fromkeys(wanted):
        if await rpc.balance(address) < ENOUGH_SOL:
            await tokens.airdrop_sol(rpc, address, LOCAL_SOL)


def _record(
    file: NetworkFile, keys: Keyring, genesis_hash: str, hashes: dict[str, str]
) -> NetworkRecord:
    named = file.keys
    return NetworkRecord(
        name=file.name,
        genesis_hash=genesis_hash,
        mint=str(addresses.mint()),
        distributor=str(addresses.distributor()),
        programs={name: str(address) for name, address in addresses.PROGRAMS.items()},
        program_hashes=hashes,
        idl_hashes=interfaces.HASHES,
        hour_length=file.hour_length,
        pool_bps=file.pool_bps,
        allow_simulated=file.allow_simulated,
        proof=file.proof,
        authority=str(keys.address(named.authority, "authority")),
        guardian=str(keys.address(named.guardian, "guardian")),
        slasher=str(keys.address(named.slasher, "slasher")),
        arbiter=str(keys.address(named.arbiter, "arbiter")),
        matcher=str(keys.address(named.matcher, "matcher")),
        oracles=tuple(str(keys.address(one, "oracle")) for one in named.oracles),
        threshold=file.threshold,
        keys=_paths(file, keys),
        buckets=tuple(
            BucketRecord(
                index=index,
                name=one.name,
                beneficiary=str(keys.address(one.beneficiary, f"genesis.{index}")),
                amount=one.amount,
            )
            for index, one in enumerate(file.genesis)
        ),
        classes=tuple(
            ClassRecord(**one.model_dump(), address=str(addresses.class_address(one.slug)))
            for one in file.classes
        ),
    )


def _paths(file: NetworkFile, keys: Keyring) -> KeyPaths:
    named = file.keys
    authority = keys.path(named.authority)
    assert authority is not None  # its key pair was read above
    return KeyPaths(
        authority=authority,
        guardian=keys.path(named.guardian),
        slasher=keys.path(named.slasher),
        arbiter=keys.path(named.arbiter),
        matcher=keys.path(named.matcher),
        oracles=tuple(keys.path(one) for one in named.oracles),
        faucet=keys.path(named.faucet) if named.faucet else None,
    )


async def start(rpc: Rpc, authority: Keypair, at: int | None = None) -> int:
    """Start emission at a unix time, or now; when it starts. Doing it again changes nothing.

    Raises `Mismatch` when it was started for another time than the one asked for.
    """
    sender = Sender(rpc, authority)
    for attempt in range(1, START_TRIES + 1):
        settings = await tokens.config(rpc)
        if settings.start:
            if at is not None and at != settings.start:
                raise Mismatch("the start of emission", settings.start, at)
            return settings.start
        when = at if at is not None else await rpc.chain_time() + START_LEAD
        instruction = emission_start(
            {"at": when},
            {"authority": authority.pubkey(), "config": addresses.token_config()},
        )
        try:
            await sender.send([instruction])
        except ProgramError as error:
            # `now` may have passed before the chain got to it
            if at is not None or error.name != "StartInThePast" or attempt == START_TRIES:
                raise
        else:
            return when
    raise AssertionError("the last attempt returns or raises")


def load_authority(record: NetworkRecord) -> Keypair:
    """The authority's key of a network created here."""
    return wallets.load(record.keys.authority, "authority key")
