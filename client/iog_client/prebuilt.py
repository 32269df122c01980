"""The compiled programs that come with this software: where they lie and whose code they are."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client.errors import NotFound

Arch = Literal["v0", "v3"]

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent / "programs"
_PLACES = (_PACKAGE / "_programs", _CHECKOUT / "prebuilt")
NAMES = tuple(addresses.PROGRAMS)
LOCAL_KEYS = _CHECKOUT / "keys"
"""Id keys of the programs for local chains; only a checkout has them."""


@dataclass(frozen=True)
class ProgramFile:
    """One compiled program."""

    name: str
    id: Pubkey
    arch: Arch
    path: Path
    code: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.code).hexdigest()


def folder() -> Path | None:
    """Folder of the compiled programs: IOG_PROGRAMS, else the package's, else the checkout's."""
    named = os.environ.get("IOG_PROGRAMS")
    if named:
        return Path(named)
    return next((place for place in _PLACES if place.is_dir()), None)


def load(name: str, arch: Arch) -> ProgramFile:
    """Reads one program. NotFound says where it was looked for."""
    place = folder()
    if place is None:
        raise NotFound(
            "no compiled programs found; build them with `make programs`, or name "
            "their folder in IOG_PROGRAMS"
        )
    path = place / f"{name}.{arch}.so"
    try:
        code = path.read_bytes()
    except FileNotFoundError as exc:
        raise NotFound(f"{path} is missing; build it with `make programs`") from exc
    return ProgramFile(name, addresses.PROGRAMS[name], arch, path, code)


def available(arch: Arch) -> tuple[list[ProgramFile], list[str]]:
    """The programs that are there, and one line for each that is not."""
    found: list[ProgramFile] = []
    missing: list[str] = []
    for name in NAMES:
        try:
            found.append(load(name, arch))
        except NotFound as exc:
            missing.append(str(exc))
    return found, missing
