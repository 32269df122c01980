"""The GPU proof by PyTorch: the same bytes as by NumPy, and a whole proof of this machine's GPU.

`make test-gpu` on a machine with an NVIDIA GPU and `pip install 'iog[gpu]'`; elsewhere skipped.
"""

import time

import numpy as np
import pytest

from iog_client.gpuproof import matrices, sizes
from iog_client.gpuproof.sizes import Size
from iog_worker.gpuproof_compute import Device, NumpyDevice, Proof

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'iog[gpu]'")
CUDA = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="PyTorch finds no CUDA device on this machine"
)
PLACES = [pytest.param("cpu"), pytest.param("cuda:0", marks=CUDA)]


def device(name: str) -> Device:
    from iog_worker.gpuproof_torch import TorchDevice

    return TorchDevice(name)


@pytest.mark.parametrize("name", PLACES)
def test_entries_are_those_of_numpy(name: str) -> None:
    rows, columns = matrices.keys(b"s" * 32, "r", 301), matrices.keys(b"s" * 32, "c", 203)
    found = device(name).mix(rows, columns).cpu().numpy()
    assert np.array_equal(found, matrices.mix(rows, columns))


@pytest.mark.parametrize("name", PLACES)
def test_the_largest_sums_are_exact(name: str) -> None:
    width, there = sizes.MAX_WIDTH, device(name)
    left = torch.full((3, width), 15.0, device=name)
    right = torch.full((width, 2), 15.0, device=name)
    right[0, 0] = 14.0
    found = there.product(left, right).cpu().numpy().tolist()
    whole = width * 225
    assert found == [[matrices.reduce(whole - 15), matrices.reduce(whole)]] * 3


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("size", [Size(96, 8, 3, 4), Size(1024, 256, 5, 4)], ids=str)
def test_a_proof_has_the_roots_and_rows_of_numpy(name: str, size: Size) -> None:
    here, there = (Proof(b"s" * 32, size, one) for one in (NumpyDevice(), device(name)))
    assert there.commit() == here.commit()
    wanted = [(1, 5), (2, 7), (3, 1), (2 + size.sweeps, 0)]
    assert there.opened(wanted) == here.opened(wanted)


@CUDA
def test_a_proof_of_this_gpu_is_done_within_its_limit() -> None:
    free, _ = torch.cuda.mem_get_info()
    size = sizes.size_of(min(free, 8 << 30) >> 20, simulated=False)
    began = time.perf_counter()
    Proof(b"s" * 32, size, device("cuda:0")).commit()
    seconds = time.perf_counter() - began
    assert seconds < sizes.limit(size, "t4", simulated=False)
