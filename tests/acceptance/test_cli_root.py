"""`iog` itself: help, version, unknown words, completion, and how fast it starts."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from cli_samples import IOG, Iog

from iog_client.cli import GROUPS


@pytest.fixture
def iog(tmp_path: Path) -> Iog:
    return Iog(tmp_path)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",), ("help",)])
def test_help_lists_every_group(iog: Iog, arguments: tuple[str, ...]) -> None:
    done = iog(*arguments)
    assert done.returncode == 0
    assert done.stderr == ""
    for name in GROUPS:
        assert f"\n  {name} " in done.stdout


@pytest.mark.parametrize("group", list(GROUPS))
def test_every_group_has_help_of_its_own(iog: Iog, group: str) -> None:
    done = iog(group, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Usage: iog {group}" in done.stdout


def test_the_version_is_the_distributions(iog: Iog) -> None:
    assert iog("--version").stdout == f"iog {version('iog')}\n"


def test_an_unknown_group_is_refused_with_the_nearest(iog: Iog) -> None:
    assert iog.refused(2, "walet", "show") == ("there is no group `walet`; did you mean `wallet`?")
    assert iog.refused(2, "zzz") == "there is no group `zzz`; `iog --help` lists the groups"
    assert iog.refused(2, "--zzz") == "there is no option `--zzz`; `iog --help` lists the groups"


def test_an_unknown_command_is_refused_in_one_line(iog: Iog) -> None:
    said = iog.refused(2, "wallet", "shwo")
    assert said.startswith("no such command 'shwo'. Did you mean 'show'?")
    said = iog.refused(2, "wallet", "balance")
    assert said.startswith("no such command 'balance'. Did you mean 'show'? (`iog wallet --help`")
    said = iog.refused(2, "completion", "install")
    assert said.endswith("; did you mean `iog completion --install`?")


def test_with_json_an_error_is_json_on_stderr(iog: Iog) -> None:
    done = iog("walet", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert json.loads(done.stderr)["kind"] == "UsageError"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_a_shell(iog: Iog, shell: str) -> None:
    done = iog("completion", shell)
    assert done.returncode == 0
    assert "_IOG_COMPLETE" in done.stdout


def test_completion_of_an_unknown_shell_is_refused(iog: Iog) -> None:
    assert iog.refused(2, "completion", "tcsh").startswith(
        "there is no completion for shell `tcsh`"
    )


@pytest.mark.parametrize(
    ("line", "word", "offered"),
    [
        ("iog ", 1, set(GROUPS)),
        ("iog tok", 1, {"token"}),
        ("iog token s", 2, {"supply", "show", "split"}),
        ("iog token supply --at", 3, {"--at-hour"}),
    ],
)
def test_the_shell_is_offered_what_fits(iog: Iog, line: str, word: int, offered: set[str]) -> None:
    done = iog(_IOG_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(word))
    assert done.stderr == ""
    assert set(done.stdout.split()) - {"--help"} == offered


def seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def test_help_takes_at_most_eight_times_a_bare_start_of_python() -> None:
    bare = statistics.median(seconds([sys.executable, "-c", "pass"]) for _ in range(5))
    ours = statistics.median(seconds([*IOG, "--help"]) for _ in range(5))
    assert ours <= 8 * bare
