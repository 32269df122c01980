"""How a seed becomes matrices: the same integers by NumPy here and by PyTorch on a GPU.

An entry mixes two random words of its row with two of its column; the words come of SHAKE-256
(FIPS 202), so that any block of a matrix is made from two short lists, anywhere, in any order. The
mixing is the finalizer of MurmurHash3 (public domain), 32-bit integer steps alone.

    keys(state, label, n)  = shake_256(state | label), n pairs of u32, little endian
    mix((r, s), (c, d))    = f(f(r + c) ^ (s + d)); its upper 16 bits * 31 / 2^16, less 15
    f(h):  h ^= h >> 16;  h *= 0x85EBCA6B;  h ^= h >> 13;  h *= 0xC2B2AE35;  h ^= h >> 16

The chain: layer 0 and multiplier 1 from state 0 (the seed); layer t+1 is the flat list of the
columns of `layer t * multiplier t+1`, reduced, cut into rows again; the next state hashes the last
with the new root. So each entry of layer 2 hangs on all of layer 1.
"""

import hashlib
import struct
from typing import TYPE_CHECKING

from iog_client.gpuproof.sizes import LARGEST, MODULUS, Size

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Words = npt.NDArray[np.uint32]
    Entries = npt.NDArray[np.int8]

TAG = b"iog-gpu-proof-v1"


def seed(challenge: bytes, device: bytes, session: bytes, gpu: str, size: Size) -> bytes:
    """State 0: bound to the verifier's randomness, the device's key, this connection, the GPU, and
    the size."""
    name = gpu.encode()
    parts = [TAG, challenge, device, session, struct.pack("<H", len(name)), name]
    parts.append(struct.pack("<QIII", size.rows, size.width, size.sweeps, size.checks))
    return hashlib.sha256(b"".join(parts)).digest()


def advance(state: bytes, root: bytes) -> bytes:
    """The state after a commitment: nothing of what it gives can be begun before."""
    return hashlib.sha256(TAG + state + root).digest()


def keys(state: bytes, label: str, count: int) -> "Words":
    """`count` pairs of random words, shape (count, 2)."""
    import numpy as np

    raw = hashlib.shake_256(TAG + state + label.encode()).digest(8 * count)
    return np.frombuffer(raw, dtype="<u4").reshape(count, 2)


def mix(rows: "Words", columns: "Words") -> "Entries":
    """The block of entries for these rows and columns, shape (rows, columns), each -15 .. 15."""
    import numpy as np

    h = rows[:, 0, None] + columns[None, :, 0]
    _finish(h)
    h ^= rows[:, 1, None] + columns[None, :, 1]
    _finish(h)
    h >>= np.uint32(16)
    h *= np.uint32(MODULUS)
    h >>= np.uint32(16)
    return h.astype(np.int8) - np.int8(LARGEST)


def _finish(h: "Words") -> None:
    import numpy as np

    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)


def reduce(value: int) -> int:
    """The residue that stands for an integer."""
    return (value + LARGEST) % MODULUS - LARGEST


def source(index: int, column: int, size: Size) -> tuple[int, int]:
    """Row and column of the product that entry (index, column) of the next layer is."""
    flat = index * size.width + column
    return flat % size.rows, flat // size.rows


def sweep_vector(state: bytes, width: int) -> "Entries":
    """The two vectors of a sweep, for layer 1 and for layer 2, end to end."""
    columns = keys(state, "sweep columns", 2 * width)
    return mix(keys(state, "sweep row", 1), columns).reshape(2 * width)
