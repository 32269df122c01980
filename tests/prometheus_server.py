"""A Prometheus of a test run's own, in a folder of its own and on loopback."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from iog_client.demo.processes import free_port

DEPLOY = Path(__file__).parents[1] / "deploy"
START_SECONDS = 60.0


def program(name: str) -> str:
    """`prometheus` or `promtool`; skips the test without it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip("Prometheus is not installed (Debian: apt-get install prometheus)")
    return found


def settings(target: str) -> dict[str, Any]:
    """deploy/prometheus.yaml for an orchestrator that answers elsewhere, in less time."""
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus.yaml").read_text())
    found["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    found["rule_files"] = [str(DEPLOY / Path(path).name) for path in found["rule_files"]]
    [job] = found["scrape_configs"]
    job["static_configs"] = [{"targets": [target]}]
    return found


class Prometheus:
    """A running server."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=30)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression gives now. Fails where it does not parse."""
        answer = self._http.get("/api/v1/query", params={"query": expression}).json()
        assert answer["status"] == "success", f"{expression}: {answer.get('error')}"
        result = answer["data"]["result"]
        assert isinstance(result, list)
        return result

    def alerts(self) -> list[dict[str, Any]]:
        """The rules that may wake somebody, with their state and health."""
        groups = self._http.get("/api/v1/rules").json()["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def is_ready(self) -> bool:
        try:
            return self._http.get("/-/ready").is_success
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        self._http.close()


@contextmanager
def server(folder: Path, target: str) -> Iterator[Prometheus]:
    """A server that reads an orchestrator at `target` (host:port)."""
    folder.mkdir()
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings(target)))
    port = free_port()
    command = [
        program("prometheus"), f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    found = Prometheus(f"http://127.0.0.1:{port}")
    try:
        end = time.monotonic() + START_SECONDS
        while not found.is_ready():
            said = (folder / "log").read_text()[-2000:]
            assert process.poll() is None, said
            assert time.monotonic() < end, said
            time.sleep(0.1)
        yield found
    finally:
        found.close()
        process.send_signal(signal.SIGTERM)
        process.wait()
