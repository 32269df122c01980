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


def configured(tmp_path: Path, table: str) -> None:
    """Write a configuration file."""
    path = tmp_path / ".config" / "iog" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(table)


def test_a_daemon_takes_its_options_from_the_file(iog: Iog, tmp_path: Path) -> None:
    configured(tmp_path, '[orchestrator]\ndb = "db"\nlog_level = "loud"\n')
    said = iog.refused(2, "orchestrator", "run")
    assert said == "--log-level is `loud`; debug, info, warning, error are accepted"


def test_the_environment_goes_before_the_file_and_a_flag_before_both(
    iog: Iog, tmp_path: Path
) -> None:
    configured(tmp_path, '[orchestrator]\ndb = "db"\nlog_level = "loud"\n')
    run = ("orchestrator", "run")
    said = iog.refused(2, *run, IOG_ORCHESTRATOR_LOG_LEVEL="shrill")
    assert said.startswith("--log-level is `shrill`")
    said = iog.refused(2, *run, "--log-level", "soft", IOG_ORCHESTRATOR_LOG_LEVEL="shrill")
    assert said.startswith("--log-level is `soft`")


def test_a_setting_that_is_no_option_is_named_with_those_there_are(
    iog: Iog, tmp_path: Path
) -> None:
    configured(tmp_path, '[node]\ncolour = "red"\n')
    said = iog.refused(2, "node", "run")
    assert "[node] has no setting `colour`; there are allow_network, allow_unconfined," in said


@pytest.mark.parametrize(
    ("group", "name", "said"),
    [
        ("node", "IOG_NODE_LEESE", "did you mean `IOG_NODE_LEASE`?"),
        ("orchestrator", "IOG_ORCHESTRATOR_LOGLEVEL", "did you mean `IOG_ORCHESTRATOR_LOG_LEVEL`?"),
        ("orchestrator", "IOG_ORCHESTRATOR_ULR", "did you mean `IOG_ORCHESTRATOR_URL`?"),
        ("node", "IOG_NODE_COLOUR", "there are IOG_NODE_ALLOW_NETWORK, IOG_NODE_ALLOW_UNCONFINED,"),
    ],
)
def test_a_variable_that_is_no_option_is_named_with_the_nearest(
    iog: Iog, group: str, name: str, said: str
) -> None:
    refusal = iog.refused(2, group, "run", **{name: "3"})
    assert refusal.startswith(f"the environment sets `{name}`, which is no option; {said}")


def test_variables_that_others_read_do_not_keep_a_daemon_from_its_start(iog: Iog) -> None:
    others = {"IOG_NODES": "2", "IOG_ORCHESTRATOR_LOGLEVEL": "x", "IOG_NODE_LEESE": ""}
    said = iog.refused(3, "node", "run", "--folder", "none", **others)
    assert "environment" not in said
    url = {"IOG_ORCHESTRATOR_URL": "http://127.0.0.1:1", "IOG_ORCHESTRATOR_LOG_LEVEL": "loud"}
    assert iog.refused(2, "orchestrator", "run", "--db", "db", **url).startswith("--log-level is")
    assert iog("node", "run", "--help", IOG_NODE_LEASE="3").returncode == 0


def test_setting_one_value_keeps_the_tables(iog: Iog, tmp_path: Path) -> None:
    configured(tmp_path, '[node]\nlease = 30.5\nallow_network = true\nfolder = "a \\"b\\""\n')
    assert iog("config", "set", "wallet", "w.json").returncode == 0
    written = (tmp_path / ".config" / "iog" / "config.toml").read_text()
    assert written == (
        'wallet = "w.json"\n\n[node]\nlease = 30.5\nallow_network = true\nfolder = "a \\"b\\""\n'
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("node = 3\n", "node is 3, and has to be a table: [node]"),
        ("[node]\nfolder = [1]\n", "[node] folder is [1]; text, a number, true or false is"),
    ],
)
def test_a_table_of_another_form_is_refused(
    iog: Iog, tmp_path: Path, table: str, said: str
) -> None:
    configured(tmp_path, table)
    assert said in iog.refused(2, "node", "run")
