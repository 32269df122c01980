"""Published hours in an S3-compatible store: copied by the orchestrator, verified from there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from market_samples import Market, free_port

LIMIT = 90
BUCKET = "hours"
ANYONE_READS = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",'
    f'"Action":"s3:GetObject","Resource":"arn:aws:s3:::{BUCKET}/*"}}]}}'
)


class Store:
    """A server that speaks S3, in a process of its own; its contents go with it."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
        )
        until(self._answers, "the store does not answer")
        for path, body in ((BUCKET, ""), (f"{BUCKET}?policy", ANYONE_READS)):
            made = httpx.put(f"{self.url}/{path}", content=body, trust_env=False)
            assert made.is_success, made.text

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url, trust_env=False).status_code > 0
        except httpx.HTTPError:
            return False

    def has(self, name: str) -> bool:
        found = httpx.get(f"{self.url}/{BUCKET}/net/{name}", trust_env=False)
        return found.is_success

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(LIMIT)


def until(reached: object, why: str) -> None:
    end = time.monotonic() + LIMIT
    while not reached():  # type: ignore[operator]
        assert time.monotonic() < end, why
        time.sleep(0.2)


@pytest.fixture
def store() -> Iterator[Store]:
    found = Store()
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture
def network(store: Store, tmp_path: Path) -> Iterator[Market]:
    """A network that copies its hours to a store, which is not up yet."""
    found = Market(
        tmp_path,
        AWS_ENDPOINT_URL=store.url,
        AWS_ACCESS_KEY_ID="any",
        AWS_SECRET_ACCESS_KEY="thing",
        AWS_REGION="us-east-1",
    )
    try:
        found.open("--publish", f"s3://{BUCKET}/net")
        yield found
    finally:
        found.close()


def metric(network: Market) -> int:
    text = httpx.get(f"{network.url}/metrics", trust_env=False).text
    [line] = [line for line in text.splitlines() if line.startswith("iog_hours_unmirrored ")]
    return int(float(line.split()[1]))


def test_hours_reach_the_store_when_it_is_up_and_are_verified_from_there_alone(
    store: Store, network: Market
) -> None:
    network.join()
    until(lambda: network.published(2), "the hours are not closed while the store is away")
    assert metric(network) >= 2
    assert "not mirrored" in (network.folder / "orchestrator.log").read_text()
    store.start()
    until(lambda: store.has("hour-000002.json"), "the hours do not reach the store")
    assert store.has("hour-000001.sig")
    assert store.has("hour-000002.sig")
    until(lambda: int(network.owner.json("reward", "show")["claimable"]), "no hour was earned")
    hour = network.owner.json("reward", "show")["epoch"]
    until(lambda: store.has(f"hour-{hour:06}.json") and metric(network) == 0, "it stays behind")
    network.end("orchestrator")
    source = f"{store.url}/{BUCKET}/net"
    verified = network.owner.json("reward", "verify", "--hour", str(hour), "--from", source)
    assert (verified["holds"], verified["anchored"], verified["signed"]) == (True, True, True)
    assert verified["notes"] == []
    claimed = network.owner.json("reward", "claim", "--from", source)
    assert int(claimed["claimed"]) > 0
    missing = network.owner.refused(3, "reward", "verify", "--hour", "9000", "--from", source)
    assert missing == f"{source} has no file of hour 9000"


def test_a_wrong_signature_is_refused_and_a_missing_one_said(
    store: Store, network: Market, tmp_path: Path
) -> None:
    until(lambda: network.published(2), "the hours are not closed")
    copy = tmp_path / "copy"
    copy.mkdir()
    for hour in (1, 2):
        for kind in ("json", "sig"):
            name = f"hour-{hour:06}.{kind}"
            (copy / name).write_bytes((network.folder / "db/hours" / name).read_bytes())
    (copy / "hour-000002.sig").write_bytes((copy / "hour-000001.sig").read_bytes())
    verify = ("reward", "verify", "--from", str(copy), "--hour", "2")
    done = network.owner(*verify)
    assert done.returncode == 1
    assert "is not over this document of hour 2" in done.stdout
    (copy / "hour-000002.sig").unlink()
    done = network.owner(*verify)
    assert done.returncode == 0, done.stdout
    assert "note: hour 2 bears no signature of an oracle" in done.stdout


def test_a_store_that_is_none_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    market = Market(tmp_path)
    try:
        line = market.owner.refused(
            2, "orchestrator", "run", "--db", "db", "--publish", "http://127.0.0.1:1/bucket"
        )
    finally:
        market.close()
    assert line == "--publish is `http://127.0.0.1:1/bucket`; s3://bucket/prefix is accepted"
    assert not (tmp_path / "db").exists()
