"""What every command prints, and how it ends.

Results go to stdout: JSON and nothing else with `--json`, else text for people. Errors, progress
and notes go to stderr.
"""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import (
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from itertools import zip_longest
from pathlib import PurePath
from typing import Any, TypeVar

import typer

from iog_client import amounts, config
from iog_client.cli import daemons
from iog_client.errors import IogError, Refused, UsageError
from iog_client.terminals import harmless

T = TypeVar("T")

INTERRUPTED = 130
CANCEL_AGAIN = 0.25
"""Seconds after which what was cancelled and goes on is cancelled again."""
QUIET_SECONDS = 2.0
"""How long a command may work without saying so."""

MEANT = {("wallet", "balance"): "show"}
"""Commands by what they are taken to be called, where no name is near."""


def execute(module: str, name: str, arguments: list[str]) -> int:
    """Run the group `name` of a module; its exit code. Every error becomes one line."""
    as_json = "--json" in arguments
    try:
        command = typer.main.get_command(importlib.import_module(module).app)
        plain_help(command)
        defaults = daemons.prepare(command, name, arguments) if name in config.TABLES else {}
        code = command.main(
            args=arguments, prog_name=f"iog {name}", standalone_mode=False, default_map=defaults
        )
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except IogError as error:
        return report(error, as_json)
    except typer.TyperException as error:  # any complaint of the parser
        return _usage(error, name, arguments, as_json)
    except (typer.Abort, KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away, as `| head` does; nothing is left to tell it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # the last resort: a defect still ends in one line
        if os.environ.get("IOG_DEBUG"):
            traceback.print_exc()
        said = " ".join(str(error).split()) or "no message"
        hint = "IOG_DEBUG=1 shows where"
        return report(IogError(f"unexpected {type(error).__name__}: {said} ({hint})"), as_json)


def plain_help(command: Any) -> None:
    """Have the help of a command and those below it be text that is wrapped where the terminal
    ends: boxes cut long words off, such as the names of variables."""
    command.rich_markup_mode = None
    for one in getattr(command, "commands", {}).values():
        # whole, where the parser would cut it off after a line
        one.short_help = " ".join((one.help or "").partition("\n\n")[0].split())
        plain_help(one)


def _usage(error: typer.TyperException, name: str, arguments: list[str], as_json: bool) -> int:
    text = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(text + "\n")
        return UsageError.exit_code
    context = getattr(error, "ctx", None)
    path = f"iog {name}" if context is None else context.command_path
    where = f" (`{path} --help` says more)"
    said = " ".join(text.split()).rstrip(".")
    if (meant := MEANT.get((name, "".join(arguments[:1])))) is not None:
        said += f". Did you mean '{meant}'?"
    return report(UsageError(said[:1].lower() + said[1:] + where), as_json)


def report(error: IogError, as_json: bool) -> int:
    """Print an error on stderr; its exit code."""
    message = " ".join(error.message.split())
    if as_json:
        said = {
            "error": message,
            "kind": type(error).__name__,
            "exit_code": error.exit_code,
            **error.facts(),
        }
        sys.stderr.write(json.dumps(said, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"error: {harmless(message)}\n")
    return error.exit_code


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine to its end, or until Ctrl-C. Raises `asyncio.CancelledError` or
    `KeyboardInterrupt` for that."""
    return asyncio.run(_interruptible(coroutine))


async def _interruptible(work: Coroutine[Any, Any, T]) -> T:
    """Cancel the work on Ctrl-C, and again until it ends: one cancellation may come at a moment at
    which a library takes it for its own. A second Ctrl-C ends it at once."""
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)

    def cancel() -> None:
        if not task.done():
            task.cancel()
            loop.call_later(CANCEL_AGAIN, cancel)

    def interrupted() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        cancel()

    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        return await task
    finally:
        loop.remove_signal_handler(signal.SIGINT)


@contextmanager
def if_interrupted(said: str) -> Iterator[None]:
    """Say on Ctrl-C, which ends the work, what has been done or may have been."""
    try:
        yield
    except asyncio.CancelledError:
        note(said)
        raise


def emit(result: object, as_json: bool, text: str | None = None) -> None:
    """Print a result: as JSON, else `text`, else a table made of it.

    A mapping becomes a table of names and values, a sequence of mappings one of rows. In JSON
    amounts are strings of base units.
    """
    plain = to_plain(result)
    if as_json:
        sys.stdout.write(json.dumps(amounts.to_json(plain), indent=2, ensure_ascii=False) + "\n")
    elif text is not None:
        sys.stdout.write(harmless(text) + "\n")
    elif isinstance(plain, Mapping):
        table([[name.replace("_", " "), value] for name, value in plain.items()])
    elif isinstance(plain, Sequence) and plain and isinstance(plain[0], Mapping):
        table([list(row.values()) for row in plain], [name.replace("_", " ") for name in plain[0]])
    else:
        sys.stdout.write(f"{harmless(str(plain))}\n")


def table(rows: Iterable[Sequence[object]], headings: Sequence[str] = ()) -> None:
    """Print rows on stdout; whole, however narrow the place, when it is not a terminal."""
    listed = [[_cell(value) for value in row] for row in rows]
    if sys.stdout.isatty():
        _draw(listed, headings)
        return
    lines = [list(headings), *listed] if headings else listed
    widths = [max(map(len, column)) for column in zip_longest(*lines, fillvalue="")]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=False))
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def _draw(listed: list[list[str]], headings: Sequence[str]) -> None:
    """A table that fits the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, show_header=bool(headings), pad_edge=False)
    for index in range(max([len(headings), *map(len, listed)])):
        drawn.add_column(headings[index] if index < len(headings) else "", overflow="fold")
    for row in listed:
        drawn.add_row(*map(Text, row))
    Console(highlight=False).print(drawn)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    return "-" if value is None else harmless(str(value))


def note(text: str) -> None:
    """Something worth knowing that is not the result."""
    sys.stderr.write(f"{harmless(text)}\n")


def confirm(question: str, sure: bool) -> None:
    """Ask before what cannot be taken back at once, where somebody is there to answer.

    Raises:
        Refused: the answer is no.
        typer.Abort: it is Ctrl-C, or the end of the input.
    """
    if not sure and sys.stdin.isatty() and not _asked(question):
        raise Refused("nothing was done: the answer was no")


def _asked(question: str) -> bool:
    # while a question blocks the event loop, its way of being interrupted does nothing
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return typer.confirm(question, err=True)
    finally:
        signal.signal(signal.SIGINT, before)


def signed(text: str, result: Mapping[str, Any]) -> str:
    """What a command has changed, and the signature of the transaction that did it."""
    return f"{text}\nsignature: {result['signature']}"


@asynccontextmanager
async def progress(text: str) -> AsyncIterator[None]:
    """Say on stderr what is being waited for, once it takes more than two seconds."""
    task = asyncio.create_task(_say_after(text))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextmanager
def counting(text: str) -> Iterator[Callable[[int, int], None]]:
    """Gives a function to call with rows done and rows there are; says so on stderr, once it takes
    more than two seconds, at most once a second in a terminal and every tenth elsewhere."""
    begun = said = time.monotonic()
    pause = 1.0 if sys.stderr.isatty() else 10.0

    def told(done: int, of: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - begun > QUIET_SECONDS and (now - said >= pause or said == begun):
            said = now
            note(f"{text}: {done:,} of {of:,} rows")

    yield told


async def _say_after(text: str) -> None:
    await asyncio.sleep(QUIET_SECONDS)
    if not sys.stderr.isatty():
        note(f"{text} …")
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{text} …"):
        await asyncio.Event().wait()


def to_plain(value: object) -> Any:
    """A value in JSON types: keys and hashes as text, bytes as hex, an enum by its name."""
    if isinstance(value, enum.Enum):
        return value.name.lower()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: to_plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): to_plain(inner) for key, inner in value.items()}
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, Iterable) and not isinstance(value, PurePath) and not _is_key(value):
        return [to_plain(inner) for inner in value]
    return str(value)


def _is_key(value: object) -> bool:
    return type(value).__module__.startswith("solders")
