"""`iog completion`: shell completion, and the answers to a shell that asks for it."""

from __future__ import annotations

import importlib
import os
from typing import Annotated

import typer
from typer._completion_classes import completion_init
from typer._completion_shared import get_completion_script, install
from typer.core import TyperCommand, TyperGroup

from iog_client.cli import COMPLETE, GROUPS
from iog_client.errors import UsageError

SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: iog completion bash")
def completion(
    shell: Annotated[str, typer.Argument(help="bash, zsh, fish, powershell or auto.")] = "auto",
    install_it: Annotated[
        bool, typer.Option("--install", help="Install it instead of printing it.")
    ] = False,
) -> None:
    """Print the completion script of a shell, or install it for this user."""
    if shell == "auto":
        shell = os.path.basename(os.environ.get("SHELL", ""))  # noqa: PTH119 - a name, not a path
    if shell not in SHELLS:
        hint = "; did you mean `iog completion --install`?" if shell == "install" else ""
        raise UsageError(
            f"there is no completion for shell `{shell[:60]}`, only {', '.join(SHELLS)}{hint}"
        )
    if install_it:
        _, path = install(shell=shell, prog_name="iog", complete_var=COMPLETE)
        typer.echo(f"{shell} completion is in {path}; it works in the next shell", err=True)
    else:
        typer.echo(get_completion_script(prog_name="iog", complete_var=COMPLETE, shell=shell))


class _Root(TyperGroup):
    """The groups by name; only one that is on the command line is imported."""

    def list_commands(self, ctx: object) -> list[str]:
        return list(GROUPS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:
        if cmd_name not in GROUPS:
            return None
        module, text = GROUPS[cmd_name]
        words = os.environ.get("COMP_WORDS", os.environ.get("_TYPER_COMPLETE_ARGS", "")).split()
        if cmd_name not in words:
            return TyperCommand(cmd_name, help=text)
        found = typer.main.get_command(importlib.import_module(module).app)
        assert isinstance(found, TyperCommand | TyperGroup)  # the two kinds Typer makes
        return found


def complete() -> int:
    """Answer the shell. Nothing goes wrong loudly: a shell would print it into the prompt."""
    completion_init()
    try:
        _Root(name="iog").main(args=[], prog_name="iog", complete_var=COMPLETE)
    except SystemExit as end:
        return int(end.code or 0)
    except Exception:  # a broken group completes to nothing
        return 1
    return 0
