"""Computes proofs, one request a line: `python -m iog_worker.gpuproof_process numpy|cuda`.

    {"do": "prove", "challenge": ID, "seed": HEX, "size": [rows, width, sweeps, checks]}
        -> {"challenge": ID, "roots": [HEX, …]}
    {"do": "open", "challenge": ID, "wanted": [[layer, index], …]}
        -> {"challenge": ID, "rows": [[layer, index, BASE64, HEX], …]}, and the proof is forgotten

or `{"challenge": ID, "error": TEXT}`. A process of its own, so that a proof can be given low
priority and bounds, and be ended at any moment; it holds no key. It ends with its standard input,
and with the worker.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import sys
from typing import Any

from iog_client.children import end_with_parent
from iog_client.gpuproof.sizes import Size
from iog_worker.gpuproof_compute import Device, NumpyDevice, Proof

PRIORITY = 10
MEMORY = 2 << 30
"""Bytes of address space without CUDA, which reserves more than it uses."""


def main(kind: str) -> None:
    """Serve until standard input ends."""
    end_with_parent(signal.SIGKILL)
    os.nice(PRIORITY)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if kind == "numpy":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    proofs: dict[str, Proof] = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = _answer(request, kind, proofs)
        except (RuntimeError, MemoryError, ValueError, KeyError) as error:
            # RuntimeError: what PyTorch raises for anything, its want of memory included
            answer = {"error": f"{type(error).__name__}: {error}"[:250]}
            proofs.pop(request["challenge"], None)
        answer["challenge"] = request["challenge"]
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _answer(request: dict[str, Any], kind: str, proofs: dict[str, Proof]) -> dict[str, Any]:
    name = request["challenge"]
    if request["do"] == "prove":
        proof = Proof(bytes.fromhex(request["seed"]), Size(*request["size"]), device(kind))
        proofs[name] = proof
        return {"roots": [root.hex() for root in proof.commit()]}
    rows = proofs.pop(name).opened((layer, index) for layer, index in request["wanted"])
    return {
        "rows": [
            [layer, index, base64.b64encode(data).decode(), b"".join(path).hex()]
            for layer, index, data, path in rows
        ]
    }


def device(kind: str) -> Device:
    """The device of that kind. Raises `RuntimeError` if it is not there."""
    if kind == "numpy":
        return NumpyDevice()
    try:
        from iog_worker.gpuproof_torch import TorchDevice
    except ImportError as error:
        raise RuntimeError(f"`{error.name}` is missing; install `iog[gpu]`") from None
    return TorchDevice()


if __name__ == "__main__":
    main(sys.argv[1])
