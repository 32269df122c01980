"""deploy/: its commands are ones that `iog` takes, and its files name what is there."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from iog_client.errors import NotAllowed, UsageError
from scripts.check_docs import check_iog

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
IOG = Path(sys.executable).with_name("iog")
OWN = ("iog.env", "network.json", "matcher.json", "oracle.json")
"""What whoever uses the compose file brings along, and the passwords."""


class Unit(configparser.RawConfigParser):
    """A unit for systemd; a name may come more than once in one, and does not in ours."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.fixture(params=UNITS, ids=[path.stem for path in UNITS])
def unit(request: pytest.FixtureRequest) -> Path:
    path = request.param
    assert isinstance(path, Path)
    return path


def read(path: Path) -> Unit:
    found = Unit()
    found.read(path)
    return found


def test_a_unit_starts_a_command_that_iog_takes(unit: Path) -> None:
    program, *words = shlex.split(read(unit)["Service"]["ExecStart"])
    assert program == "/opt/iog/bin/iog"
    assert check_iog(shlex.join(["iog", *words])) is None


def test_a_unit_is_accepted_by_systemd(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (Debian: apt-get install systemd)")
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/iog/bin/iog", str(IOG)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True
    )
    # a systemd of before 254 says that it does not know this one, and goes on without it
    said = [line for line in done.stderr.splitlines() if "DelegateSubgroup" not in line]
    assert (done.returncode, said) == (0, [])


def test_a_unit_gives_up_on_what_a_person_has_to_mend_and_on_nothing_else(unit: Path) -> None:
    found = read(unit)
    assert found["Unit"]["StartLimitIntervalSec"] == "0"
    assert found["Service"]["Restart"] == "always"
    final = {UsageError.exit_code} | ({NotAllowed.exit_code} if "node" in unit.name else set())
    assert {int(code) for code in found["Service"]["RestartPreventExitStatus"].split()} == final


@pytest.mark.parametrize("daemon", ["orchestrator", "node"])
def test_a_wrong_setting_ends_a_daemon_as_its_unit_expects(daemon: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"[{daemon}]\nmisspelt = 1\n")
    done = subprocess.run(
        [IOG, daemon, "run"], capture_output=True, text=True,
        env={**os.environ, "HOME": str(tmp_path), "IOG_CONFIG": str(config)},
    )  # fmt: skip
    assert done.returncode == UsageError.exit_code
    assert "has no setting `misspelt`" in done.stderr


@pytest.fixture
def compose() -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert isinstance(found, dict)
    return found


def test_the_compose_file_starts_orchestrators_that_iog_has(compose: dict[str, Any]) -> None:
    first, second = (compose["services"][name] for name in ("orchestrator", "second"))
    assert check_iog(shlex.join(["iog", *first["command"]])) is None
    for name, one in (("orchestrator", first), ("second", second)):
        assert one["environment"] == {"IOG_ORCHESTRATOR_ADVERTISE": f"http://{name}:8787"}
    own = {"environment", "ports", "profiles"}
    assert {key: first[key] for key in first.keys() - own} == {
        key: second[key] for key in second.keys() - own
    }
    assert first["ports"] != second["ports"]


def test_only_with_the_profile_there_are_two_and_a_database(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, one in services.items() if one.get("profiles") == ["ha"]} == {
        "second",
        "postgres",
    }


def test_what_the_compose_file_names_is_there_or_brought_along(compose: dict[str, Any]) -> None:
    secrets = {one["file"].removeprefix("./") for one in compose["secrets"].values()}
    assert secrets - set(OWN) == {"database-password", "grafana-password"}
    for name, one in compose["services"].items():
        assert set(one.get("secrets", ())) <= set(compose["secrets"]), name
        for volume in one.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                file = source.removeprefix("./")
                assert file in OWN or (DEPLOY / file).is_file(), volume
            else:
                assert source in compose["volumes"], volume
        for file in one.get("env_file", ()):
            assert file in OWN


def test_prometheus_asks_the_service_by_its_name_and_port(compose: dict[str, Any]) -> None:
    text = (DEPLOY / "prometheus.yaml").read_text()
    [job] = yaml.safe_load(text)["scrape_configs"]
    [static] = job["static_configs"]
    assert static["targets"] == ["orchestrator:8787"]
    assert '"second:8787"' in text
    assert {"orchestrator", "second"} <= set(compose["services"])
