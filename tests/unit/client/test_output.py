"""What commands print and how they end: results on stdout, one line on stderr, exit codes."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import pytest
import typer
from solders.pubkey import Pubkey

from iog_client import errors
from iog_client.cli import output

KEY = Pubkey(bytes([1]) * 32)


class Colour(IntEnum):
    RED = 1


@dataclass(frozen=True)
class Thing:
    key: Pubkey
    raw: bytes
    many: tuple[int, ...]


@pytest.fixture
def module() -> Iterator[Callable[[Callable[[], None]], str]]:
    """Makes a module whose `app` runs a function; its name."""
    made = types.ModuleType("made_for_test")

    def make(function: Callable[[], None]) -> str:
        made.app = typer.Typer()  # type: ignore[attr-defined]

        @made.app.command()  # type: ignore[attr-defined, untyped-decorator]
        def command(number: int = 0, as_json: bool = typer.Option(False, "--json")) -> None:
            function()

        return made.__name__

    sys.modules[made.__name__] = made
    yield make
    del sys.modules[made.__name__]


def raising(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (errors.Refused("no"), 1, "error: no\n"),
        (errors.UsageError("bad\n  input"), 2, "error: bad input\n"),
        (errors.NotFound("none"), 3, "error: none\n"),
        (errors.NotAllowed(), 4, "error: this key is not allowed to do that\n"),
        (errors.Unreachable("http://x", "gone"), 5, "error: http://x is not reachable: gone\n"),
        (errors.TimedOut("late"), 6, "error: late\n"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    module: Callable[[Callable[[], None]], str],
    capsys: pytest.CaptureFixture[str],
    error: errors.IogError,
    code: int,
    said: str,
) -> None:
    assert output.execute(module(raising(error)), "made", []) == code
    assert capsys.readouterr() == ("", said)


def test_with_json_an_error_is_an_object_on_stderr(
    module: Callable[[Callable[[], None]], str], capsys: pytest.CaptureFixture[str]
) -> None:
    error = errors.Mismatch("x", 1, 2)
    assert output.execute(module(raising(error)), "made", ["--json"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert json.loads(printed.err) == {
        "error": "x is 1 on chain, and 2 was asked for",
        "kind": "Mismatch",
        "exit_code": 1,
        "what": "x",
        "on_chain": "1",
        "asked": "2",
    }


@pytest.mark.parametrize("end", [KeyboardInterrupt(), typer.Abort()])
def test_an_interruption_is_quiet(
    module: Callable[[Callable[[], None]], str],
    capsys: pytest.CaptureFixture[str],
    end: BaseException,
) -> None:
    assert output.execute(module(raising(end)), "made", []) == 130
    assert capsys.readouterr() == ("", "")


def test_a_defect_still_ends_in_one_line(
    module: Callable[[Callable[[], None]], str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("IOG_DEBUG", raising=False)
    assert output.execute(module(raising(KeyError("x"))), "made", []) == 1
    said = "error: unexpected KeyError: 'x' (IOG_DEBUG=1 shows where)\n"
    assert capsys.readouterr() == ("", said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nothing"], "error: no such option: --nothing"),
        (["--number"], "error: option '--number' requires an argument"),
        (["--number", "x"], "error: invalid value for '--number': "),
        (["extra"], "error: got unexpected extra argument(s) (extra)"),
    ],
)
def test_a_usage_error_is_one_line_that_says_where_help_is(
    module: Callable[[Callable[[], None]], str],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    assert output.execute(module(lambda: None), "made", arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(said)
    assert printed.err.endswith("(`iog made --help` says more)\n")
    assert printed.err.count("\n") == 1


def test_the_exit_code_a_command_chose_is_kept(
    module: Callable[[Callable[[], None]], str],
) -> None:
    assert output.execute(module(raising(typer.Exit(3))), "made", []) == 3
    assert output.execute(module(lambda: None), "made", []) == 0


def test_json_has_keys_as_text_bytes_as_hex_and_enums_by_name() -> None:
    thing = Thing(KEY, b"\x01\xff", (1, 2))
    assert output.to_plain({"a": thing, "b": Colour.RED, "c": Path("/x"), 4: None}) == {
        "a": {"key": str(KEY), "raw": "01ff", "many": [1, 2]},
        "b": "red",
        "c": "/x",
        "4": None,
    }


def test_json_is_all_there_is_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit({"key": KEY}, True, "text")
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"key": str(KEY)}
    assert printed.err == ""


def test_json_has_amounts_as_strings_of_base_units(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit([{"gpus": 2, "stake": 10**10, "orchestrator": {"ask": 5}}], True)
    assert json.loads(capsys.readouterr().out) == [
        {"gpus": 2, "stake": "10000000000", "orchestrator": {"ask": "5"}}
    ]


def test_a_mapping_becomes_a_table_of_names_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit({"hour_length": 60, "on": True, "none": None, "list": [1, 2]}, False)
    assert capsys.readouterr().out == (
        "hour length  60\non           yes\nnone         -\nlist         1, 2\n"
    )


def test_rows_become_a_table_with_headings_and_keep_long_words_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    long = "x" * 200
    output.emit([{"a_b": 1, "c": long}, {"a_b": 22, "c": ""}], False)
    assert capsys.readouterr().out == f"a b  c\n1    {long}\n22\n"


def test_nothing_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    output.emit([], True)
    assert capsys.readouterr().out == "[]\n"


async def test_quick_work_is_not_announced(capsys: pytest.CaptureFixture[str]) -> None:
    async with output.progress("working"):
        pass
    assert capsys.readouterr() == ("", "")


async def test_an_error_passes_through_progress() -> None:
    with pytest.raises(errors.Refused):
        async with output.progress("working"):
            raise errors.Refused


class Terminal(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_person_at_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("y\nn\n"))
    output.confirm("Go on?", sure=False)
    with pytest.raises(errors.Refused, match="nothing was done"):
        output.confirm("Go on?", sure=False)


class Interrupted(Terminal):
    """Somebody who presses Ctrl-C instead of an answer."""

    def readline(self, size: int | None = -1, /) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return "y\n"


def test_ctrl_c_at_a_question_ends_it_inside_a_command_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def command() -> None:
        output.confirm("Go on?", sure=False)

    monkeypatch.setattr("sys.stdin", Interrupted())
    with pytest.raises(typer.Abort):
        output.run(command())


def test_ctrl_c_is_said_again_to_a_command_that_missed_it() -> None:
    missed = []

    async def command() -> None:
        for _ in range(2):
            try:
                if not missed:
                    os.kill(os.getpid(), signal.SIGINT)
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                missed.append(1)
        await asyncio.sleep(60)

    with pytest.raises(asyncio.CancelledError):
        output.run(command())
    assert len(missed) == 2


def test_who_is_sure_or_away_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(""))
    output.confirm("Go on?", sure=True)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    output.confirm("Go on?", sure=False)


def test_a_signature_follows_what_was_done() -> None:
    assert output.signed("done", {"signature": "5x"}) == "done\nsignature: 5x"


@pytest.mark.parametrize("text", ["\x1b[2J", "\x9b2J", "\u202egnp.exe", "\r", "\x07", "\x00"])
def test_what_others_named_does_nothing_to_a_terminal(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    shown = f"?{text[1:]}"
    output.emit({"metrics": f"loss{text}"}, as_json=False)
    output.emit([{"detail": f"é{text}"}], as_json=False)
    output.emit({}, as_json=False, text=f"two\nlines\t{text}")
    output.note(f"note {text}")
    output.report(errors.Refused(f"no{text}!"), as_json=False)
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == f"metrics  loss{shown}"
    assert said.out.splitlines()[2] == f"é{shown}"
    assert said.out.endswith(f"two\nlines\t{shown}\n")
    assert f"note {shown}\n" in said.err
    assert text not in said.err
