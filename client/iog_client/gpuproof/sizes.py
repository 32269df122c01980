"""How large a proof is, for how long it may take, and how often it is asked for.

Layers 1 and 2, of `rows * width` bytes each, lie in the GPU's memory together. Work:
`2 * 2 * rows * width^2` floating-point operations for the two products, and each sweep reads both
layers once.
"""

from dataclasses import dataclass

from iog_client.gpu_classes import BY_SLUG

MODULUS = 31
"""Entries are the residues -15 .. 15."""
LARGEST = MODULUS // 2
FIRST, SECOND, SWEPT = 1, 2, 3
"""Layer numbers; sweep r is layer `SWEPT + r`."""
MAX_WIDTH = 16_384
MAX_ROWS = 1 << 26
MAX_SWEEPS = 1024
MAX_CHECKS = 64
EXACT = 1 << 24
"""Integers below are exact in fp32 (IEEE 754), and so are their sums in any order."""

WIDTH = 8_192
SWEEPS = 64
CHECKS = 32
SHARE = 3, 4
"""Of a GPU's memory: what the two layers fill."""

SIMULATED_WIDTH = 64
SIMULATED_SWEEPS = 8
SIMULATED_SCALE = 1 << 17
"""A simulated GPU proves with this part of the memory it pretends to have: 640 KiB for 80 GiB."""

AGE = 86_400
"""Seconds, scaled, that the last passed proof may be old."""
BUDGET = 100
"""A node spends less than 1 / 100 of its time on proofs."""

BASE_SECONDS = 60
SLACK = 4
"""A GPU may be so many times slower than its class's rate before it is late."""
HASHED_PER_SECOND = 400_000_000
SWEPT_PER_SECOND = 50_000_000_000
SLOWEST = 5.0

RATES: dict[str, float] = {
    "b200": 75.0,
    "h200": 67.0,
    "h100-sxm": 67.0,
    "h100-pcie": 51.0,
    "a100-80-sxm": 19.5,
    "a100-80-pcie": 19.5,
    "a100-40": 19.5,
    "l40s": 91.6,
    "rtx-4090": 82.6,
    "rtx-4090-d": 73.5,
    "rtx-6000-ada": 91.1,
    "rtx-5000-ada": 65.3,
    "rtx-4080": 48.7,
    "rtx-4070-ti": 40.1,
    "rtx-3090-ti": 40.0,
    "rtx-a6000": 38.7,
    "rtx-3090": 35.6,
    "rtx-3080-ti": 34.1,
    "rtx-3080": 29.8,
    "rtx-4070": 29.1,
    "rtx-5000": 11.2,
    "rtx-a5000": 27.8,
    "rtx-a4000": 19.2,
    "rtx-3070": 20.3,
    "rtx-3070-ti": 21.7,
    "rtx-4060": 15.1,
    "rtx-4060-ti": 22.1,
    "rtx-4000-sff-ada": 19.2,
    "rtx-3060": 12.7,
    "rtx-3060-ti": 16.2,
    "rtx-4000": 7.1,
    "v100-16": 14.0,
    "v100-32": 14.0,
    "t4": 8.1,
    "l4": 30.3,
}
"""Peak fp32 of a class in TFLOP/s without tensor cores, rounded, as its maker states it; a class
that is not here is given `SLOWEST`. None was measured by this project."""


@dataclass(frozen=True, slots=True)
class Size:
    """A proof's size. `rows` and `width` are those of a layer, `checks` the places opened of each
    product and of the sweeps.

    Raises:
        ValueError: out of the bounds above, or `rows` is no multiple of `width`.
    """

    rows: int
    width: int
    sweeps: int
    checks: int

    def __post_init__(self) -> None:
        if not 1 <= self.width <= MAX_WIDTH:
            raise ValueError(f"a width of {self.width}; 1 to {MAX_WIDTH} are accepted")
        if not self.width <= self.rows <= MAX_ROWS or self.rows % self.width:
            raise ValueError(f"{self.rows} rows; multiples of the width to {MAX_ROWS} are accepted")
        if not 1 <= self.sweeps <= MAX_SWEEPS:
            raise ValueError(f"{self.sweeps} sweeps; 1 to {MAX_SWEEPS} are accepted")
        if not 1 <= self.checks <= MAX_CHECKS:
            raise ValueError(f"{self.checks} checks; 1 to {MAX_CHECKS} are accepted")
        # 2 * width: a sweep sums over a row of both layers
        assert 2 * self.width * LARGEST**2 < EXACT

    @property
    def memory(self) -> int:
        """Bytes of both layers."""
        return 2 * self.rows * self.width

    @property
    def operations(self) -> int:
        """Floating-point operations of both products."""
        return 4 * self.rows * self.width**2

    @property
    def swept(self) -> int:
        """Bytes that all sweeps read."""
        return self.sweeps * self.memory


def size_of(memory: int, *, simulated: bool) -> Size:
    """The proof of a GPU with `memory` MiB: its layers fill three quarters of it."""
    usable = (memory << 20) * SHARE[0] // SHARE[1]
    width, sweeps = (SIMULATED_WIDTH, SIMULATED_SWEEPS) if simulated else (WIDTH, SWEEPS)
    if simulated:
        usable //= SIMULATED_SCALE
    blocks = usable // (2 * width * width)
    blocks = max(1, min(blocks, MAX_ROWS // width))
    return Size(blocks * width, width, sweeps, CHECKS)


def memory_of(slug: str) -> int:
    """MiB that a GPU of a class is asked to prove: as sold, less what driver and display keep.

    The size is the class's, not what the node reports: a smaller card has no smaller task.
    """
    known = BY_SLUG.get(slug)
    return (known.memory if known else 8) << 10


def limit(size: Size, slug: str, *, simulated: bool) -> float:
    """Seconds from the challenge to the commitment, after which it is late."""
    if simulated:
        return float(BASE_SECONDS)
    rate = RATES.get(slug, SLOWEST) * 1e12
    return (
        BASE_SECONDS
        + SLACK * size.operations / rate
        + size.memory / HASHED_PER_SECOND
        + size.swept / SWEPT_PER_SECOND
    )
