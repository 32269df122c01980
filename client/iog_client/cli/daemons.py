"""Settings of the daemons: every option of `iog orchestrator run` and `iog node run` may also come
from the environment or from a table of the configuration file.

The option `--log-level` of the orchestrator is `IOG_ORCHESTRATOR_LOG_LEVEL`, and `log_level` in the
table `[orchestrator]`. A flag goes before the environment, that before the file.
"""

from __future__ import annotations

from typing import Any

from iog_client import config
from iog_client.errors import UsageError

RUN = "run"
SHARED = frozenset({"rpc", "network", "orchestrator", "wallet", "json", "help"})
"""Options that every command has, which are set for all of them at once."""


def prepare(command: Any, group: str) -> dict[str, Any]:
    """Let `run` of a group's command take its options from the environment; what the file sets, in
    the form of the parser's default map. Raises `UsageError` for what is no option of it."""
    run = command.commands.get(RUN) if hasattr(command, "commands") else None
    if run is None:
        return {}
    options = {_name(one): one for one in run.params if _name(one) not in SHARED}
    for name, option in options.items():
        option.envvar = variable(group, name)
    path = config.file_path()
    table = config.read_table(path, group)
    for name in table:
        if name not in options:
            known = ", ".join(sorted(options))
            raise UsageError(
                f"{path}: [{group}] has no setting `{name[:60]}`; there are {known or 'none'}"
            )
    return {RUN: {options[name].name: value for name, value in table.items()}}


def variable(group: str, name: str) -> str:
    """The environment variable of an option of a group's `run`."""
    return f"IOG_{group}_{name}".upper()


def _name(option: Any) -> str:
    long = max(option.opts, key=len)
    return str(long).lstrip("-").replace("-", "_")
