"""What has to hold after every fault, by the chain, the files and the processes that are left."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from solders.pubkey import Pubkey

from iog_client import addresses, jobs, records, rewards, schedule, tokens
from iog_client._generated.iog_jobs.accounts import Job
from iog_client._generated.iog_rewards.accounts import Recipient
from iog_client._generated.iog_token.accounts import Config
from iog_client.demo.processes import IOG
from iog_client.errors import IogError
from iog_client.reasons import EndReason
from iog_client.tokens import GENESIS_SUPPLY
from iog_client.transactions import Sender
from iog_worker import processes
from iog_worker.folder import NodeFolder

if TYPE_CHECKING:
    from tests.chaos.world import World

FEE_BPS = 25
PATIENCE = 30.0
UNPAID = frozenset({"node_failed", "node_stopped", "node_lost", "start_missed", "platform_failed"})
MISMATCH = re.compile(r'^iog_mismatches\{kind="(\w+)"\} (\S+)$', re.MULTILINE)
OWN_MARK = b"IOG_RUN_TOKEN="


class Ledger:
    """Holds a network against its rules, and remembers what must not change from look to look."""

    def __init__(self, world: World, client: str, given: int) -> None:
        self._world = world
        self._client = client
        self._given = given
        self._published: dict[str, str] = {}
        self._settled: dict[Pubkey, bytes] = {}

    async def problems(self) -> list[str]:
        """What does not hold; nothing is the only good answer."""
        await self._claim()
        found = await self._world.jobs()
        return [
            *self._jobs(found),
            *await self._money(found),
            *await self._emission(),
            *await self._hours(),
            *await self._mismatches(),
            *await self._processes(),
            *await asyncio.to_thread(lambda: [*half_written(self._world.folder)]),
        ]

    # jobs

    def _jobs(self, found: dict[Pubkey, Job]) -> Iterator[str]:
        for address, job in found.items():
            yield from _job(address, job)
            said = repr(job).encode()
            if self._settled.setdefault(address, said) != said:
                yield f"job {address} changed after it was settled"
        yield from (f"job {one} is gone from the chain" for one in self._settled.keys() - found)

    async def _money(self, found: dict[Pubkey, Job]) -> list[str]:
        """Every wallet and vault to the base unit: nothing was paid twice, nothing is missing."""
        rpc, owners = self._world.rpc, [node.owner.pubkey() for node in self._world.nodes]
        paid = dict.fromkeys(owners, 0)
        for job in found.values():
            if job.paid:
                paid[job.payee] += job.paid
        claims = {owner: await rewards.claimed(rpc, owner) for owner in owners}
        expected = {
            f"owner {owner}": (addresses.tokens(owner), paid[owner] + claims[owner])
            for owner in owners
        }
        spent = sum(job.paid + job.fees for job in found.values())
        client = addresses.tokens(self._world.wallet(self._client).pubkey())
        expected["client"] = (client, self._given - spent)
        fees = sum(job.fees for job in found.values())
        expected["fee vault"] = (addresses.fee_vault(), fees)
        for address in found:
            expected[f"vault of job {address}"] = (addresses.job_vault(address), 0)
        held = await tokens.amounts_at(rpc, [address for address, _ in expected.values()])
        return [
            f"{name} holds {real}, not {amount}"
            for (name, (_, amount)), real in zip(expected.items(), held, strict=True)
            if real != amount
        ]

    # emission and rewards

    async def _claim(self) -> None:
        """Every owner draws what a root gives it; one without any, or late for it, does not."""
        for node in self._world.nodes:
            try:
                proof = await self._world.api.reward(str(node.owner.pubkey()))
                await rewards.claim(Sender(self._world.rpc, node.owner), proof)
            except IogError:
                continue

    async def _emission(self) -> list[str]:
        """What was minted and where it is; read again if an hour was minted meanwhile."""
        while True:
            before = await tokens.config(self._world.rpc)
            problems = await self._minted(before)
            after = await tokens.config(self._world.rpc)
            if not problems or after.advanced_hour == before.advanced_hour:
                return problems

    async def _minted(self, config: Config) -> list[str]:
        rpc, problems = self._world.rpc, []
        found = await tokens.supply(rpc)
        emitted = schedule.emitted(config.advanced_hour)
        if config.minted != emitted:
            problems.append(f"{config.minted} were minted by hour {config.advanced_hour}")
        if found.supply != GENESIS_SUPPLY + emitted:
            problems.append(f"the supply is {found.supply}")
        if config.to_rewards + config.to_pool != config.minted:
            problems.append("rewards and pool did not get what was minted")
        record = await rewards.distributor(rpc)
        recipients = await records.search(rpc, addresses.REWARDS, Recipient)
        claimed = sum(one.claimed for _, one in recipients)
        if claimed != record.claimed or claimed > max(record.total, record.pending_total):
            problems.append(f"{claimed} claimed, {record.claimed} on record, of {record.total}")
        vaults = [addresses.rewards_vault(), addresses.pool_vault()]
        held = await tokens.amounts_at(rpc, vaults)
        if held != [config.to_rewards - claimed, config.to_pool]:
            problems.append(f"the vaults of rewards and pool hold {held}")
        return problems

    async def _hours(self) -> list[str]:
        """Each hour once, as it was, by its own files, and the newest root as the chain has it."""
        newest = await self._anchored()
        files = sorted(self._world.hours_folder.glob("hour-*.json"))
        data = [path.read_bytes() for path in files]
        problems = [
            f"{path.name} changed after it was published"
            for path, one in zip(files, data, strict=True)
            if self._published.setdefault(path.name, _sha256(one)) != _sha256(one)
        ]
        names = [f"hour-{number:06}.json" for number in range(1, len(files) + 1)]
        if [path.name for path in files] != names:
            problems.append(f"published are {[path.name for path in files]}")
        ended = (await tokens.supply(self._world.rpc)).hour
        if len(files) > ended:
            problems.append(f"{len(files)} hours are published, {ended} have ended")
        if newest:
            problems += await self._verified(newest)
        return problems

    async def _anchored(self) -> int:
        """The newest hour whose root is on chain, once all hours that ended are closed."""
        end = time.monotonic() + PATIENCE
        while True:
            record = await rewards.distributor(self._world.rpc)
            newest = max(record.epoch, record.pending_epoch)
            ended = (await tokens.supply(self._world.rpc)).hour
            if newest >= ended - 1 or time.monotonic() > end:
                return int(newest)
            await asyncio.sleep(0.2)

    async def _verified(self, hour: int) -> list[str]:
        """What the command itself says, from the files alone."""
        process = await asyncio.create_subprocess_exec(
            str(IOG), "reward", "verify", "--hour", str(hour), "--from",
            str(self._world.hours_folder), "--rpc", self._world.rpc_url,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        return [] if process.returncode == 0 else [f"verify: {(out + err).decode().strip()}"]

    # what is left in the processes

    async def _mismatches(self) -> list[str]:
        """The differences that reconcile sees: none, once it has looked twice."""
        end = time.monotonic() + PATIENCE
        while True:
            text = await metrics(self._world)
            standing = {kind: value for kind, value in MISMATCH.findall(text) if float(value)}
            if not standing:
                return []
            if time.monotonic() > end:
                return [f"mismatches stand: {standing}"]
            await asyncio.sleep(0.5)

    async def _processes(self) -> list[str]:
        """No zombie below a process of the network, nothing of a job that has ended."""
        end = time.monotonic() + PATIENCE
        while True:
            zombies = [one for pid in self._world.children() for one in _zombies(pid)]
            left = _of_jobs(self._world.folder)
            runs = [*self._world.folder.glob("nodes/*/runs/*")]
            groups = [*_groups(self._world.folder)]
            if not (zombies or left or runs or groups):
                return []
            if time.monotonic() > end:
                return [f"zombies {zombies}, processes {left}, runs {runs}, groups {groups}"]
            await asyncio.sleep(0.2)


async def metrics(world: World) -> str:
    """The orchestrator's figures as Prometheus reads them."""
    import httpx

    async with httpx.AsyncClient() as client:
        return (await client.get(f"{world.leader_url}/metrics")).text


def _job(address: Pubkey, job: Job) -> Iterator[str]:
    """What is wrong with one job, by its own record."""
    state, reason = jobs.STATES[job.state], EndReason(job.reason).label
    if state != "settled":
        yield f"job {address} is {state}"
    if job.funded != job.paid + job.fees + job.refunded:
        yield f"job {address}: {job.funded} came in, {job.paid + job.fees + job.refunded} went out"
    gross = job.price * job.gpus * job.proven_seconds
    if job.proven_seconds > job.max_seconds or (reason in UNPAID and job.paid):
        yield f"job {address}: {reason}, {job.proven_seconds} s, {job.paid} paid"
    if job.paid and job.paid != gross - jobs.fee_of(gross, FEE_BPS):
        yield f"job {address}: {job.paid} paid for {gross}"


def half_written(folder: Path) -> Iterator[str]:
    """Files under their final names that are not whole."""
    for path in folder.rglob("*.json"):
        if "work" not in path.parts:
            try:
                json.loads(path.read_bytes())
            except ValueError:
                yield f"{path} is not JSON"
            except FileNotFoundError:
                continue
    for path in (folder / "orchestrator" / "blobs").iterdir():
        if path.is_file() and _sha256(path.read_bytes()) != path.name:
            yield f"{path} is not what its name says"
    for path in folder.glob("*/*.sqlite*"):
        if path.suffix not in (".sqlite", ".sqlite3"):
            continue
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            [[said]] = database.execute("PRAGMA integrity_check").fetchall()
        if said != "ok":
            yield f"{path}: {said}"


def _zombies(parent: int) -> list[int]:
    found = []
    for pid in processes.numbers():
        try:
            fields = (processes.PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        if fields[0] == b"Z" and int(fields[1]) == parent:
            found.append(pid)
    return found


def _groups(folder: Path) -> Iterator[Path]:
    """Control groups of the runs of this network's nodes."""
    for node in folder.glob("nodes/*"):
        if (tree := NodeFolder(node).kept_groups()) is not None:
            for place in set(tree.folders.values()):
                yield from Path(place).glob(f"{tree.prefix}*")


def _of_jobs(folder: Path) -> list[int]:
    """Processes that a run's mark says are of a job of this network."""
    found, here = [], str(folder).encode()
    for pid in processes.numbers():
        try:
            environ = (processes.PROC / str(pid) / "environ").read_bytes()
        except OSError:
            continue
        if OWN_MARK in environ and here in environ:
            found.append(pid)
    return found


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
