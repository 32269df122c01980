"""`iog config` as a process."""

from pathlib import Path

import pytest
from cli_samples import Iog


@pytest.fixture
def iog(tmp_path: Path) -> Iog:
    return Iog(tmp_path)


def test_a_setting_is_written_and_shown_with_its_place(iog: Iog, tmp_path: Path) -> None:
    file = tmp_path / ".config" / "iog" / "config.toml"
    assert iog("config", "path").stdout == f"{file}\n"
    assert iog("config", "set", "rpc_url", "http://node:1").returncode == 0
    shown = iog.json("config", "show")
    assert shown["rpc_url"] == {"value": "http://node:1", "source": str(file)}
    assert shown["orchestrator_url"]["source"] == "default"


def test_a_flag_and_a_variable_are_named_as_such(iog: Iog) -> None:
    done = iog("config", "show", "--wallet", "w.json", IOG_RPC_URL="http://env:1")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["rpc_url", "http://env:1", "IOG_RPC_URL"] in lines
    assert ["wallet", "w.json", "flag"] in lines


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("set", "colour", "red"), "`iog config set`: there is no setting `colour`"),
        (("set", "rpc_url", "x"), "rpc_url (`iog config set`) is `x`, which is not a URL"),
        (("set", "rpc_url"), "missing argument 'value'"),
        (("show", "--rpc", "ftp://x"), "rpc_url (flag) is `ftp://x`, which is not a URL"),
    ],
)
def test_a_wrong_setting_is_refused(iog: Iog, arguments: tuple[str, ...], said: str) -> None:
    assert iog.refused(2, "config", *arguments).startswith(said)


def test_a_broken_file_is_named(iog: Iog, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[[")
    said = iog.refused(2, "wallet", "show", IOG_CONFIG=str(tmp_path / "c.toml"))
    assert said.startswith(f"{tmp_path / 'c.toml'} is not TOML")
