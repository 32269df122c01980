"""Our reward tree beside @openzeppelin/merkle-tree, the usual library for trees of claims on EVM.

The same number of wallets with an amount each, from raw values to the root, then the proofs of a
thousand of them. It is not the same work: `standard` is the peer as it comes, Keccak-256 in
JavaScript over ABI-encoded leaves; `sha256` is its tree over leaves and nodes hashed as ours are,
by Node's own SHA-256. The peer has one thread; ours is shown on one core and on all. The package
is installed into build/, from the registry that npm is set to.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from solders.pubkey import Pubkey

from iog_orchestrator.adapters.forks import Forks
from iog_orchestrator.domain.hour_leaves import HASH, Leaves, Work, here, proof

PACKAGE = "@openzeppelin/merkle-tree@1.0.8"
FOLDER = Path("build/hour_peer")
SCRIPT = Path(__file__).with_suffix(".cjs")
PROOFS = 1_000
HEAP = 12_288
"""MiB that the peer may take."""
TICK = 0.01
"""The least processor time that is told apart."""
WORKS: dict[str, Work] = {"one core": here, "all cores": Forks()}
KINDS = ("standard", "sha256")
Figures = dict[str, float]


def main(options: list[str] | None = None) -> None:
    """Print both sides and the ratios, or one line if npm is missing or has no package."""
    parser = argparse.ArgumentParser(prog="python -m bench hour_peer", description=__doc__)
    parser.add_argument("--leaves", type=int, default=100_000)
    parser.add_argument("--ours", choices=WORKS, help=argparse.SUPPRESS)
    asked = parser.parse_args(options or [])
    if asked.ours:
        print(json.dumps(_ours(asked.ours, asked.leaves)))
        return
    if missing := _missing():
        print(f"hour_peer: skipped: {missing}")
        return
    count = str(asked.leaves)
    command = [sys.executable, "-m", "bench", "hour_peer", "--leaves", count, "--ours"]
    ours = {name: _shown(f"ours, {name}", asked.leaves, [*command, name]) for name in WORKS}
    for kind in KINDS:
        node = ["node", f"--max-old-space-size={HEAP}", str(SCRIPT), kind, count, str(PROOFS)]
        theirs = _shown(f"{PACKAGE}, {kind}", asked.leaves, node)
        for name, one in ours.items():
            wall = theirs["seconds"] / one["seconds"]
            processor = theirs["processor"] / max(one["processor"], TICK)
            print(
                f"hour_peer: {kind} takes {wall:.0f} times as long as ours on {name}, "
                f"{processor:.0f} times the processor time",
                flush=True,
            )


def _missing() -> str | None:
    """Install the peer; why that cannot be done."""
    if not (shutil.which("npm") and shutil.which("node")):
        return "npm and node are needed to run @openzeppelin/merkle-tree beside ours"
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        "--silent",
        "--prefix",
        str(FOLDER),
        PACKAGE,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    return f"npm cannot install {PACKAGE}" if done.returncode else None


def _shown(name: str, leaves: int, command: list[str]) -> Figures:
    environment = {**os.environ, "NODE_PATH": str(FOLDER / "node_modules")}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    print(
        f"hour_peer: {leaves:,} leaves, {name}: tree {found['seconds']:.2f} s "
        f"(processor {found['processor']:.2f} s), proof {found['proof']:.0f} us, "
        f"most memory {found['memory']:.0f} MiB",
        flush=True,
    )
    return found


def _ours(cores: str, count: int) -> Figures:
    wallets = np.random.default_rng(5).bytes(HASH * count)
    amounts = np.arange(1, count + 1, dtype=np.uint64)
    begun, used = time.perf_counter(), sum(os.times()[:4])
    leaves = Leaves.of([]).plus(wallets, amounts)
    levels = leaves.levels(str(Pubkey(bytes([7] * 32))), WORKS[cores])
    built, spent = time.perf_counter(), sum(os.times()[:4]) - used

    def sibling(level: int, place: int) -> bytes:
        return levels[level][place * HASH : place * HASH + HASH]

    rows = range(0, count, max(1, count // PROOFS))
    for at in rows:
        proof(sibling, count, at)
    return {
        "seconds": built - begun,
        "processor": spent,
        "proof": (time.perf_counter() - built) / len(rows) * 1e6,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
