"""`iog orchestrator`: the daemon's own commands, which come with its extra."""

from __future__ import annotations

import typer

from iog_client.errors import UsageError

_ANY = {"allow_extra_args": True, "ignore_unknown_options": True}

try:
    from iog_orchestrator.cli import app
except ModuleNotFoundError as error:
    _missing = (
        f"the orchestrator is not installed ({error.name} is missing); "
        "`pip install 'iog[orchestrator]'` adds it"
    )
    app = typer.Typer(add_completion=False, help="Run the service that places jobs.")

    @app.command(context_settings=_ANY, help="Run the service (extra `orchestrator`).")
    def run() -> None:
        raise UsageError(_missing)

    @app.command(context_settings=_ANY, help="Find out what is wrong (extra `orchestrator`).")
    def doctor() -> None:
        raise UsageError(_missing)
