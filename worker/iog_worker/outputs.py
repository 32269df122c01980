"""What a job leaves behind: the files it declared, and its figures in `metrics.json`."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from iog_client.errors import Refused
from iog_client.protocol import OutputFile

from .transfer import hash_file

METRICS = "metrics.json"
MAX_FILES = 1000
MAX_METRICS = 100
MAX_METRICS_BYTES = 64 << 10
MAX_TEXT = 1000

Metrics = dict[str, float | int | str]


class OutputMissing(Refused):
    """the job did not leave what it declared"""


@dataclass(frozen=True, slots=True)
class Output:
    """A file to upload, with where it lies."""

    file: OutputFile
    source: Path


def collect(work: Path, declared: list[str], *, partial: bool = False) -> list[Output]:
    """The declared outputs: paths, folders (all files below) or patterns such as `runs/*.csv`.

    Links that lead out of the job's folder are refused: they would give away the machine's files.
    With `partial`, what is missing is left out.

    Raises:
        OutputMissing: nothing is there for a declared output, or it is more than can be sent.
    """
    root = work.resolve()
    found: dict[str, Path] = {}
    for pattern in declared:
        files = _files(root, pattern)
        if not files and not partial:
            raise OutputMissing(f"the job left no {pattern}")
        found |= {file.relative_to(root).as_posix(): file for file in files}
    if len(found) > MAX_FILES:
        raise OutputMissing(f"the job left {len(found)} files; at most {MAX_FILES} are sent")
    return [_output(path, found[path]) for path in sorted(found)]


def _files(root: Path, pattern: str) -> list[Path]:
    plain = root / pattern
    matches = [plain] if plain.exists() else sorted(root.glob(pattern))
    files: list[Path] = []
    for match in matches:
        files += sorted(match.rglob("*")) if match.is_dir() else [match]
    return [file for file in files if file.is_file() and file.resolve().is_relative_to(root)]


def _output(path: str, source: Path) -> Output:
    digest, size = hash_file(source)
    return Output(OutputFile(path=path, sha256=digest, size=size), source)


def metrics(work: Path) -> Metrics:
    """The job's figures: a flat object of numbers and short strings, or nothing.

    Raises:
        OutputMissing: there is a `metrics.json`, and it is something else.
    """
    path = work / METRICS
    if not path.is_file() or not path.resolve().is_relative_to(work.resolve()):
        return {}
    if path.stat().st_size > MAX_METRICS_BYTES:
        raise OutputMissing(f"{METRICS} has more than {MAX_METRICS_BYTES} bytes")
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise OutputMissing(f"{METRICS} is not JSON") from None
    if not isinstance(value, dict) or len(value) > MAX_METRICS:
        raise OutputMissing(f"{METRICS} is not an object of at most {MAX_METRICS} figures")
    for name, figure in value.items():
        if len(name) > MAX_TEXT or not _is_figure(figure):
            raise OutputMissing(f"{METRICS}: `{name[:60]}` is not a number or a short text")
    return value


def _is_figure(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
