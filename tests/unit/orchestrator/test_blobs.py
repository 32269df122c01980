"""Blobs in a folder: whole or not there, and what broke off can be gone on with."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from orchestrator_world import World

from iog_client import requests
from iog_orchestrator.adapters import blobs as module
from iog_orchestrator.adapters.blobs import FolderBlobs
from iog_orchestrator.domain.errors import PartHeld, RequestRefused, TooMuch

DATA = bytes(range(256)) * 4096
HASH = sha256(DATA).hexdigest()


class Broken(Exception):  # noqa: N818 - what happens, as people read it
    """the connection is gone"""


async def body(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def breaking(data: bytes) -> AsyncIterator[bytes]:
    async for chunk in body(data):
        yield chunk
    raise Broken


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path, 2 << 20)


def parts(folder: Path) -> list[Path]:
    return sorted((folder / "parts").iterdir())


async def test_an_upload_that_broke_off_goes_on_where_it_was(
    blobs: FolderBlobs, tmp_path: Path
) -> None:
    with pytest.raises(Broken):
        await blobs.put(HASH, breaking(DATA[:300_000]), "me")
    assert blobs.size(HASH) is None
    # another process has the same folder after a restart
    again = FolderBlobs(tmp_path, 2 << 20)
    assert again.received(HASH, "me") == 300_000
    assert again.received(HASH, "you") == 0
    assert await again.put(HASH, body(DATA[300_000:]), "me", 300_000) == len(DATA)
    assert (tmp_path / HASH).read_bytes() == DATA
    assert parts(tmp_path) == []


async def test_an_upload_may_go_back_behind_what_is_there(blobs: FolderBlobs) -> None:
    with pytest.raises(Broken):
        await blobs.put(HASH, breaking(DATA[:300_000]), "me")
    assert await blobs.put(HASH, body(DATA[1000:]), "me", 1000) == len(DATA)


async def test_a_rest_without_its_beginning_is_refused(blobs: FolderBlobs) -> None:
    with pytest.raises(RequestRefused, match="0 bytes of the blob are here, not 5"):
        await blobs.put(HASH, body(DATA[5:]), "me", 5)
    with pytest.raises(Broken):
        await blobs.put(HASH, breaking(DATA[:10]), "me")
    with pytest.raises(RequestRefused, match="0 bytes of the blob are here, not 10"):
        await blobs.put(HASH, body(DATA[10:]), "you", 10)


async def test_a_rest_that_does_not_go_with_its_beginning_is_refused_and_gone(
    blobs: FolderBlobs, tmp_path: Path
) -> None:
    with pytest.raises(Broken):
        await blobs.put(HASH, breaking(b"x" * 10), "me")
    with pytest.raises(RequestRefused, match="the body's SHA-256 is"):
        await blobs.put(HASH, body(DATA[10:]), "me", 10)
    assert (blobs.size(HASH), parts(tmp_path)) == (None, [])


async def test_the_cap_counts_what_is_there_already(blobs: FolderBlobs, tmp_path: Path) -> None:
    with pytest.raises(Broken):
        await blobs.put(HASH, breaking(b"x" * (2 << 20)), "me")
    with pytest.raises(TooMuch):
        await blobs.put(HASH, body(b"xx"), "me", 2 << 20)
    assert parts(tmp_path) == []


async def test_a_second_upload_takes_over_from_one_whose_connection_is_silent(
    blobs: FolderBlobs, tmp_path: Path
) -> None:
    goes_on = asyncio.Event()

    async def silent() -> AsyncIterator[bytes]:
        yield DATA[:1000]
        await goes_on.wait()
        yield b"y" * 5000

    first = asyncio.create_task(blobs.put(HASH, silent(), "me"))
    while blobs.received(HASH, "me") < 1000:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.01)
    assert await blobs.put(HASH, body(DATA[500:]), "me", 500) == len(DATA)
    goes_on.set()
    with pytest.raises(RequestRefused, match="is being sent anew"):
        await first
    assert (tmp_path / HASH).read_bytes() == DATA
    assert parts(tmp_path) == []


async def test_parts_are_forgotten_after_a_day_and_few_are_kept_of_one_owner(
    blobs: FolderBlobs, tmp_path: Path
) -> None:
    for number in range(module.MAX_PARTS + 3):
        name = f"{number:064x}"
        with pytest.raises(Broken):
            await blobs.put(name, breaking(b"x"), "me")
        for_order = tmp_path / "parts" / f"me.{name}"
        os.utime(for_order, (time.time() - 100 + number,) * 2)
    with pytest.raises(Broken):
        await blobs.put(HASH, breaking(b"x"), "you")
    assert len([part for part in parts(tmp_path) if part.stem == "me"]) <= module.MAX_PARTS + 1
    old = tmp_path / "parts" / f"you.{HASH}"
    os.utime(old, (time.time() - module.PART_SECONDS - 60,) * 2)
    await blobs.put(sha256(b"").hexdigest(), body(b""), "me")
    assert not old.exists()


async def test_only_who_sent_it_is_told_how_much_came(
    world: World, http: httpx.AsyncClient
) -> None:
    key = str(world.client.pubkey())
    with pytest.raises(ConnectionError):
        await world.blobs.put(HASH, lost(DATA[:7]), key)
    path = f"/v1/blobs/{HASH}/received"
    headers = requests.sign(world.client, "GET", path, b"", world.clock.wall())
    assert (await http.get(path, headers=headers)).json() == {"bytes": 7}
    assert (await http.get(path)).status_code == 401
    rest = f"/v1/blobs/{HASH}?offset=7"
    headers = requests.sign(world.client, "PUT", rest, HASH, world.clock.wall())
    answer = await http.put(rest, headers=headers, content=DATA[7:1000])
    assert answer.status_code == 422
    assert world.blobs.size(HASH) is None
    whole = sha256(b"0123456789").hexdigest()
    with pytest.raises(ConnectionError):
        await world.blobs.put(whole, lost(b"0123"), key)
    rest = f"/v1/blobs/{whole}?offset=4"
    headers = requests.sign(world.client, "PUT", rest, whole, world.clock.wall())
    assert (await http.put(rest, headers=headers, content=b"456789")).status_code == 204
    assert world.blobs.size(whole) == 10


async def lost(data: bytes) -> AsyncIterator[bytes]:
    yield data
    raise ConnectionError


async def test_a_part_that_another_orchestrator_holds_is_to_be_sent_again(
    blobs: FolderBlobs,
) -> None:
    handle = os.open(blobs._part(HASH, "me"), os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(PartHeld):
        await blobs.put(HASH, body(DATA), "me")
    os.close(handle)
    assert await blobs.put(HASH, body(DATA), "me") == len(DATA)
