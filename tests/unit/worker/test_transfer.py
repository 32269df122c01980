"""Blobs over HTTP: signed, verified by their hash, refused in one line."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from solders.keypair import Keypair

from iog_client import requests
from iog_client.errors import NotAllowed, NotFound, Unreachable
from iog_client.protocol import InputFile, OutputFile
from iog_worker.testing import FakeClock
from iog_worker.transfer import BlobRefused, HttpBlobs, get_json, hash_file

DEVICE = Keypair()
DATA = b"weights" * 1000


class Answers(HTTPServer):
    """A server that gives one answer to everything, and keeps what it was asked."""

    status = 200
    body = DATA

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.heard: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Answers

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard.append((self.command, self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    do_GET = do_PUT = _any  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[Answers]:
    with Answers() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def blobs(server: Answers) -> HttpBlobs:
    return HttpBlobs(server.url, DEVICE, FakeClock())


def blob(data: bytes = DATA) -> InputFile:
    return InputFile(path="w", sha256=hashlib.sha256(data).hexdigest(), size=len(data))


async def test_an_input_is_fetched_with_a_signed_request(
    server: Answers, blobs: HttpBlobs, tmp_path: Path
) -> None:
    await blobs.fetch(blob(), tmp_path / "deep" / "w")
    assert (tmp_path / "deep" / "w").read_bytes() == DATA
    method, path, headers, _ = server.heard[0]
    signed = requests.verify(headers, method, path, b"", FakeClock().wall())
    assert signed.key == DEVICE.pubkey()
    assert path == f"/v1/blobs/{blob().sha256}"


async def test_an_output_is_sent_with_a_request_signed_over_its_hash(
    server: Answers, blobs: HttpBlobs, tmp_path: Path
) -> None:
    source = tmp_path / "out"
    source.write_bytes(DATA)
    digest, size = hash_file(source)
    await blobs.upload(OutputFile(path="out", sha256=digest, size=size), source)
    method, path, headers, body = server.heard[0]
    assert (method, body) == ("PUT", DATA)
    assert requests.verify(headers, method, path, body, FakeClock().wall()).key == DEVICE.pubkey()


@pytest.mark.parametrize("body", [b"", b"other", DATA + b"!", DATA[:-1]])
async def test_contents_that_are_not_what_the_hash_says_are_refused(
    server: Answers, blobs: HttpBlobs, tmp_path: Path, body: bytes
) -> None:
    server.body = body
    with pytest.raises(BlobRefused, match="other contents"):
        await blobs.fetch(blob(), tmp_path / "w")
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, NotFound),
        (401, NotAllowed),
        (403, NotAllowed),
        (413, BlobRefused),
        (429, Unreachable),
        (500, Unreachable),
        (503, Unreachable),
    ],
)
async def test_a_refusal_is_told_in_the_servers_words(
    server: Answers, blobs: HttpBlobs, tmp_path: Path, status: int, kind: type[Exception]
) -> None:
    server.status, server.body = status, b'{"title": "No", "detail": "not for you"}'
    with pytest.raises(kind, match="not for you"):
        await blobs.fetch(blob(), tmp_path / "w")


async def test_a_server_that_is_away_is_unreachable(tmp_path: Path) -> None:
    blobs = HttpBlobs("http://127.0.0.1:9", DEVICE, FakeClock())
    with pytest.raises(Unreachable, match="not reachable"):
        await blobs.fetch(blob(), tmp_path / "w")


async def test_a_file_that_cannot_be_read_is_not_the_orchestrators_fault(
    server: Answers, blobs: HttpBlobs, tmp_path: Path
) -> None:
    file = OutputFile(path="out", sha256="0" * 64, size=1)
    with pytest.raises(FileNotFoundError):
        await blobs.upload(file, tmp_path / "none")
    assert server.heard == []


def test_what_is_no_json_is_no_orchestrator(server: Answers) -> None:
    server.body = b"<html>"
    with pytest.raises(Unreachable, match="is not JSON; is this an orchestrator"):
        get_json(server.url, "/v1/network")
