"""Copies of published hours: all of them, each file once, however often the store fails."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from obstore.store import MemoryStore
from orchestrator_hours import close, earned, past
from orchestrator_world import Worker, World

from iog_client.hours_parts import HourFile
from iog_orchestrator.adapters.blobs import FolderPublisher
from iog_orchestrator.adapters.bucket import BucketFailed, ObjectBucket
from iog_orchestrator.adapters.mirror import LONGEST_PAUSE, PAUSES, Mirror


class Store(ObjectBucket):
    """A store that keeps what was put in order, and fails as often as it is told to."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.put_in_order: list[str] = []
        self.failures = 0
        self.open = asyncio.Event()
        self.open.set()

    async def put(self, name: str, file: Path) -> None:
        await self.open.wait()
        if self.failures:
            self.failures -= 1
            raise BucketFailed("503 SlowDown")
        await super().put(name, file)
        self.put_in_order.append(name)


class Unlisted(Store):
    """A store that does not say what it has."""

    async def sizes(self) -> dict[str, int]:
        raise BucketFailed("403 AccessDenied")


class Pauses:
    """Pauses that are over at once, and counted."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def hours(world: World, worker: Worker) -> Path:
    """A folder with two published hours, the second in parts."""
    await past(world, 1)
    await close(world)
    world.core.hour_close.inline_rows = 0
    await earned(world, worker, 2)
    folder = world.folder / "hours"
    publisher = FolderPublisher(folder, world.publisher.signature)
    for hour in (1, 2):
        await publisher.publish(hour, world.publisher.documents[hour])
    return folder


@asynccontextmanager
async def mirrored(folder: Path, store: Store, pauses: Pauses) -> AsyncIterator[Mirror]:
    counted = itertools.count
    mirror = Mirror(folder, store, lambda: map(float, counted(1)), pauses.sleep)
    task = asyncio.create_task(mirror.run())
    yield mirror
    task.cancel()


async def caught_up(mirror: Mirror, store: Store, last: str) -> None:
    async with asyncio.timeout(20):
        while mirror.behind or last not in store.put_in_order:  # noqa: ASYNC110 - no event for it
            await asyncio.sleep(0.01)


def parts_of(folder: Path) -> list[str]:
    document = HourFile.parse((folder / "hour-000002.json").read_bytes())
    return [f"parts/{sha256}.jsonl" for sha256 in document.part_hashes()]


async def test_all_that_is_here_goes_there_and_of_an_hour_the_document_last(
    hours: Path, store: MemoryStore
) -> None:
    bucket = Store(store)
    async with mirrored(hours, bucket, Pauses()) as mirror:
        await caught_up(mirror, bucket, "hour-000002.json")
    first = ["hour-000001.sig", "hour-000001.json"]
    parts = parts_of(hours)
    assert len(parts) == 2
    assert bucket.put_in_order == [*first, *parts, "hour-000002.sig", "hour-000002.json"]
    for name in bucket.put_in_order:
        assert bytes(store.get(name).bytes()) == (hours / name).read_bytes()


async def test_what_is_there_does_not_go_again_and_what_was_cut_does(
    hours: Path, store: MemoryStore
) -> None:
    first = Store(store)
    async with mirrored(hours, first, Pauses()) as mirror:
        await caught_up(mirror, first, "hour-000002.json")
    part = parts_of(hours)[0]
    store.delete([part, "hour-000002.json"])
    store.put("hour-000001.sig", b"cut")
    again = Store(store)
    async with mirrored(hours, again, Pauses()) as mirror:
        await caught_up(mirror, again, "hour-000002.json")
    assert again.put_in_order == ["hour-000001.sig", part, "hour-000002.json"]


async def test_a_part_that_two_hours_share_goes_once(hours: Path, store: MemoryStore) -> None:
    document = (hours / "hour-000002.json").read_bytes()
    (hours / "hour-000003.json").write_bytes(document.replace(b'"hour":2,', b'"hour":3,'))
    bucket = Store(store)
    async with mirrored(hours, bucket, Pauses()) as mirror:
        await caught_up(mirror, bucket, "hour-000003.json")
    assert bucket.put_in_order.count(parts_of(hours)[0]) == 1
    assert len(bucket.put_in_order) == 7


async def test_a_store_that_fails_is_tried_until_all_is_there(
    hours: Path, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    bucket, pauses = Store(store), Pauses()
    bucket.failures = 3
    with caplog.at_level(logging.WARNING):
        async with mirrored(hours, bucket, pauses) as mirror:
            await caught_up(mirror, bucket, "hour-000002.json")
    assert pauses.slept == [1, 2, 3]
    assert [one.getMessage() for one in caplog.records] == [
        "2 hours are not mirrored: 503 SlowDown"
    ] * 3
    assert len(bucket.put_in_order) == 6


async def test_a_store_that_fails_before_there_is_an_hour_is_said(
    tmp_path: Path, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    bucket, pauses = Unlisted(store), Pauses()
    async with mirrored(tmp_path, bucket, pauses), asyncio.timeout(20):
        while not pauses.slept:  # noqa: ASYNC110 - no event for it
            await asyncio.sleep(0.01)
    assert caplog.records[0].getMessage() == (
        "the store for copies of the hours does not work: 403 AccessDenied"
    )


async def test_a_slow_store_does_not_hold_up_an_hour(hours: Path, store: MemoryStore) -> None:
    bucket = Store(store)
    bucket.open.clear()
    async with mirrored(hours, bucket, Pauses()) as mirror:
        publisher = FolderPublisher(hours, lambda _, __: b"{}", mirror.published)
        document = (hours / "hour-000001.json").read_bytes()
        await publisher.publish(3, document.replace(b'"hour":1,', b'"hour":3,'))
        async with asyncio.timeout(20):
            while mirror.behind < 3:  # noqa: ASYNC110 - no event for it
                await asyncio.sleep(0.01)
        assert bucket.put_in_order == []
        bucket.open.set()
        await caught_up(mirror, bucket, "hour-000003.json")
    assert bucket.put_in_order[-2:] == ["hour-000003.sig", "hour-000003.json"]


async def test_an_hour_that_cannot_be_read_is_said_and_tried_again(
    hours: Path, store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    whole = (hours / "hour-000002.json").read_bytes()
    (hours / "hour-000002.json").write_bytes(b"{}")
    bucket, pauses = Store(store), Pauses()
    async with mirrored(hours, bucket, pauses) as mirror:
        async with asyncio.timeout(20):
            # at each try all hours are looked at, those too that are there
            while not (pauses.slept and mirror.behind == 1):  # noqa: ASYNC110 - no event for it
                await asyncio.sleep(0.01)
        (hours / "hour-000002.json").write_bytes(whole)
        await caught_up(mirror, bucket, "hour-000002.json")
    assert "1 hour is not mirrored" in caplog.text


def test_pauses_grow_up_to_a_limit() -> None:
    waits = list(itertools.islice(PAUSES(), 12))
    assert 0.5 <= waits[0] <= 1
    assert LONGEST_PAUSE / 2 <= waits[-1] <= LONGEST_PAUSE
