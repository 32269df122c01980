"""What a job leaves behind: the files it declared, and its figures in `metrics.json`."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from iog_client.errors import Refused
from iog_client.jobspec import relative_path
from iog_client.protocol import OutputFile

from .transfer import hash_file

METRICS = "metrics.json"
MAX_FILES = 1000
MAX_LOOKED = 1_000_000
"""Entries of folders that are looked at for a run's outputs, those looked at again among them."""
ANY_DEPTH = "**"
MAX_METRICS = 100
MAX_METRICS_BYTES = 64 << 10
MAX_TEXT = 1000
MAX_INTEGER = 1 << 63

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
    With `partial`, what is missing or cannot be sent is left out.

    Raises:
        OutputMissing: nothing is there for a declared output, or it is not such as can be sent.
    """
    try:
        return _collect(work, declared, partial)
    except (OSError, ValueError, RuntimeError) as error:
        # a pattern that is none, names too long for the system, folders nested too deep: all the
        # job's own, and nothing that another try would change
        raise OutputMissing(f"the outputs cannot be read: {error}") from error


def _collect(work: Path, declared: list[str], partial: bool) -> list[Output]:
    root = work.resolve()
    found: dict[str, Path] = {}
    look = _Look()
    for pattern in declared:
        files = _files(root, pattern, look)
        if not files and not partial:
            raise OutputMissing(f"the job left no {pattern}")
        found |= {file.relative_to(root).as_posix(): file for file in files}
    if len(found) > MAX_FILES:
        raise OutputMissing(f"the job left {len(found)} files; at most {MAX_FILES} are sent")
    taken = []
    for path in sorted(found):
        try:
            taken.append(_output(path, found[path]))
        except OutputMissing:
            if not partial:
                raise
    return taken


def _files(root: Path, pattern: str, look: _Look) -> list[Path]:
    plain = root / pattern
    matches = {plain} if plain.exists() else look.matching(root, pattern)
    # what leads out of the job's folder is not walked through: it may be the whole machine
    inside = {match for match in matches if match.resolve().is_relative_to(root)}
    files = inside | look.below(inside)
    return [file for file in files if file.is_file() and file.resolve().is_relative_to(root)]


class _Look:
    """Looks into folders, at so many entries in all: patterns and folders are the job's own, and
    may be made to take for ever."""

    def __init__(self) -> None:
        self._left = MAX_LOOKED

    def matching(self, root: Path, pattern: str) -> set[Path]:
        """What a pattern names, as `Path.glob` has it, each folder looked into once for a part."""
        found = {root}
        for part in PurePosixPath(pattern).parts:
            if part == ANY_DEPTH:
                found |= {one for one in self.below(found) if one.is_dir() and not one.is_symlink()}
            elif ANY_DEPTH in part:
                raise ValueError(f"{ANY_DEPTH} stands for whole folders alone")
            else:
                entries = (Path(entry) for folder in found for entry in self._entries(folder))
                found = {entry for entry in entries if fnmatchcase(entry.name, part)}
        return found

    def below(self, folders: set[Path]) -> set[Path]:
        """All that lies in folders and those below; links to folders are not followed."""
        found: set[Path] = set()
        todo, seen = [*folders], set(folders)
        while todo:
            for entry in self._entries(todo.pop()):
                path = Path(entry)
                found.add(path)
                if path not in seen and entry.is_dir(follow_symlinks=False):
                    seen.add(path)
                    todo.append(path)
        return found

    def _entries(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        with suppress(PermissionError, NotADirectoryError), os.scandir(folder) as entries:
            for entry in entries:
                self._left -= 1
                if self._left < 0:
                    raise OutputMissing(
                        f"the outputs cannot be found among more than {MAX_LOOKED:,} entries of "
                        "folders"
                    )
                yield entry


def _output(path: str, source: Path) -> Output:
    try:
        # the client saves it under this name, which takes no other
        relative_path(path)
    except ValueError:
        raise OutputMissing(f"the job left {path[:60]!a}, a name that cannot be sent") from None
    try:
        digest, size = hash_file(source)
    except OSError as error:
        raise OutputMissing(
            f"the job left {path}, which cannot be read: {error.strerror}"
        ) from None
    return Output(OutputFile(path=path, sha256=digest, size=size), source)


def metrics(work: Path) -> Metrics:
    """The job's figures: a flat object of numbers and short strings, or nothing.

    Raises:
        OutputMissing: there is a `metrics.json`, and it is something else.
    """
    path = work / METRICS
    if not path.is_file() or not path.resolve().is_relative_to(work.resolve()):
        return {}
    try:
        with path.open("rb") as file:
            data = file.read(MAX_METRICS_BYTES + 1)
        if len(data) > MAX_METRICS_BYTES:
            raise OutputMissing(f"{METRICS} has more than {MAX_METRICS_BYTES} bytes")
        value = json.loads(data)
    except OSError as error:
        raise OutputMissing(f"{METRICS} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise OutputMissing(f"{METRICS} is not JSON") from None
    if not isinstance(value, dict) or len(value) > MAX_METRICS:
        raise OutputMissing(f"{METRICS} is not an object of at most {MAX_METRICS} figures")
    for name, figure in value.items():
        if not _is_text(name) or not _is_figure(figure):
            raise OutputMissing(f"{METRICS}: {name[:60]!a} is not a number or a short text")
    return value


def _is_figure(value: object) -> bool:
    if isinstance(value, str):
        return _is_text(value)
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) < MAX_INTEGER
    return isinstance(value, float) and math.isfinite(value)


def _is_text(value: str) -> bool:
    """Whether it is short, and text: JSON can name halves of characters that no frame carries."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return len(value) <= MAX_TEXT
