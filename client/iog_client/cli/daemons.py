"""Settings of the daemons: every option of `iog orchestrator run` and `iog node run` may also come
from the environment or from a table of the configuration file.

The option `--log-level` of the orchestrator is `IOG_ORCHESTRATOR_LOG_LEVEL`, and `log_level` in the
table `[orchestrator]`. A flag goes before the environment, that before the file.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from iog_client import config
from iog_client.errors import UsageError

RUN = "run"
SHARED = frozenset({"rpc", "network", "orchestrator", "wallet", "json", "help"})
"""Options that every command has, which are set for all of them at once."""


def prepare(
    command: Any, group: str, arguments: Sequence[str], environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Let `run` of a group's command take its options from the environment; what the file sets, in
    the form of the parser's default map. Raises `UsageError` for what is no option of it; in the
    environment, where it counts for `run` alone, only if that is what is called."""
    run = command.commands.get(RUN) if hasattr(command, "commands") else None
    if run is None:
        return {}
    options = {_name(one): one for one in run.params if _name(one) not in SHARED}
    for name, option in options.items():
        option.envvar = variable(group, name)
    if RUN in arguments[:1]:
        _require_known(group, options, os.environ if environ is None else environ)
    path = config.file_path()
    table = config.read_table(path, group)
    for name in table:
        if name not in options:
            raise UsageError(
                f"{path}: [{group}] has no setting `{name[:60]}`; there are "
                f"{_list(options) or 'none'}"
            )
    return {RUN: {options[name].name: value for name, value in table.items()}}


def variable(group: str, name: str) -> str:
    """The environment variable of an option of a group's `run`."""
    return f"IOG_{group}_{name}".upper()


def _require_known(group: str, options: Collection[str], environ: Mapping[str, str]) -> None:
    """Raises `UsageError` for a variable with the group's prefix that nothing reads."""
    prefix = variable(group, "")
    known = {variable(group, name) for name in options} | set(config.VARIABLES.values())
    for name in sorted(environ):
        if not name.startswith(prefix) or name in known or not environ[name]:
            continue
        # without what all begin with, which would make any two alike
        rest = {one.removeprefix(prefix): one for one in known if one.startswith(prefix)}
        near = get_close_matches(name.removeprefix(prefix), rest, 1)
        hint = f"did you mean `{rest[near[0]]}`?" if near else f"there are {_list(rest.values())}"
        raise UsageError(f"the environment sets `{name[:60]}`, which is no option; {hint}")


def _list(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


def _name(option: Any) -> str:
    long = max(option.opts, key=len)
    return str(long).lstrip("-").replace("-", "_")
