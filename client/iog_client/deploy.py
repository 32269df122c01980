"""Puts the programs on a chain by transactions of the upgradeable loader.

Every step looks at the chain first, so a deployment that was killed goes on where it was, and one
that is done changes nothing. The buffer's key is derived from the payer's and the code, so the next
attempt finds the bytes already written.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import CreateAccountParams, create_account

from iog_client import addresses, funds, loader, prebuilt
from iog_client.embedded.methods import MARK
from iog_client.endpoints import is_local
from iog_client.errors import InsufficientSol, Mismatch, NotAllowed, NotFound, Refused
from iog_client.prebuilt import Arch, ProgramFile
from iog_client.rpc import SIGNATURE_FEE, Rpc
from iog_client.transactions import MAX_BYTES, Sender, compile_message

Action = Literal["same", "deploy", "upgrade", "differs", "absent"]
Progress = Callable[[str, int, int], None]
"""Called with a program's name, and its chunks written of how many."""

PARALLEL = 24
OTHER_SIGNATURES = 8
"""At most those of creating the buffer, extending, and deploying or upgrading."""
BLOCK_POLL = 0.2
EXTEND_AT_LEAST = 10_240
"""Smallest extension of a program that today's clusters accept (SIMD-0431), in bytes."""

SBPF_V3 = Pubkey.from_string("5cC3foj77CWun58pC51ebHFUWavHWKarWyR5UUik7dnC")
"""Account of the feature that lets a cluster run SBPF v3."""

PUBLIC_CLUSTERS = {
    "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d": "mainnet-beta",
    "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG": "devnet",
    "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY": "testnet",
}
LOCAL_IDS = frozenset(
    Pubkey.from_string(text)
    for text in (
        "CDc1nT27Ld5pThW2PbdAu2KDwHuN4VgLrQHKdWkVk9W6",
        "ASSAosC1fiaPZvEZ7Bm73eoy8f96Tawwbr5KWqUEwcia",
        "EWmAMAKU3LAuVhTENRZbDuaMMkvdmQ5xEWVE97qsV3Av",
        "3W3gpj8dFTGt6pofbyZKmDCRKeohBF6nnvu9j84s4o5h",
    )
)
"""Program ids whose keys everybody has, because the repository holds them."""


@dataclass(frozen=True)
class Step:
    """What is to be done, or was done, with one program; `on_chain` None when it is not there."""

    program: ProgramFile
    action: Action
    on_chain: str | None
    lamports: int = 0


def refuse_public_keys(genesis: Hash, url: str, ids: Sequence[Pubkey]) -> None:
    """Raises `Refused` where ids whose keys are public would meet strangers."""
    if not LOCAL_IDS.intersection(ids):
        return
    cluster = PUBLIC_CLUSTERS.get(str(genesis))
    if cluster is None and is_local(url):
        return
    where = f"the chain at {url} is {cluster}" if cluster else f"{url} is not on this machine"
    raise Refused(
        f"{where}, and everybody has the keys of these program ids; "
        "build with your own: `make programs KEYS=<folder>`"
    )


async def is_embedded(rpc: Rpc) -> bool:
    """Whether the chain is the embedded one, which takes no loader transactions."""
    return MARK in await rpc.version()


async def architecture(rpc: Rpc) -> Arch:
    """The instruction set to deploy: v3 once the cluster has activated it, else v0."""
    feature = await rpc.account(SBPF_V3)
    return "v3" if feature is not None and feature.data[:1] == b"\1" else "v0"


def _digest(code: bytes) -> str:
    return hashlib.sha256(code).hexdigest()


def _same(on_chain: bytes, code: bytes) -> bool:
    """Whether an account's code is `code`, with room behind it or not."""
    return on_chain[: len(code)] == code and not any(on_chain[len(code) :])


class Deployer:
    """Deploys programs; `payer` pays, `authority` may change them later."""

    def __init__(
        self,
        rpc: Rpc,
        payer: Keypair,
        authority: Keypair,
        *,
        progress: Progress = lambda *_: None,
        parallel: int = PARALLEL,
    ) -> None:
        self._rpc = rpc
        self._payer = payer
        self._authority = authority
        self._sender = Sender(rpc, payer)
        self._progress = progress
        self._turns = asyncio.Semaphore(parallel)

    async def plan(self, programs: Sequence[ProgramFile]) -> list[Step]:
        """What would be done, after comparing hashes. Changes nothing."""
        if await is_embedded(self._rpc):
            return [await self._compare(one) for one in programs]
        rent = await funds.rent_rate(self._rpc)
        return [await self._step(one, rent) for one in programs]

    async def _compare(self, program: ProgramFile) -> Step:
        found = await self._on_chain(program.id)
        if found is None:
            return Step(program, "absent", None)
        same = _same(found.code, program.code)
        return Step(program, "same" if same else "differs", _shown(found.code, program.code))

    async def _step(self, program: ProgramFile, rent: Callable[[int], int]) -> Step:
        found = await self._on_chain(program.id)
        size = len(program.code)
        signers = 1 if self._authority == self._payer else 2
        fees = SIGNATURE_FEE * (signers * len(list(self._chunks(program))) + OTHER_SIGNATURES)
        buffer = await self._rpc.account(self.buffer_key(program).pubkey())
        held = buffer.lamports if buffer else 0
        if found is None:
            cost = max(rent(size + loader.PROGRAM_DATA_HEADER) - held, 0) + rent(
                loader.PROGRAM_SIZE
            )
            return Step(program, "deploy", None, cost + fees)
        if any(_same(found.code, code) for code in _variants(program)):
            return Step(program, "same", _shown(found.code, program.code))
        self._may_upgrade(program, found)
        # The buffer's rent comes back with the upgrade, but has to be there until then.
        cost = max(rent(size + loader.BUFFER_HEADER) - held, 0) + fees
        extra = _extension(found.code, program.code)
        if extra:
            cost += rent(extra) - rent(0)
        return Step(program, "upgrade", _shown(found.code, program.code), cost)

    def _may_upgrade(self, program: ProgramFile, found: loader.ProgramData) -> None:
        if found.authority is None:
            raise Refused(f"{program.name} ({program.id}) has other code, and nobody may change it")
        if found.authority != self._authority.pubkey():
            raise NotAllowed(
                f"{program.name} ({program.id}) may be changed by {found.authority} only, "
                f"not by {self._authority.pubkey()}"
            )

    async def _on_chain(self, program: Pubkey) -> loader.ProgramData | None:
        """The program's code on chain; None when nothing was deployed there."""
        pointer, data = await self._rpc.accounts([program, loader.program_data_address(program)])
        if pointer is None or data is None:
            return None
        if pointer.owner != loader.LOADER or not pointer.data:
            raise Refused(f"{program} is not a program of the upgradeable loader")
        return loader.read_program_data(data.data)

    async def run(self, steps: Sequence[Step], ids: Mapping[Pubkey, Keypair]) -> None:
        """Does the steps. `ids` are the id keys of programs that are not on chain yet.

        Raises `InsufficientSol` and `NotFound` (of an id key) before the first write, and
        `Mismatch` when the chain holds other code afterwards.
        """
        for step in steps:
            if step.action == "deploy" and step.program.id not in ids:
                raise NotFound(f"the id key of {step.program.name} ({step.program.id}) is missing")
        await self._check_sol(sum(step.lamports for step in steps))
        for step in steps:
            if step.action == "deploy":
                await self._write(step.program)
                await self._deploy(step.program, ids[step.program.id])
            elif step.action == "upgrade":
                await self._write(step.program)
                await self._upgrade(step.program)
            else:
                continue
            await self._verify(step.program)
            # Code can be called from the block after the one it was deployed in.
            await self._next_block(step.program)

    async def _check_sol(self, needed: int) -> None:
        payer = self._payer.pubkey()
        held = await self._rpc.balance(payer)
        if held < needed:
            message = (
                f"{payer} holds {held / 10**9:.6f} SOL; the deployment needs {needed / 10**9:.6f}"
            )
            raise InsufficientSol(
                "InsufficientFunds", (), message, payer=payer, held=held, needed=needed
            )

    async def _verify(self, program: ProgramFile) -> None:
        found = await self._on_chain(program.id)
        if found is None or not _same(found.code, program.code):
            shown = _shown(found.code, program.code) if found else "absent"
            raise Mismatch(f"sha256 of {program.name}", shown, program.sha256)

    # the buffer

    def buffer_key(self, program: ProgramFile) -> Keypair:
        """The same key for the same payer and code; nobody without the payer's key can make it."""
        seed = hashlib.sha256(
            b"iog-deploy-buffer"
            + self._payer.secret()
            + bytes(program.id)
            + bytes.fromhex(program.sha256)
        )
        return Keypair.from_seed(seed.digest())

    def _write_one(self, program: ProgramFile, offset: int, chunk: bytes) -> Instruction:
        buffer = self.buffer_key(program).pubkey()
        return loader.write(buffer, self._authority.pubkey(), offset, chunk)

    def _chunks(self, program: ProgramFile) -> Iterator[tuple[int, bytes]]:
        """Offset and bytes of each write, as long as a transaction takes."""
        sample = compile_message(
            self._payer.pubkey(), [self._write_one(program, 0, b"")], Hash.default()
        )
        signatures = 1 + 64 * sample.header.num_required_signatures
        # The length of the instruction's data takes one byte more from 128 on.
        size = MAX_BYTES - len(bytes(sample)) - signatures - 1
        for offset in range(0, len(program.code), size):
            yield offset, program.code[offset : offset + size]

    async def _write(self, program: ProgramFile) -> None:
        written = await self._open_buffer(program)
        chunks = list(self._chunks(program))
        left = [(at, part) for at, part in chunks if written[at : at + len(part)] != part]
        done = len(chunks) - len(left)
        self._progress(program.name, done, len(chunks))

        async def send(at: int, part: bytes) -> None:
            nonlocal done
            async with self._turns:
                await self._send([self._write_one(program, at, part)])
            done += 1
            self._progress(program.name, done, len(chunks))

        async with asyncio.TaskGroup() as group:
            for at, part in left:
                group.create_task(send(at, part))

    async def _open_buffer(self, program: ProgramFile) -> bytes:
        """Makes the buffer unless it is there; returns what it holds."""
        key = self.buffer_key(program)
        account = await self._rpc.account(key.pubkey())
        if account is not None and account.owner == loader.LOADER:
            authority, written = loader.read_buffer(account.data)
            if authority != self._authority.pubkey() or len(written) != len(program.code):
                raise Refused(
                    f"buffer {key.pubkey()} was begun for another authority ({authority}); "
                    "go on with that one"
                )
            return written
        size = loader.BUFFER_HEADER + len(program.code)
        lamports = (await funds.rent_rate(self._rpc))(size)
        made = self._create(key.pubkey(), lamports, size)
        ready = loader.initialize_buffer(key.pubkey(), self._authority.pubkey())
        await self._send([made, ready], key)
        return bytes(len(program.code))

    def _create(self, address: Pubkey, lamports: int, size: int) -> Instruction:
        return create_account(
            CreateAccountParams(
                from_pubkey=self._payer.pubkey(),
                to_pubkey=address,
                lamports=lamports,
                space=size,
                owner=loader.LOADER,
            )
        )

    async def _deploy(self, program: ProgramFile, identity: Keypair) -> None:
        rent = await funds.rent_rate(self._rpc)
        made = self._create(program.id, rent(loader.PROGRAM_SIZE), loader.PROGRAM_SIZE)
        buffer = self.buffer_key(program).pubkey()
        final = loader.deploy(
            self._payer.pubkey(), program.id, buffer, self._authority.pubkey(), len(program.code)
        )
        await self._send([made, final], identity)

    async def _upgrade(self, program: ProgramFile) -> None:
        found = await self._on_chain(program.id)
        extra = _extension(found.code if found else b"", program.code)
        payer, authority = self._payer.pubkey(), self._authority.pubkey()
        if extra:
            await self._send([loader.extend(payer, program.id, extra)])
        await self._next_block(program)
        buffer = self.buffer_key(program).pubkey()
        await self._send([loader.upgrade(program.id, buffer, payer, authority)])

    async def _next_block(self, program: ProgramFile) -> None:
        """Waits until the block of the last change is past: the loader allows one a block."""
        found = await self._on_chain(program.id)
        while found is not None and await self._rpc.slot() <= found.slot:  # noqa: ASYNC110
            await asyncio.sleep(BLOCK_POLL)  # the chain tells nobody when a block ends

    async def _send(self, instructions: Sequence[Instruction], *signers: Keypair) -> None:
        asked = {meta.pubkey for one in instructions for meta in one.accounts if meta.is_signer}
        authority = [self._authority] if self._authority.pubkey() in asked else []
        await self._sender.send(instructions, signers=[*authority, *signers])


def _extension(on_chain: bytes, code: bytes) -> int:
    """Bytes to add to a program's account before `code` fits; 0 when it does."""
    lacking = len(code) - len(on_chain)
    return max(lacking, EXTEND_AT_LEAST) if lacking > 0 else 0


def _variants(program: ProgramFile) -> list[bytes]:
    """The code itself, and its build for the other instruction set where there is one."""
    other: Arch = "v0" if program.arch == "v3" else "v3"
    try:
        return [program.code, prebuilt.load(program.name, other).code]
    except NotFound:
        return [program.code]


def _shown(on_chain: bytes, code: bytes) -> str:
    """Hash of the code on chain, without the room behind it."""
    return _digest(code if _same(on_chain, code) else on_chain.rstrip(b"\0"))


def chosen(names: Sequence[str], arch: Arch) -> list[ProgramFile]:
    """The compiled programs of these names (none: all four), in order of dependency."""
    unknown = sorted(set(names) - set(addresses.PROGRAMS))
    if unknown:
        known = ", ".join(addresses.PROGRAMS)
        raise NotFound(f"there is no program {unknown[0]!r}; there are {known}")
    return [prebuilt.load(name, arch) for name in addresses.PROGRAMS if not names or name in names]
