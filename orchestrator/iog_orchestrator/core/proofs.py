"""GPU proofs: asks each node's GPUs to prove themselves, in time and at random moments.

A node is asked when its last passed proof has reached a random part of the allowed age, never while
a job has any of its GPUs, and never for more than a hundredth of its time. A proof that fails is
repeated once; the second failure stands, and what the node sent is published.
"""

import logging
import random
import secrets
from dataclasses import dataclass, field

from iog_client.gpuproof import picks, sizes
from iog_client.protocol import Frame, ProofChallenge, ProofVerdict
from iog_orchestrator.core.agents import Agents, ProofAnswer
from iog_orchestrator.core.context import Context
from iog_orchestrator.core.proof_round import GpuProof, Round
from iog_orchestrator.core.sessions import Session
from iog_orchestrator.domain.errors import LeaseLost
from iog_orchestrator.domain.nodes import NodeState
from iog_orchestrator.domain.proofs import (
    AGAIN,
    BUSY,
    LAST,
    LATEST,
    SOONEST,
    SPREAD,
    ProofResult,
    Spending,
)

log = logging.getLogger(__name__)

KEPT = 4
"""Results of each device that are taken up after a start: an hour may be closed long after its
end, and what counts for it is the newest result by then."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Where randomness comes from: challenges and places that nobody can foresee, and moments."""

    challenge: picks.Draw = secrets.randbelow
    moment: random.Random = field(default_factory=random.SystemRandom)

    def token(self) -> str:
        """32 random bytes, in hex."""
        return f"{self.challenge(1 << 256):064x}"


class Proofs:
    """Runs the rounds of all nodes."""

    def __init__(self, context: Context, agents: Agents, chance: Chance | None = None) -> None:
        self._context = context
        self._agents = agents
        self.chance = chance or Chance()
        self._due: dict[str, float] = {}
        self._tries: dict[str, int] = {}
        self._rounds: dict[str, Round] = {}
        self._spending: dict[str, Spending] = {}
        agents.on_proof = self.received
        context.known.guard.proof_max_age = self.max_age

    @property
    def max_age(self) -> int:
        """Seconds that a passed proof may be old; 0: this network asks for none."""
        return self._context.network.proof_max_age

    async def recover(self) -> None:
        """Take up what earlier processes found."""
        found = await self._context.ports.store.last_proofs(KEPT)
        for one in found:
            self._know(one)
        for device in self._context.known.proofs:
            self._context.refresh(device)

    async def run(self) -> None:
        """Ask for ever, where the network asks for proofs."""
        if not self.max_age:
            return
        while True:
            await self._context.ports.clock.sleep(min(5.0, max(0.2, self.max_age / 1000)))
            try:
                await self.step()
            except LeaseLost:
                raise
            except Exception:  # one node's trouble is not to end the proofs of all
                log.exception("GPU proofs are not done", extra={"action": "proofs_failed"})

    async def step(self) -> None:
        """End what is overdue, and ask whoever is due."""
        now = self._context.ports.clock.monotonic()
        for one in list(self._rounds.values()):
            if self._rounds.get(one.device) is not one:
                continue  # decided while the one before it was written
            one.each(lambda proof: proof.overdue(now))
            if self._agents.session_of(one.device) != one.session:
                await self._left(one)
            elif one.decided:
                await self._decided(one)
        if self.max_age:
            for device in list(self._agents.sessions):
                if self._may_be_asked(device, now):
                    await self._ask(device)

    async def received(self, session: Session, frame: ProofAnswer) -> None:
        """What a worker says of a proof; of one that is not under way, nothing comes."""
        one = self._rounds.get(session.device)
        if one is None or one.session != session.number or frame.challenge not in one.gpus:
            return
        now = self._context.ports.clock.monotonic()
        answer = await one.gpus[frame.challenge].take(frame, now, self.chance.challenge)
        if answer is not None:
            await self._send(session.device, answer)
        if one.decided and self._rounds.get(session.device) is one:
            await self._decided(one)

    def spending(self, device: str) -> Spending:
        """What the node has spent on proofs since this process began."""
        return self._spending.setdefault(device, Spending(float(self.max_age)))

    # asking

    def _may_be_asked(self, device: str, now: float) -> bool:
        known = self._context.known
        node, presence = known.nodes.get(device), known.presence.get(device)
        if device in self._rounds or node is None or presence is None:
            return False
        if node.state is not NodeState.ACTIVE or not (presence.connected and presence.heard):
            return False
        session = self._agents.sessions[device]
        if len(session.gpus) < node.gpus or session.runs:
            return False
        if node.busy or self._context.fleet.free(device) < node.gpus:
            # a job comes first; a longer rental earns its pay, and no reward once the proof is old
            return False
        if now < self._due_at(device, now):
            return False
        return self.spending(device).allows(now) or self._is_last_chance(device)

    def _is_last_chance(self, device: str) -> bool:
        """Whether a passed proof is about to be too old: once in that age is always allowed."""
        last = self._context.known.proofs.get(device)
        if last is None or not last.passed:
            return False
        return self._context.ports.chain_clock.now() - last.at >= LAST * self.max_age

    def _due_at(self, device: str, now: float) -> float:
        """When (monotonic) the node is to be asked; drawn once, and again after each result."""
        if device not in self._due:
            last = self._context.known.proofs.get(device)
            pause = self.chance.moment.uniform(0, SPREAD)
            if last is not None:
                age = (self._context.ports.chain_clock.now() - last.at) / self.max_age
                part = self.chance.moment.uniform(SOONEST, LATEST) if last.passed else AGAIN
                pause = max(pause, part - age)
            self._due[device] = now + pause * self.max_age
        return self._due[device]

    async def _ask(self, device: str) -> None:
        session = self._agents.sessions[device]
        node = self._context.known.nodes[device]
        tries = self._tries.get(device, 0) + 1
        now = self._context.ports.clock.monotonic()
        challenges = [self._challenge(session, uuid) for uuid in session.gpus[: node.gpus]]
        self._rounds[device] = Round(
            device,
            session.number,
            tries,
            {one.challenge: GpuProof(device, one, now, now + one.seconds) for one in challenges},
        )
        self._context.known.proving.add(device)
        self._context.refresh(device)
        log.info(
            "GPU proof asked for",
            extra={"action": "proof_asked", "device": device, "gpus": node.gpus, "try": tries},
        )
        for one in challenges:
            await self._send(device, one)

    def _challenge(self, session: Session, uuid: str) -> ProofChallenge:
        known = self._context.known
        node_class = known.classes.get(known.nodes[session.device].node_class)
        slug = node_class.slug if node_class else ""
        simulated = known.presence[session.device].simulated
        size = sizes.size_of(sizes.memory_of(slug), simulated=simulated)
        return ProofChallenge(
            challenge=self.chance.token(),
            session=session.nonce,
            gpu=uuid,
            simulated=simulated,
            rows=size.rows,
            width=size.width,
            sweeps=size.sweeps,
            checks=size.checks,
            seconds=sizes.limit(size, slug, simulated=simulated),
        )

    async def _send(self, device: str, frame: Frame) -> None:
        await self._context.ports.link.send(device, frame)

    # ending

    async def _left(self, one: Round) -> None:
        """The connection is gone. Before anything was opened that says nothing of the GPUs."""
        if one.committed:
            one.each(lambda proof: proof.observed("gone"))
            await self._decided(one)
        else:
            self._close(one)

    async def _decided(self, one: Round) -> None:
        now = self._context.ports.clock.monotonic()
        self._close(one)
        if one.seconds:
            self.spending(one.device).add(now, one.seconds)
        failed = one.failed
        if failed is not None and one.busy:
            log.info(
                "GPU proof put off for a job",
                extra={"action": "proof_put_off", "device": one.device},
            )
            return
        await self._tell(one)
        if failed is not None and one.tries == 1:
            self._tries[one.device] = 1
            log.warning(
                "GPU proof failed and is repeated",
                extra={"action": "proof_repeated", "device": one.device, "code": _code(failed)},
            )
            return
        self._tries.pop(one.device, None)
        await self._record(one, failed)

    def _close(self, one: Round) -> None:
        self._rounds.pop(one.device, None)
        self._due.pop(one.device, None)
        if one.device in self._tries or one.failed is not None:
            # a repetition waits for no part of the age
            part = BUSY if one.busy else self.chance.moment.uniform(0, SPREAD)
            now = self._context.ports.clock.monotonic()
            self._due[one.device] = now + part * self.max_age
        self._context.known.proving.discard(one.device)
        self._context.refresh(one.device)

    async def _tell(self, one: Round) -> None:
        verdict = one.failed.verdict if one.failed else None
        for name, proof in one.gpus.items():
            found = proof.verdict or verdict
            assert found is not None
            await self._send(
                one.device,
                ProofVerdict(challenge=name, passed=found.passed, detail=found.detail[:300]),
            )

    async def _record(self, one: Round, failed: GpuProof | None) -> None:
        context = self._context
        at = int(context.ports.chain_clock.now())
        document, sha256 = None, ""
        if failed is not None:
            evidence = failed.evidence(context.network.genesis_hash, at)
            document, sha256 = evidence.to_bytes(), evidence.sha256
        verdict = (failed or next(iter(one.gpus.values()))).verdict
        assert verdict is not None
        result = ProofResult(
            one.device,
            at,
            verdict.code,
            verdict.detail,
            len(one.gpus),
            round(one.seconds, 3),
            sha256,
        )
        await context.ports.store.put_proof(result, document)
        self._know(result)
        self._due.pop(one.device, None)
        context.refresh(one.device)
        context.changed.open()
        log.log(
            logging.INFO if result.passed else logging.WARNING,
            "GPU proof passed" if result.passed else "GPU proof failed",
            extra={
                "action": "proof_passed" if result.passed else "proof_failed",
                "device": one.device,
                "code": result.code,
                "seconds": result.seconds,
                "evidence": sha256,
            },
        )

    def _know(self, result: ProofResult) -> None:
        """A result, newer than those of its device before it: for jobs, and for the hours."""
        known = self._context.known
        known.proofs[result.device] = result
        (known.guard.passed if result.passed else known.guard.failed)(result.device, result.at)


def _code(proof: GpuProof) -> str:
    return proof.verdict.code if proof.verdict else ""
