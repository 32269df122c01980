"""Published hours by URL: an orchestrator's, or any server's that has the files."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from iog_client.cli.hour_files import Folder, HourFiles, Server
from iog_client.cli.reward import follow
from iog_client.endpoints import Endpoints
from iog_client.errors import NoneReachable, NotFound, Unreachable
from iog_client.hours import sha256_hex
from iog_client.hours_facts import ChainFacts, Root
from iog_client.hours_verify import Verdict

PART = "ab" * 32
ORCHESTRATOR = {
    "/v1/hours/2": b"document",
    "/v1/hours/2/signature": b"signature",
    f"/v1/hours/parts/{PART}.jsonl": b"rows",
}
STATIC = {
    "/net/hour-000002.json": b"document",
    "/net/hour-000002.sig": b"signature",
    f"/net/parts/{PART}.jsonl": b"rows",
}
Served = Mapping[str, Mapping[str, bytes] | int]


@asynccontextmanager
async def opened(
    folder: Path, urls: str, hosts: Served, missing: int = 404
) -> AsyncIterator[Server]:
    def answer(request: httpx.Request) -> httpx.Response:
        found = hosts.get(request.url.host)
        if found is None:
            raise httpx.ConnectError("All connection attempts failed", request=request)
        if isinstance(found, int):
            return httpx.Response(found)
        data = found.get(request.url.path)
        return httpx.Response(missing) if data is None else httpx.Response(200, content=data)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        yield Server(Endpoints(urls), http, folder)


async def all_of(files: HourFiles) -> list[bytes | None]:
    part = (await files.part(PART)).read_bytes()
    return [await files.read(2), await files.signature(2), part]


EVERYTHING = [b"document", b"signature", b"rows"]


@pytest.mark.parametrize("missing", [404, 403], ids=["a web server", "a public bucket"])
@pytest.mark.parametrize(
    ("url", "files"), [("http://here", ORCHESTRATOR), ("http://here/net/", STATIC)]
)
async def test_an_hour_is_read_from_an_orchestrator_or_from_files(
    tmp_path: Path, url: str, files: Mapping[str, bytes], missing: int
) -> None:
    async with opened(tmp_path, url, {"here": files}, missing) as server:
        assert await all_of(server) == EVERYTHING
        assert await server.signature(3) is None
        with pytest.raises(NotFound, match="has no file of hour 3"):
            await server.read(3)


async def test_where_nothing_listens_the_option_that_named_it_is_told(tmp_path: Path) -> None:
    async with opened(tmp_path, "http://a", {}) as server:
        with pytest.raises(Unreachable) as error:
            await server.read(2)
    assert error.value.message == (
        "http://a is not reachable: connection refused "
        "(--from names another URL or folder with the published hours)"
    )


@pytest.mark.parametrize("dead", [{}, {"a": 503}], ids=["refused", "busy"])
async def test_the_next_address_is_asked_where_one_does_not_answer(
    tmp_path: Path, dead: Served
) -> None:
    async with opened(tmp_path, "http://a,http://b", {**dead, "b": ORCHESTRATOR}) as server:
        assert await all_of(server) == EVERYTHING


async def test_where_none_answers_nothing_is_said_to_be_missing(tmp_path: Path) -> None:
    async with opened(tmp_path, "http://a,http://b", {"b": 503}) as server:
        with pytest.raises(NoneReachable, match="http://b: it answers 503"):
            await server.signature(2)


async def test_a_folder_is_read_the_same(tmp_path: Path) -> None:
    for name, data in STATIC.items():
        path = tmp_path / name.removeprefix("/net/")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    assert await all_of(Folder(tmp_path)) == EVERYTHING
    assert await Folder(tmp_path).signature(3) is None


VECTOR = Path(__file__).parents[2] / "vectors/hour.json"


@pytest.mark.parametrize(("hours", "missing"), [((1,), 2), ((1, 2), 3)])
async def test_a_later_hour_that_is_missing_is_named_with_what_it_is_for(
    tmp_path: Path, hours: tuple[int, ...], missing: int
) -> None:
    found = [one["bytes"] for one in json.loads(VECTOR.read_text())["hours"]]
    for number in hours:
        (tmp_path / f"hour-{number:06}.json").write_text(found[number - 1])
    live = Root(epoch=3, root="0" * 64, total=1, data_hash="0" * 64, count=1)
    facts = ChainFacts("genesis", "mint", "distributor", "jobs", 1, 60, live=live)
    verdict = Verdict(1, sha256_hex(found[0].encode()), None, [], "earlier")
    with pytest.raises(NotFound) as raised:
        await follow(Folder(tmp_path), verdict, facts)
    assert raised.value.message == (
        f"{tmp_path} has no file of hour {missing} (hour-{missing:06}.json): the chain shows no "
        "root older than that of hour 3, and the files of hours 2 to 3 tie hour 1 to it; --from "
        "names a place with all of them"
    )
