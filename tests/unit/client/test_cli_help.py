"""Every command's help ends with an example that the command line itself accepts."""

import importlib

import pytest
import typer

from iog_client.cli import GROUPS
from scripts.check_docs import check_iog


def commands() -> list[tuple[str, object]]:
    """Every group and command with its name as typed."""
    found: list[tuple[str, object]] = []
    for name, (module, _) in GROUPS.items():
        command = typer.main.get_command(importlib.import_module(module).app)
        found.append((name, command))
        found += [(f"{name} {sub}", one) for sub, one in getattr(command, "commands", {}).items()]
    return found


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_help_ends_with_an_example_that_parses(name: str, command: object) -> None:
    epilog = getattr(command, "epilog", None) or ""
    assert epilog.startswith("Example: iog "), name
    for part in epilog.removeprefix("Example: ").replace("  or  ", " && ").split(" && "):
        assert part.startswith("iog "), part
        assert check_iog(part) is None, part
