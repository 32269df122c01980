"""Inputs of a job on their way to the orchestrator."""

from __future__ import annotations

import sys

from iog_client.cli.session import Session
from iog_client.jobfile import LocalInput


async def upload(here: Session, inputs: list[LocalInput]) -> None:
    """Upload the inputs, each content once, saying how far it is on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    unique = {each.file.sha256: each for each in inputs}
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    hidden = not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=hidden) as bars:
        for each in unique.values():
            task = bars.add_task(each.file.path, total=each.file.size)
            await here.api.put_blob(
                each.file.sha256,
                each.source,
                each.file.size,
                lambda count, task=task: bars.advance(task, count),  # type: ignore[misc]
            )
