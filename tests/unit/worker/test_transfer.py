"""Blobs over HTTP: signed, verified by their hash, refused in one line."""

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from solders.keypair import Keypair

from iog_client import requests
from iog_client.endpoints import Endpoints
from iog_client.errors import NotAllowed, NotFound, Unreachable
from iog_client.protocol import InputFile, OutputFile
from iog_worker.testing import FakeClock
from iog_worker.transfer import RESUMED_BYTES, BlobRefused, HttpBlobs, get_json, hash_file

DEVICE = Keypair()
DATA = b"weights" * 1000


class Answers(HTTPServer):
    """A server that gives one answer to everything, and keeps what it was asked."""

    status = 200
    body = DATA
    refuses = ""
    """Part of a path that is answered with a refusal."""
    breaks_after: int | None = None
    """Bytes of an upload after which the connection is cut."""

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
        refused = self.server.refuses and self.server.refuses in self.path
        self.send_response(400 if refused else self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def do_PUT(self) -> None:
        if self.server.breaks_after is None:
            self._any()
            return
        body = self.rfile.read(self.server.breaks_after)
        self.server.heard.append((self.command, self.path, dict(self.headers), body))
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = _any  # noqa: N815 - the names that http.server calls

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
    return HttpBlobs(Endpoints(server.url), DEVICE, FakeClock())


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
    blobs = HttpBlobs(Endpoints("http://127.0.0.1:9"), DEVICE, FakeClock())
    with pytest.raises(Unreachable, match="not reachable"):
        await blobs.fetch(blob(), tmp_path / "w")


async def test_of_several_addresses_the_one_that_answers_is_used(
    server: Answers, tmp_path: Path
) -> None:
    blobs = HttpBlobs(Endpoints(f"http://127.0.0.1:9,{server.url}"), DEVICE, FakeClock())
    await blobs.fetch(blob(), tmp_path / "w")
    assert (tmp_path / "w").read_bytes() == DATA


LARGE = bytes(range(256)) * (RESUMED_BYTES // 128)


@pytest.fixture
def large(tmp_path: Path) -> tuple[OutputFile, Path]:
    source = tmp_path / "large"
    source.write_bytes(LARGE)
    digest, size = hash_file(source)
    return OutputFile(path="large", sha256=digest, size=size), source


async def test_a_large_output_goes_on_where_its_upload_broke_off(
    server: Answers, blobs: HttpBlobs, large: tuple[OutputFile, Path]
) -> None:
    file, source = large
    server.body, server.breaks_after = b'{"bytes": 0}', 300_000
    with pytest.raises(Unreachable):
        await blobs.upload(file, source)
    server.body, server.breaks_after = json.dumps({"bytes": 300_000}).encode(), None
    await blobs.upload(file, source)
    asked, first, again, rest = server.heard
    assert asked[:2] == again[:2] == ("GET", f"/v1/blobs/{file.sha256}/received")
    assert first[1] == f"/v1/blobs/{file.sha256}"
    assert first[3] + rest[3] == LARGE
    method, path, headers, _ = rest
    assert path == f"/v1/blobs/{file.sha256}?offset=300000"
    # signed over the hash of the whole, as the orchestrator checks it
    signed = requests.verify(headers, method, path, file.sha256, FakeClock().wall())
    assert signed.key == DEVICE.pubkey()


@pytest.mark.parametrize(
    "answer", [b"{}", b'{"bytes": -1}', b'{"bytes": "2"}', b'{"bytes": 999999999}', b"[]", b"?"]
)
async def test_an_answer_that_is_none_starts_an_upload_from_its_beginning(
    server: Answers, blobs: HttpBlobs, large: tuple[OutputFile, Path], answer: bytes
) -> None:
    file, source = large
    server.body = answer
    await blobs.upload(file, source)
    assert server.heard[-1][1] == f"/v1/blobs/{file.sha256}"
    assert server.heard[-1][3] == LARGE


async def test_a_rest_that_is_refused_is_followed_by_the_whole(
    server: Answers, blobs: HttpBlobs, large: tuple[OutputFile, Path]
) -> None:
    file, source = large
    server.body, server.refuses = b'{"bytes": 5}', "offset="
    await blobs.upload(file, source)
    assert [heard[1].partition("?")[2] for heard in server.heard] == ["", "offset=5", ""]
    assert server.heard[-1][3] == LARGE


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
