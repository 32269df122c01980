"""Settings of the client, read once at the edge: flags over `IOG_*` over the configuration file."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from iog_client import endpoints
from iog_client.errors import NotAllowed, UsageError

DEFAULT_RPC = "http://127.0.0.1:8899"
DEFAULT_ORCHESTRATOR = "http://127.0.0.1:8787"
DEFAULT_WALLET = "~/.config/iog/wallet.json"
DEFAULT_FILE = "~/.config/iog/config.toml"

VARIABLES = {
    "rpc_url": "IOG_RPC_URL",
    "orchestrator_url": "IOG_ORCHESTRATOR_URL",
    "wallet": "IOG_WALLET",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the chain, the orchestrator and the wallet are. The orchestrator may have several
    addresses, with commas between them."""

    rpc_url: str = DEFAULT_RPC
    orchestrator_url: str = DEFAULT_ORCHESTRATOR
    wallet: Path = field(default_factory=lambda: Path(DEFAULT_WALLET).expanduser())


NAMES = tuple(field.name for field in fields(Settings))
TABLES = ("node", "orchestrator")
"""Tables of the file: what the daemons' commands take their options from."""


def load(
    *,
    rpc_url: str | None = None,
    orchestrator_url: str | None = None,
    wallet: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings in force; arguments are the flags. Raises `UsageError` naming a bad value."""
    flags = {"rpc_url": rpc_url, "orchestrator_url": orchestrator_url, "wallet": wallet}
    return resolve(flags, environ)[0]


def resolve(
    flags: Mapping[str, str | Path | None], environ: Mapping[str, str] | None = None
) -> tuple[Settings, dict[str, str]]:
    """The settings, and for each one the place its value came from."""
    environ = os.environ if environ is None else environ
    path = file_path(environ)
    written = read_file(path)
    defaults = Settings()
    values: dict[str, str | Path] = {}
    sources: dict[str, str] = {}
    for name in NAMES:
        candidates = (
            (flags.get(name), "flag"),
            (environ.get(VARIABLES[name]) or None, VARIABLES[name]),
            (written.get(name), str(path)),
            (getattr(defaults, name), "default"),
        )
        value, source = next((value, source) for value, source in candidates if value is not None)
        values[name], sources[name] = checked(name, str(value), source), source
    return Settings(
        str(values["rpc_url"]), str(values["orchestrator_url"]), Path(values["wallet"])
    ), sources


def file_path(environ: Mapping[str, str] | None = None) -> Path:
    """The configuration file; it need not exist."""
    environ = os.environ if environ is None else environ
    return Path(environ.get("IOG_CONFIG") or DEFAULT_FILE).expanduser()


def read_file(path: Path) -> dict[str, str]:
    """What the file sets for every command. A missing file sets nothing; anything unknown in it is
    a `UsageError`."""
    written = {name: value for name, value in _parsed(path).items() if name not in TABLES}
    for name, value in written.items():
        known(name, str(path))
        if not isinstance(value, str):
            raise UsageError(f"{path}: {name} is {value!r}, and has to be text in quotes")
    return written


def read_table(path: Path, name: str) -> dict[str, str | int | float | bool]:
    """What the file's table `name` sets. Raises `UsageError` for values that no option takes."""
    table = _parsed(path).get(name, {})
    if not isinstance(table, dict):
        raise UsageError(f"{path}: {name} is {table!r}, and has to be a table: [{name}]")
    for key, value in table.items():
        if not isinstance(value, str | int | float | bool):
            raise UsageError(
                f"{path}: [{name}] {key} is {value!r}; text, a number, true or false is accepted"
            )
    return table


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None
    except OSError as error:
        raise NotAllowed(f"{path} cannot be read: {error.strerror}") from None


def write_value(path: Path, name: str, value: str) -> None:
    """Set one name in the file, keeping the others. Raises `UsageError` or `NotAllowed`."""
    known(name, "`iog config set`")
    checked(name, value, "`iog config set`")
    written = {**read_file(path), name: value}
    # a TOML basic string is a JSON string
    text = "".join(f"{key} = {json.dumps(written[key])}\n" for key in NAMES if key in written)
    for table in TABLES:
        if values := read_table(path, table):
            lines = (f"{key} = {json.dumps(value)}\n" for key, value in values.items())
            text += f"\n[{table}]\n{''.join(lines)}"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".new")
        partial.write_text(text)
        partial.replace(path)
    except OSError as error:
        raise NotAllowed(f"{path} cannot be written: {error.strerror}") from None


def known(name: str, where: str) -> None:
    """Raises `UsageError` for a name there is no setting of."""
    if name not in NAMES:
        raise UsageError(
            f"{where}: there is no setting `{name[:60]}`; there are {', '.join(NAMES)}"
        )


def checked(name: str, value: str, where: str) -> str | Path:
    """A value in the type its setting has. Raises `UsageError`."""
    if not value.strip():
        raise UsageError(f"{name} ({where}) is empty")
    if name == "wallet":
        return Path(value).expanduser()
    if name == "orchestrator_url":
        return ",".join(endpoints.parse(value, f"{name} ({where})"))
    if not endpoints.is_url(value):
        raise UsageError(
            f"{name} ({where}) is `{value[:100]}`, which is not a URL such as {DEFAULT_RPC}"
        )
    return value.rstrip("/")
