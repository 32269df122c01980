"""Writes tests/vectors/statements.json: statements and registrations with their canonical bytes.

The bytes are put together here from the layout alone, without any code of the project, so that
the Rust crate and the Python client are both tested against something neither of them wrote.

Usage: python scripts/vectors_statements.py
"""

import hashlib
import json
import struct
from pathlib import Path

OUT = Path(__file__).parent.parent / "tests" / "vectors" / "statements.json"
KINDS = {"job": 0, "hour": 1}


def key(name: str) -> str:
    """32 bytes, as hex, that stand for a key or an address of this name."""
    return hashlib.sha256(name.encode()).hexdigest()


def statement(kind: str, *, run: int, counter: int, seconds: int, **subject: str | int) -> dict:
    """A statement vector; `subject` is `job` (hex) or `hour`."""
    fields = {
        "genesis_hash": key("genesis"),
        "program": key("iog_jobs"),
        "device": key("device"),
        "kind": kind,
        **subject,
        "run": run,
        "counter": counter,
        "seconds": seconds,
    }
    about = (
        bytes.fromhex(str(subject["job"]))
        if kind == "job"
        else struct.pack("<Q24x", subject["hour"])
    )
    made = (
        b"iog-statement-v1"
        + b"".join(bytes.fromhex(fields[name]) for name in ("genesis_hash", "program", "device"))
        + bytes([KINDS[kind]])
        + about
        + struct.pack("<IQQ", run, counter, seconds)
    )
    assert len(made) == 165
    return {**fields, "bytes": made.hex()}


def registration(gpus: int) -> dict:
    """A registration vector."""
    names = {
        "genesis_hash": "genesis",
        "program": "iog_staking",
        "device": "device",
        "owner": "owner",
        "class": "class",
    }
    fields = {name: key(source) for name, source in names.items()}
    made = (
        b"iog-register-v1\0"
        + b"".join(bytes.fromhex(fields[name]) for name in names)
        + struct.pack("<H", gpus)
    )
    assert len(made) == 178
    return {**fields, "gpus": gpus, "bytes": made.hex()}


def main() -> None:
    """Writes the file."""
    most = {"run": 2**32 - 1, "counter": 2**64 - 1, "seconds": 2**64 - 1}
    vectors = {
        "statements": [
            statement("job", job=key("job"), run=1, counter=1, seconds=0),
            statement("job", job=key("job"), run=2, counter=77, seconds=3_600),
            statement("job", job=key("another job"), **most),
            statement("hour", hour=1, run=0, counter=1, seconds=60),
            statement("hour", hour=175_200, run=0, counter=60, seconds=3_600),
            statement("hour", hour=2**64 - 1, **most),
        ],
        "registrations": [registration(gpus) for gpus in (1, 8, 65_535)],
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(vectors, indent=2) + "\n")


if __name__ == "__main__":
    main()
