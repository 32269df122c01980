"""What the verifier recomputes: one entry of a product, or one sum of a sweep, for each place that
it drew; some `checks * width` multiplications, whatever the size of the matrices.

The frames are taken as they came, so that the same check can be made later from the evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client.gpuproof import matrices, picks
from iog_client.gpuproof.sizes import FIRST, LARGEST, SECOND, SWEPT, Size
from iog_client.gpuproof.tree import Leaves, leads_to
from iog_client.protocol import ProofChallenge, ProofCommit, ProofOpen, ProofRows
from iog_client.protocol.proofs import signed_bytes

if TYPE_CHECKING:
    from iog_client.gpuproof.matrices import Entries


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a proof: a code for programs, and what was found in words."""

    code: str
    detail: str

    @property
    def passed(self) -> bool:
        """Whether the GPU proved itself."""
        return self.code == "passed"


class _Wrong(Exception):  # noqa: N818 - an outcome
    """The proof is wrong; the verdict says how."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.verdict = Verdict(code, detail)


def verify(
    device: str,
    challenge: ProofChallenge,
    commit: ProofCommit,
    opening: ProofOpen,
    parts: Sequence[ProofRows],
) -> Verdict:
    """Judge what a device committed to and opened; never raises."""
    try:
        commit_check(device, challenge, commit)
        return _Check(device, challenge, commit, opening, parts).verdict()
    except _Wrong as wrong:
        return wrong.verdict


def commit_problem(device: str, challenge: ProofChallenge, commit: ProofCommit) -> Verdict | None:
    """What is wrong with a commitment already before it is opened."""
    try:
        commit_check(device, challenge, commit)
    except _Wrong as wrong:
        return wrong.verdict
    return None


def commit_check(device: str, challenge: ProofChallenge, commit: ProofCommit) -> None:
    """Raises `_Wrong` for a commitment of another challenge, length or key."""
    if commit.challenge != challenge.challenge:
        raise _Wrong("wrong_challenge", "the commitment is to another challenge")
    if len(commit.sweeps) != challenge.sweeps:
        raise _Wrong(
            "wrong_shape", f"{len(commit.sweeps)} sweeps are committed of {challenge.sweeps}"
        )
    _signed(device, commit)


def _signed(device: str, frame: ProofCommit | ProofRows) -> None:
    try:
        signature = Signature.from_string(frame.signature)
        genuine = signature.verify(Pubkey.from_string(device), signed_bytes(frame))
    except ValueError:
        genuine = False
    if not genuine:
        raise _Wrong("bad_signature", f"a {frame.type} frame is not signed by the device")


class _Check:
    """One proof, with the rows that were opened."""

    def __init__(
        self,
        device: str,
        challenge: ProofChallenge,
        commit: ProofCommit,
        opening: ProofOpen,
        parts: Sequence[ProofRows],
    ) -> None:
        try:
            self.size = picks.size_of(challenge)
        except ValueError as error:
            raise _Wrong("wrong_shape", str(error)) from None
        for part in parts:
            _signed(device, part)
        self.opening = opening
        self.states = _states(device, challenge, commit, self.size)
        self.rows = self._opened(commit, parts)

    def verdict(self) -> Verdict:
        """All checks, the cheapest first. Raises `_Wrong`."""
        self._first()
        self._second()
        self._swept()
        count = 2 * len(self.opening.first) + len(self.opening.swept)
        return Verdict("passed", f"{count} places of {self.size.memory} bytes were right")

    def _opened(
        self, commit: ProofCommit, parts: Sequence[ProofRows]
    ) -> dict[tuple[int, int], "Entries"]:
        """Every row that is needed, with its path checked."""
        wanted = picks.needed(self.opening, self.size)
        given = [row for part in parts for row in part.rows]
        if sorted((row.layer, row.index) for row in given) != wanted:
            raise _Wrong("wrong_rows", "the rows given are not those that were asked for")
        roots = [bytes.fromhex(root) for root in (*commit.layers, *commit.sweeps)]
        leaves: dict[int, Leaves] = {}
        found = {}
        for row in given:
            try:
                data = row.entries()
            except ValueError as error:
                raise _Wrong("wrong_shape", str(error)) from None
            if len(data) != self.size.width:
                raise _Wrong("wrong_shape", f"a row of {len(data)} entries, not {self.size.width}")
            hashed = leaves.setdefault(row.layer, Leaves(self.states[0], row.layer))
            count = picks.rows_of(row.layer, self.size)
            leaf, root = hashed.leaf(row.index, data), roots[row.layer - 1]
            if not leads_to(root, leaf, row.index, count, row.siblings()):
                raise _Wrong(
                    "wrong_path", f"row {row.index} of layer {row.layer} was not committed"
                )
            found[row.layer, row.index] = _entries(data, row.layer, row.index)
        return found

    def _first(self) -> None:
        size, state = self.size, self.states[0]
        rows = matrices.keys(state, "layer rows", size.rows)
        columns = matrices.keys(state, "layer columns", size.width)
        places = [matrices.source(*one, size) for one in self.opening.first]
        left = matrices.mix(rows[[row for row, _ in places]], columns)
        self._products(FIRST, state, self.opening.first, left)

    def _second(self) -> None:
        import numpy as np

        places = [matrices.source(*one, self.size) for one in self.opening.second]
        left = np.stack([self.rows[FIRST, row] for row, _ in places])
        self._products(SECOND, self.states[1], self.opening.second, left)

    def _products(
        self, layer: int, state: bytes, entries: Sequence[tuple[int, int]], left: "Entries"
    ) -> None:
        """Each entry of the layer against its row (of `left`) times its column."""
        import numpy as np

        width = self.size.width
        rows = matrices.keys(state, "multiplier rows", width)
        columns = matrices.keys(state, "multiplier columns", width)
        wanted = [matrices.source(*one, self.size)[1] for one in entries]
        right = matrices.mix(rows, columns[wanted])
        sums = np.einsum("ck,kc->c", left.astype(np.int64), right.astype(np.int64))
        for (index, column), total in zip(entries, sums, strict=True):
            said, real = int(self.rows[layer, index][column]), matrices.reduce(int(total))
            if said != real:
                raise _Wrong(
                    "wrong_product",
                    f"entry ({index}, {column}) of layer {layer} is {said}, and has to be {real}",
                )

    def _swept(self) -> None:
        import numpy as np

        width = self.size.width
        for sweep, index in self.opening.swept:
            vector = matrices.sweep_vector(self.states[2 + sweep], width).astype(np.int64)
            total = int(self.rows[FIRST, index].astype(np.int64) @ vector[:width])
            total += int(self.rows[SECOND, index].astype(np.int64) @ vector[width:])
            said = int(self.rows[SWEPT + sweep, index // width][index % width])
            if said != (real := matrices.reduce(total)):
                raise _Wrong(
                    "wrong_sweep", f"row {index} of sweep {sweep} gives {said}, not {real}"
                )


def _states(device: str, challenge: ProofChallenge, commit: ProofCommit, size: Size) -> list[bytes]:
    """The state before each product and each sweep."""
    states = [seed_of(device, challenge, size)]
    for root in (*commit.layers, *commit.sweeps):
        states.append(matrices.advance(states[-1], bytes.fromhex(root)))
    return states


def seed_of(device: str, challenge: ProofChallenge, size: Size) -> bytes:
    """The seed of a device's answer to a challenge."""
    return matrices.seed(
        bytes.fromhex(challenge.challenge),
        bytes(Pubkey.from_string(device)),
        bytes.fromhex(challenge.session),
        challenge.gpu,
        size,
    )


def _entries(data: bytes, layer: int, index: int) -> "Entries":
    import numpy as np

    entries = np.frombuffer(data, dtype=np.int8)
    if entries.min() < -LARGEST or entries.max() > LARGEST:
        raise _Wrong("wrong_shape", f"row {index} of layer {layer} holds no residues")
    return entries
