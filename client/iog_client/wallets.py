"""Key files: a JSON array of 64 numbers, as Solana's own tools write them, for the owner only."""

from __future__ import annotations

import json
import os
from pathlib import Path

from solders.keypair import Keypair

from iog_client.errors import NotAllowed, NotFound, Refused, UsageError

BYTES = 64
MAX_FILE = 4096
EXPECTED = f"a JSON array of {BYTES} numbers 0 to 255"


def load(path: Path | str, what: str = "wallet") -> Keypair:
    """The key in a file. Raises `NotFound`, `NotAllowed` or `UsageError`, naming the file.

    `what` is what the reader calls this key. The file's content never appears in a message.
    """
    path = Path(path).expanduser()
    numbers = _numbers(path, what)
    try:
        return Keypair.from_bytes(bytes(numbers))
    except ValueError:
        raise UsageError(
            f"{what} file {path} holds 64 numbers that are not a key: "
            "the last 32 are not the public key of the first 32"
        ) from None


def create(path: Path | str, what: str = "wallet") -> Keypair:
    """Make a key and write it, mode 0600. An existing file is never written over."""
    path = Path(path).expanduser()
    key = Keypair()
    write(path, key, what)
    return key


def write(path: Path, key: Keypair, what: str = "wallet") -> None:
    """Write a key to a new file, mode 0600; its folder is made where it is missing."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # O_EXCL and the mode at creation: the key is never, even briefly, readable by others
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if not path.exists():
            raise NotAllowed(f"{what} file {path} cannot be written: no folder there") from None
        raise Refused(f"{what} file {path} exists already and is not written over") from None
    except OSError as error:
        raise NotAllowed(f"{what} file {path} cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "w") as file:
        json.dump(list(bytes(key)), file)


def load_or_create(path: Path | str, what: str = "wallet") -> Keypair:
    """The key in a file, made first where there is none."""
    path = Path(path).expanduser()
    return load(path, what) if path.exists() else create(path, what)


def _numbers(path: Path, what: str) -> list[int]:
    if not path.exists():
        raise NotFound(f"{what} file {path} does not exist; `iog wallet new` makes one")
    if path.is_dir():
        raise UsageError(f"{what} file {path} is a folder; a file with {EXPECTED} is expected")
    not_a_key = UsageError(f"{what} file {path} is not {EXPECTED}")
    try:
        if path.stat().st_size > MAX_FILE:
            raise not_a_key
        numbers = json.loads(path.read_text())
    except PermissionError:
        raise NotAllowed(f"{what} file {path} is not readable by this user") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{what} file {path} is not JSON; {EXPECTED} is expected") from None
    if not isinstance(numbers, list) or len(numbers) != BYTES or not all(map(_is_byte, numbers)):
        raise not_a_key
    return numbers


def _is_byte(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 255
