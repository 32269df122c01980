"""Every command's help ends with an example that the command line itself accepts, and is whole and
well set at 80 columns."""

import importlib
import re
import sys
from itertools import pairwise

import pytest
import typer

from iog_client.cli import GROUPS
from iog_client.cli.output import execute
from iog_client.errors import UsageError
from scripts.check_docs import check_iog

WIDTH = 78
"""What the parser fills of 80 columns."""


def commands() -> list[tuple[str, object]]:
    """Every group and command with its name as typed."""
    found: list[tuple[str, object]] = []
    for name, (module, _) in GROUPS.items():
        command = typer.main.get_command(importlib.import_module(module).app)
        found.append((name, command))
        found += [(f"{name} {sub}", one) for sub, one in getattr(command, "commands", {}).items()]
    return found


NAMES = [name for name, _ in commands()]


@pytest.mark.parametrize(("name", "command"), commands(), ids=NAMES)
def test_help_ends_with_an_example_that_parses(name: str, command: object) -> None:
    epilog = getattr(command, "epilog", None) or ""
    assert epilog.startswith("Example: iog "), name
    for part in epilog.removeprefix("Example: ").replace("  or  ", " && ").split(" && "):
        assert part.startswith("iog "), part
        assert check_iog(part) is None, part


def shown(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    group, *rest = name.split()
    assert execute(GROUPS[group][0], group, [*rest, "--help"]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_help_is_whole_and_wrapped_where_the_terminal_ends(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = shown(name, capsys)
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    assert not re.search(r"\w\.\.\.", text), "cut off"
    told = text.partition("\n\n")[2].partition("\n\nOptions:")[0].partition("\n\nArguments:")[0]
    for paragraph in told.split("\n\n"):
        lines = paragraph.splitlines()
        for line, following in pairwise(lines):
            assert len(f"{line} {following.split()[0]}") > WIDTH, line


def test_the_names_of_variables_are_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = re.sub(r"\s+", " ", shown("node run", capsys))
    assert "[env var: IOG_NODE_ALLOW_UNCONFINED]" in text


@pytest.mark.parametrize("command", ["orchestrator run --db db", "orchestrator doctor", "node run"])
def test_a_daemon_that_is_not_installed_says_so(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    group, *rest = command.split()
    package = "iog_orchestrator" if group == "orchestrator" else "iog_worker"
    # what an import of a module that there is not comes to
    for name in (package, f"{package}.cli"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Missing(package), *sys.meta_path])
    module, _ = GROUPS[group]
    monkeypatch.delitem(sys.modules, module, raising=False)
    assert execute(module, group, rest) == UsageError.exit_code
    said = capsys.readouterr().err
    assert "is not installed" in said
    assert f"({package} is missing); `pip install 'iog[" in said


class _Missing:
    """Finds nothing of a package, as where it is not installed."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] == self._package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=self._package)
