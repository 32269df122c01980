"""One proof of one node: a challenge for each of its GPUs, all at the same time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from iog_client.gpuproof import picks
from iog_client.gpuproof.evidence import OBSERVED, Evidence
from iog_client.gpuproof.verify import Verdict, commit_problem, verify
from iog_client.protocol import (
    Frame,
    ProofChallenge,
    ProofCommit,
    ProofOpen,
    ProofRefused,
    ProofRows,
)

OPEN_SECONDS = 120.0
"""For the rows, from the opening on."""


@dataclass(slots=True)
class GpuProof:
    """The talk about one GPU. Times are monotonic; `seconds` is what the commitment took."""

    device: str
    challenge: ProofChallenge
    sent_at: float
    deadline: float
    seconds: float = 0.0
    commit: ProofCommit | None = None
    opening: ProofOpen | None = None
    parts: dict[int, ProofRows] = field(default_factory=dict)
    verdict: Verdict | None = None
    busy: bool = False

    def observed(self, code: str, detail: str = "") -> None:
        """End it by what was seen here; what was decided before stays."""
        if self.verdict is None:
            self.verdict = Verdict(code, (detail or OBSERVED[code])[:300])

    def overdue(self, now: float) -> None:
        """Judge it by the clock."""
        if self.verdict is None and now > self.deadline:
            self.observed("no_rows" if self.commit else "no_commitment")

    async def take(
        self, frame: ProofCommit | ProofRows | ProofRefused, now: float, draw: picks.Draw
    ) -> Frame | None:
        """Go on with what the worker says; what to send it, if anything."""
        if self.verdict is not None:
            return None
        if isinstance(frame, ProofRefused):
            self.busy = frame.busy
            self.observed("refused", f"the worker did not prove: {frame.detail}")
        elif isinstance(frame, ProofCommit):
            return self._committed(frame, now, draw)
        else:
            await self._given(frame)
        return None

    def _committed(self, frame: ProofCommit, now: float, draw: picks.Draw) -> ProofOpen | None:
        if self.commit is not None:
            # the places are known by now: whatever it holds, it comes too late
            self.observed("second_commitment")
            return None
        self.commit, self.seconds = frame, now - self.sent_at
        if now > self.deadline:
            self.observed(
                "late",
                f"the commitment took {self.seconds:.1f} s of {self.challenge.seconds:.0f} s",
            )
            return None
        self.verdict = commit_problem(self.device, self.challenge, frame)
        if self.verdict is not None:
            return None
        self.deadline = now + OPEN_SECONDS
        self.opening = picks.draw(self.challenge, draw)
        return self.opening

    async def _given(self, frame: ProofRows) -> None:
        if self.opening is None or self.commit is None:
            self.observed("no_commitment", "rows came before a commitment")
            return
        known = next(iter(self.parts.values()), frame)
        if frame.parts != known.parts or frame.part >= frame.parts or frame.part in self.parts:
            self.verdict = Verdict("wrong_rows", "the parts of the rows do not fit together")
            return
        self.parts[frame.part] = frame
        if len(self.parts) == frame.parts:
            given = [self.parts[part] for part in range(frame.parts)]
            found = await asyncio.to_thread(
                verify, self.device, self.challenge, self.commit, self.opening, given
            )
            # what came while the thread worked may have decided it
            self.verdict = self.verdict or found

    def evidence(self, genesis_hash: str, at: int) -> Evidence:
        """What is published of it."""
        assert self.verdict is not None
        return Evidence(
            genesis_hash=genesis_hash,
            device=self.device,
            at=at,
            seconds=max(0.0, round(self.seconds, 3)),
            challenge=self.challenge,
            commit=self.commit,
            opening=self.opening,
            rows=[self.parts[part] for part in sorted(self.parts)],
            code=self.verdict.code,
            detail=self.verdict.detail,
        )


@dataclass(slots=True)
class Round:
    """All GPUs of a node. `tries` counts from 1; `session` is the number of its connection."""

    device: str
    session: int
    tries: int
    gpus: dict[str, GpuProof]

    @property
    def decided(self) -> bool:
        """Whether there is nothing left to wait for: all passed, or one failed."""
        verdicts = [one.verdict for one in self.gpus.values()]
        return all(verdicts) or any(one is not None and not one.passed for one in verdicts)

    @property
    def busy(self) -> bool:
        """Whether a job was quicker."""
        return any(one.busy for one in self.gpus.values())

    @property
    def committed(self) -> bool:
        """Whether places were opened: who leaves now may have disliked them."""
        return any(one.commit is not None for one in self.gpus.values())

    @property
    def failed(self) -> GpuProof | None:
        """The first GPU whose proof failed."""
        wrong = (one for one in self.gpus.values() if one.verdict and not one.verdict.passed)
        return next(wrong, None)

    @property
    def seconds(self) -> float:
        """What the slowest GPU took."""
        return max(one.seconds for one in self.gpus.values())

    def each(self, act: Callable[[GpuProof], None]) -> None:
        """Do something to the proof of each GPU."""
        for one in self.gpus.values():
            act(one)
