"""What a chain has of a network: its programs, compared with ours, and its configuration."""

from __future__ import annotations

import hashlib

from pydantic import BaseModel

from iog_client import addresses, loader, nodes, prebuilt, schedule, tokens
from iog_client._generated.iog_jobs.accounts import Config as JobsConfig
from iog_client._generated.iog_rewards.accounts import Distributor
from iog_client._generated.iog_staking.accounts import Class
from iog_client._generated.iog_staking.accounts import Config as StakingConfig
from iog_client.errors import Mismatch, NotFound
from iog_client.rpc import Rpc


class ProgramOnChain(BaseModel):
    """A program; `shipped` None when there is no compiled program to compare with."""

    name: str
    id: str
    sha256: str
    shipped: bool | None


class ClassOnChain(BaseModel):
    """A class; the multiplier is in thousandths, pool 0 is enterprise, 1 community."""

    slug: str
    multiplier: int
    pool: int
    enabled: bool


class OnChain(BaseModel):
    """What a chain has of a network."""

    genesis_hash: str
    mint: str
    authority: str
    guardian: str
    hour_length: int
    pool_bps: int
    sealed: bool
    start: int
    hours_ended: int
    total_staked: str
    oracles: tuple[str, ...]
    threshold: int
    fee_bps: int
    programs: tuple[ProgramOnChain, ...]
    classes: tuple[ClassOnChain, ...]


async def require_chain(rpc: Rpc, expected: str) -> None:
    """Raises `Mismatch` when the node is of another chain than the network's."""
    found = str(await rpc.genesis_hash())
    if found != expected:
        hint = f"the network's is {expected}: this is another chain, or it was begun anew"
        raise Mismatch("the genesis hash", found, expected, hint)


async def require_programs(rpc: Rpc) -> None:
    """Raises `NotFound` on a chain that lacks one of the programs."""
    found = await rpc.accounts(list(addresses.PROGRAMS.values()))
    for (name, address), account in zip(addresses.PROGRAMS.items(), found, strict=True):
        if account is None or not account.executable:
            raise NotFound(
                f"the chain has no program {name} ({address}); `iog deploy` puts it there"
            )


async def program_hashes(rpc: Rpc) -> dict[str, str]:
    """The sha256 of each program's code on chain, compared with the code this client came with.

    Raises `NotFound` for a program that is missing, on the chain or here, and `Mismatch`, naming
    both hashes, for another one.
    """
    programs = await read_programs(rpc)
    for one in programs:
        if one.shipped is None:
            prebuilt.load(one.name, "v3")  # says what is missing: nothing to compare with
        if one.shipped is False:
            known = " or ".join(file.sha256 for file in _shipped(one.name))
            hint = f"this iog was made for {known}; use the iog that belongs to that network"
            raise Mismatch(f"the sha256 of {one.name}", one.sha256, known, hint)
    return {one.name: one.sha256 for one in programs}


async def read_programs(rpc: Rpc) -> tuple[ProgramOnChain, ...]:
    """The programs and whether their code is ours. Raises `NotFound` for a missing one."""
    await require_programs(rpc)
    found = await rpc.accounts(
        [loader.program_data_address(address) for address in addresses.PROGRAMS.values()]
    )
    programs = []
    for (name, address), account in zip(addresses.PROGRAMS.items(), found, strict=True):
        if account is None:
            raise NotFound(f"program {name} ({address}) was closed")
        programs.append(_program(name, loader.read_program_data(account.data).code))
    return tuple(programs)


def _program(name: str, code: bytes) -> ProgramOnChain:
    """What is deployed. Upgrades may leave room behind the code, which is not part of its hash."""
    address = str(addresses.PROGRAMS[name])
    known = _shipped(name)
    for file in known:
        if code[: len(file.code)] == file.code and not any(code[len(file.code) :]):
            return ProgramOnChain(name=name, id=address, sha256=file.sha256, shipped=True)
    digest = hashlib.sha256(code.rstrip(b"\0")).hexdigest()
    return ProgramOnChain(name=name, id=address, sha256=digest, shipped=False if known else None)


def _shipped(name: str) -> list[prebuilt.ProgramFile]:
    archs: tuple[prebuilt.Arch, ...] = ("v0", "v3")
    files = []
    for arch in archs:
        try:
            files.append(prebuilt.load(name, arch))
        except NotFound:
            continue
    return files


async def read_chain(rpc: Rpc) -> OnChain:
    """Read a network from its chain. Raises `NotFound` for what is not there yet."""
    programs = await read_programs(rpc)
    token = await tokens.config(rpc)
    found = await rpc.accounts(
        [addresses.staking_config(), addresses.distributor(), addresses.jobs_config()]
    )
    for name, account in zip(("iog_staking", "iog_rewards", "iog_jobs"), found, strict=True):
        if account is None:
            raise NotFound(f"{name} is not initialized; `iog network init` does it")
    staking, rewards, jobs = (account.data for account in found if account is not None)
    distributor = Distributor.decode(rewards)
    classes = await rpc.program_accounts(
        addresses.STAKING, data_size=Class.size, memcmp=[(0, Class.discriminator)]
    )
    now = await rpc.chain_time()
    hour = schedule.hour_at(token.start, token.hour_length, now)
    return OnChain(
        genesis_hash=str(await rpc.genesis_hash()),
        mint=str(token.mint),
        authority=str(token.authority),
        guardian=str(token.guardian),
        hour_length=token.hour_length,
        pool_bps=token.pool_bps,
        sealed=bool(token.sealed),
        start=token.start,
        hours_ended=schedule.hours_ended(token.start, token.hour_length, now),
        total_staked=str(StakingConfig.decode(staking).total_staked),
        oracles=tuple(map(str, distributor.oracles[: distributor.oracle_count])),
        threshold=distributor.threshold,
        fee_bps=JobsConfig.decode(jobs).fee_bps,
        programs=programs,
        classes=tuple(
            sorted(
                (_class(Class.decode(account.data), hour) for _, account in classes),
                key=lambda one: (-one.multiplier, one.slug),
            )
        ),
    )


def _class(held: Class, hour: int) -> ClassOnChain:
    multiplier, enabled = nodes.class_at(held, hour)
    return ClassOnChain(
        slug=held.slug.rstrip(b"\0").decode(),
        multiplier=multiplier,
        pool=held.pool,
        enabled=enabled,
    )
