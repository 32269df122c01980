"""`iog config`: what the other commands use, and where it was set."""

from __future__ import annotations

from typing import Annotated

import typer

from iog_client import config
from iog_client.cli.options import JsonOption, OrchestratorOption, RpcOption, WalletOption
from iog_client.cli.output import emit, note, table

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Show and set what the other commands use.",
    epilog="Example: iog config show",
)


@app.command(epilog="Example: iog config show")
def show(
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show each setting with the place it comes from: flag, variable, file or default."""
    flags = {"rpc_url": rpc, "orchestrator_url": orchestrator, "wallet": wallet}
    settings, sources = config.resolve(flags)
    rows = {
        name: {"value": getattr(settings, name), "source": sources[name]} for name in config.NAMES
    }
    if as_json:
        emit(rows, as_json)
    else:
        table(
            [[name, str(row["value"]), row["source"]] for name, row in rows.items()],
            ["setting", "value", "from"],
        )


@app.command("set", epilog="Example: iog config set rpc_url http://127.0.0.1:8899")
def set_value(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(config.NAMES)}.")],
    value: Annotated[str, typer.Argument(help="Its value.")],
    as_json: JsonOption = False,
) -> None:
    """Write one setting to the configuration file."""
    path = config.file_path()
    config.write_value(path, name, value)
    if as_json:
        emit({"path": path, "name": name, "value": value}, as_json)
    else:
        note(f"{name} is set in {path}")


@app.command(epilog="Example: iog config path")
def path(as_json: JsonOption = False) -> None:
    """Print the path of the configuration file, whether it exists or not."""
    where = config.file_path()
    emit({"path": where} if as_json else str(where), as_json)
