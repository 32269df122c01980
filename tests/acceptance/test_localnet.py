"""`iog localnet` as processes: killed, restarted, detached, and refused."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cli_samples
import httpx
import pytest

ALICE = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"


class Chain(cli_samples.Chain):
    def call(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        reply = httpx.post(self.url, json=body, trust_env=False, timeout=20).json()
        return reply["result"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "chain"


@pytest.fixture(autouse=True)
def no_settings(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("IOG_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("IOG_LOCALNET", str(home))
    for name in ("IOG_RPC_URL", "IOG_WALLET", "IOG_VALIDATOR"):
        monkeypatch.delenv(name, raising=False)
    yield
    if (home / "localnet.json").exists():
        iog("localnet", "down")


def iog(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*cli_samples.IOG, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_a_killed_chain_loses_nothing_that_was_confirmed(home: Path) -> None:
    chain = Chain(home)
    genesis = chain.call("getGenesisHash")
    signatures = [chain.call("requestAirdrop", ALICE, 10**9 + i) for i in range(20)]
    time_before = chain.call("getBlockTime", chain.call("getSlot"))
    assert chain.end(signal.SIGKILL) == -signal.SIGKILL

    again = Chain(home)
    try:
        assert again.call("getGenesisHash") == genesis
        assert again.call("getBalance", ALICE)["value"] == sum(10**9 + i for i in range(20))
        statuses = again.call("getSignatureStatuses", signatures)["value"]
        assert [one["err"] for one in statuses] == [None] * 20
        assert again.call("getTransactionCount") == 20
        assert again.call("getBlockTime", again.call("getSlot")) >= time_before
    finally:
        assert again.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_chain_ends_cleanly_when_asked(home: Path, how: signal.Signals) -> None:
    chain = Chain(home)
    chain.call("iogWarp", 3600)
    assert chain.end(how) == 0
    assert not (home / "localnet.json").exists()


def test_a_second_process_is_refused_the_folder(home: Path) -> None:
    chain = Chain(home)
    try:
        refused = subprocess.run(
            [sys.executable, "-m", "iog_client.embedded", "--port", "0", "--folder", str(home)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert refused.returncode == 1
        assert refused.stderr.splitlines()[-1] == f"{home} is in use by another process"
    finally:
        chain.end(signal.SIGTERM)


def test_a_detached_chain_answers_warps_and_goes_down(home: Path) -> None:
    up = iog("localnet", "up", "--detach", "--port", "0", "--json")
    assert up.returncode == 0, up.stderr
    running = json.loads(up.stdout)
    assert (running["kind"], running["folder"]) == ("embedded", str(home))

    before = json.loads(iog("localnet", "status", "--json").stdout)
    assert (before["pid"], before["url"]) == (running["pid"], running["url"])
    warped = iog("localnet", "warp", "1h", "--rpc", running["url"], "--json")
    assert json.loads(warped.stdout)["warped"] == 3600
    after = json.loads(iog("localnet", "status", "--json").stdout)
    assert after["chain_time"] - before["chain_time"] >= 3600

    down = iog("localnet", "down")
    assert (down.returncode, down.stdout) == (0, f"the chain at {running['url']} is down\n")
    assert iog("localnet", "status").returncode == 3


def test_what_is_running_is_neither_started_again_nor_reset(home: Path) -> None:
    assert iog("localnet", "up", "--detach", "--port", "0").returncode == 0
    again = iog("localnet", "up", "--detach", "--port", "0")
    assert (again.returncode, again.stderr) == (
        1,
        f"error: the chain in {home} is running already\n",
    )
    reset = iog("localnet", "up", "--reset")
    assert reset.returncode == 1
    assert "is running; `iog localnet down` ends it" in reset.stderr


def test_how_to_end_a_chain_in_a_folder_of_its_own_names_the_folder(
    home: Path, tmp_path: Path
) -> None:
    place = tmp_path / "my chain"
    up = iog("localnet", "up", "--detach", "--port", "0", "--folder", str(place))
    command = f"iog localnet down --folder '{place}'"
    assert up.stdout.endswith(f"; `{command}` ends it\n")
    assert iog(*shlex.split(command)[1:]).returncode == 0


def test_a_reset_begins_another_chain_and_keeps_the_files_of_others(home: Path) -> None:
    chain = Chain(home)
    genesis = chain.call("getGenesisHash")
    chain.end(signal.SIGTERM)
    (home / "notes.txt").write_text("mine")
    up = iog("localnet", "up", "--reset", "--detach", "--port", "0", "--json")
    assert up.returncode == 0, up.stderr
    assert (home / "notes.txt").read_text() == "mine"
    assert json.loads(iog("localnet", "status", "--json").stdout)["genesis_hash"] != genesis


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["localnet", "status"], 3, "no chain is running in"),
        (["localnet", "down"], 3, "no chain is running in"),
        (["localnet", "up", "--bare"], 2, "--bare goes with --validator"),
        (["localnet", "up", "--port", "70000"], 2, "less than or equal to 65535"),
        (["localnet", "warp", "soon"], 2, "not a duration"),
        (["localnet", "warp", "1h", "--rpc", "http://127.0.0.1:9"], 5, "not reachable"),
    ],
)
def test_refusals_are_one_line(arguments: list[str], code: int, said: str) -> None:
    done = iog(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_taken_port_is_refused(home: Path) -> None:
    chain = Chain(home)
    try:
        port = chain.url.rpartition(":")[2]
        done = iog("localnet", "up", "--port", port, "--folder", str(home.parent / "other"))
        assert done.returncode == 1
        assert f"port {port} of 127.0.0.1 cannot be used" in done.stderr
    finally:
        chain.end(signal.SIGTERM)


def test_without_a_validator_one_line_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = iog("localnet", "up", "--validator", "--port", "0")
    assert done.returncode == 3
    assert "no solana-test-validator found" in done.stderr
    assert "IOG_VALIDATOR" in done.stderr
