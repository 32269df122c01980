"""The package's public names."""

import subprocess
import sys

import pytest

import iog_client


def test_every_public_name_is_there() -> None:
    assert iog_client.__all__ == sorted(iog_client.__all__)
    assert iog_client.__all__ == sorted(iog_client._HOMES)
    for name in iog_client.__all__:
        assert getattr(iog_client, name).__name__ == name


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = iog_client.nothing


def test_importing_the_root_of_the_command_imports_nothing_heavy() -> None:
    code = "import sys, iog_client.cli; print([m for m in sys.modules if m.split('.')[0] in "
    code += "('typer', 'click', 'rich', 'solders', 'pydantic', 'asyncio', 'httpx', 'construct')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
