"""Answers the orchestrator's GPU challenges: processes that compute, frames signed by the device.

Each real GPU has a process of its own that sees that GPU alone, so that a node's GPUs prove
themselves at the same time; simulated ones share one process. A job comes first: while a run is
held, a challenge is answered as busy.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from solders.pubkey import Pubkey

from iog_client.errors import Refused
from iog_client.gpuproof import matrices, picks
from iog_client.protocol import (
    Frame,
    ProofChallenge,
    ProofCommit,
    ProofOpen,
    ProofRefused,
    ProofRow,
    ProofRows,
    ProofVerdict,
)
from iog_client.protocol.proofs import ROWS_A_FRAME, signed_bytes

from .logs import LOGGER

ProofFrame = ProofChallenge | ProofOpen | ProofVerdict
OPEN_SECONDS = 120.0
"""How long the opening may take to come, and to be answered."""
LINE = 1 << 25
"""Bytes of a process's longest answer: all rows of the largest opening."""
AT_ONCE = 1024


class ProofFailed(Refused):
    """the proof cannot be computed"""


class ProofProcess:
    """A process that computes; `kind` is numpy or cuda, `gpu` the only UUID that it may see."""

    def __init__(self, kind: str, gpu: str) -> None:
        self._kind = kind
        self._gpu = gpu
        self._asking = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._killed: list[asyncio.subprocess.Process] = []
        self.users = 0

    async def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to a request. Raises `ProofFailed`; after one that came too late the process
        is gone."""
        try:
            async with asyncio.timeout(seconds), self._asking:
                answer = await self._ask(request)
        except BaseException as error:
            # an answer that is still to come would be taken for the next one's
            self.end()
            if isinstance(error, TimeoutError):
                raise ProofFailed(f"not done within {seconds:.0f} s") from None
            raise
        if "error" in answer:
            raise ProofFailed(str(answer["error"]))
        return answer

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        process = self._process = self._process or await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            await process.stdin.drain()
            line = await process.stdout.readline()
        except (OSError, ValueError) as error:
            raise ProofFailed(f"its process broke: {error}") from None
        if not line:
            raise ProofFailed("its process ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _start(self) -> asyncio.subprocess.Process:
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": self._gpu}
        if self._kind == "numpy":
            environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "iog_worker.gpuproof_process",
                self._kind,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=LINE,
                env=environment,
            )
        except OSError as error:
            raise ProofFailed(f"its process does not start: {error.strerror}") from None

    def end(self) -> None:
        """Kill the process, if there is one."""
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.kill()
        self._killed = [one for one in self._killed if one.returncode is None]
        self._killed.append(self._process)
        self._process = None

    async def gone(self) -> None:
        """Wait for what was killed."""
        for process in self._killed:
            # to the end of its output too: its pipes are closed only then
            await process.communicate()


class GpuProofs:
    """All proofs of this node over one connection at a time.

    `gpus` are the UUIDs that it has; `is_busy` says whether a job holds GPUs.
    """

    def __init__(
        self,
        device: Pubkey,
        gpus: list[str],
        *,
        simulated: bool,
        sign: Callable[[bytes], str],
        send: Callable[[Frame], bool],
        is_busy: Callable[[], bool],
    ) -> None:
        self._device = device
        self._gpus = gpus
        self._simulated = simulated
        self._sign = sign
        self._send = send
        self._is_busy = is_busy
        self._session = ""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._openings: dict[str, asyncio.Future[ProofOpen]] = {}
        self._processes: dict[str, ProofProcess] = {}

    def connected(self, session: str) -> None:
        """A new connection, named by the nonce of its hello: what another asked for is void."""
        self.drop()
        self._session = session

    def drop(self) -> None:
        """End what is being computed."""
        for task in self._tasks.values():
            task.cancel()
        for process in self._processes.values():
            process.end()

    async def end(self) -> None:
        """End everything, and wait until it has."""
        self.drop()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for process in self._processes.values():
            await process.gone()

    def take(self, frame: ProofFrame) -> None:
        """Handle a frame about a proof."""
        if isinstance(frame, ProofChallenge):
            self._challenged(frame)
        elif isinstance(frame, ProofOpen):
            waiting = self._openings.get(frame.challenge)
            if waiting is not None and not waiting.done():
                waiting.set_result(frame)
        else:
            log = LOGGER.info if frame.passed else LOGGER.warning
            log(
                "GPU proof judged: %s",
                frame.detail,
                extra={"action": "proof_judged", "passed": frame.passed},
            )

    def _challenged(self, challenge: ProofChallenge) -> None:
        name = challenge.challenge
        if name in self._tasks or len(self._tasks) >= AT_ONCE:
            return
        task = asyncio.create_task(self._guarded(challenge), name=f"proof {name[:8]}")
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def _guarded(self, challenge: ProofChallenge) -> None:
        try:
            await self._prove(challenge)
        except Refused as error:
            LOGGER.warning("no GPU proof: %s", error.message, extra={"action": "proof_failed"})
            self._refuse(challenge, error.message)
        except Exception as error:
            LOGGER.exception("a GPU proof failed", extra={"action": "proof_failed"})
            self._refuse(challenge, type(error).__name__)

    def _refuse(self, challenge: ProofChallenge, detail: str, *, busy: bool = False) -> None:
        self._send(ProofRefused(challenge=challenge.challenge, busy=busy, detail=detail[:300]))

    async def _prove(self, challenge: ProofChallenge) -> None:
        self._require_ours(challenge)
        if self._is_busy():
            self._refuse(challenge, "a job has the GPUs", busy=True)
            return
        LOGGER.info(
            "GPU proof begins",
            extra={"action": "proof", "gpu": challenge.gpu, "simulated": self._simulated},
        )
        process = self._process(challenge.gpu)
        process.users += 1
        opening = asyncio.get_running_loop().create_future()
        self._openings[challenge.challenge] = opening
        try:
            await self._commit(challenge, process)
            async with asyncio.timeout(OPEN_SECONDS):
                places = await opening
            await self._open(challenge, process, places)
        except TimeoutError:
            raise ProofFailed("the opening did not come") from None
        finally:
            del self._openings[challenge.challenge]
            process.users -= 1
            if not process.users:
                process.end()

    def _require_ours(self, challenge: ProofChallenge) -> None:
        if challenge.session != self._session:
            raise ProofFailed("the challenge is of another connection")
        if challenge.gpu not in self._gpus:
            raise ProofFailed(f"this node has no GPU {challenge.gpu}")
        if challenge.simulated != self._simulated:
            raise ProofFailed("real GPUs and simulated ones prove different sizes")
        try:
            picks.size_of(challenge)
        except ValueError as error:
            raise ProofFailed(str(error)) from None

    def _process(self, gpu: str) -> ProofProcess:
        key = "simulated" if self._simulated else gpu
        if key not in self._processes:
            kind = "numpy" if self._simulated else "cuda"
            self._processes[key] = ProofProcess(kind, "" if self._simulated else gpu)
        return self._processes[key]

    async def _commit(self, challenge: ProofChallenge, process: ProofProcess) -> None:
        size = picks.size_of(challenge)
        seed = matrices.seed(
            bytes.fromhex(challenge.challenge),
            bytes(self._device),
            bytes.fromhex(challenge.session),
            challenge.gpu,
            size,
        )
        request = {
            "do": "prove",
            "challenge": challenge.challenge,
            "seed": seed.hex(),
            "size": [size.rows, size.width, size.sweeps, size.checks],
        }
        roots = (await process.ask(request, challenge.seconds))["roots"]
        commit = ProofCommit(challenge=challenge.challenge, layers=roots[:2], sweeps=roots[2:])
        self._send(commit.model_copy(update={"signature": self._sign(signed_bytes(commit))}))

    async def _open(
        self, challenge: ProofChallenge, process: ProofProcess, places: ProofOpen
    ) -> None:
        wanted = picks.needed(places, picks.size_of(challenge))
        request = {"do": "open", "challenge": challenge.challenge, "wanted": wanted}
        given = (await process.ask(request, OPEN_SECONDS))["rows"]
        rows = [
            ProofRow(layer=layer, index=index, data=data, path=path)
            for layer, index, data, path in given
        ]
        for frame in in_parts(challenge.challenge, rows):
            self._send(frame.model_copy(update={"signature": self._sign(signed_bytes(frame))}))


def in_parts(challenge: str, rows: list[ProofRow]) -> list[ProofRows]:
    """Rows as frames, not signed yet."""
    cut = [rows[at : at + ROWS_A_FRAME] for at in range(0, len(rows), ROWS_A_FRAME)]
    return [
        ProofRows(challenge=challenge, part=part, parts=len(cut), rows=one)
        for part, one in enumerate(cut)
    ]
