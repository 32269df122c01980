"""Which places are opened, and which rows that needs."""

from collections.abc import Callable

from iog_client.gpuproof.matrices import source
from iog_client.gpuproof.sizes import FIRST, SECOND, SWEPT, Size
from iog_client.protocol import ProofChallenge, ProofOpen

Draw = Callable[[int], int]
"""A whole number from 0 to below its argument, all alike: `secrets.randbelow`."""


def size_of(challenge: ProofChallenge) -> Size:
    """The size that a challenge asks for. Raises `ValueError` for one out of bounds."""
    return Size(challenge.rows, challenge.width, challenge.sweeps, challenge.checks)


def draw(challenge: ProofChallenge, randbelow: Draw) -> ProofOpen:
    """Places to open, each independent of the others, so that one may come twice."""
    size = size_of(challenge)
    entries = [
        [(randbelow(size.rows), randbelow(size.width)) for _ in range(size.checks)]
        for _ in range(2)
    ]
    swept = [(randbelow(size.sweeps), randbelow(size.rows)) for _ in range(size.checks)]
    return ProofOpen(
        challenge=challenge.challenge, first=entries[0], second=entries[1], swept=swept
    )


def needed(opening: ProofOpen, size: Size) -> list[tuple[int, int]]:
    """The rows (layer, index) that those places are checked with, each once, in order."""
    found = {(FIRST, index) for index, _ in opening.first}
    for index, column in opening.second:
        found |= {(SECOND, index), (FIRST, source(index, column, size)[0])}
    for sweep, index in opening.swept:
        found |= {(FIRST, index), (SECOND, index), (SWEPT + sweep, index // size.width)}
    return sorted(found)


def rows_of(layer: int, size: Size) -> int:
    """How many rows a layer has."""
    return size.rows if layer < SWEPT else size.rows // size.width
