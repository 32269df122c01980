"""The store that published hours are copied to: which URLs name one, and what failures become."""

from __future__ import annotations

from pathlib import Path

import pytest
from obstore.store import MemoryStore

from iog_client.errors import UsageError
from iog_orchestrator.adapters.bucket import BucketFailed, ObjectBucket, s3


@pytest.mark.parametrize("url", ["", "s3://", "http://host/bucket", "bucket/prefix", "s3://b?x=1"])
def test_what_is_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match=r"--publish is `.*`; s3://bucket/prefix is accepted"):
        s3(url)


async def test_what_was_put_is_there_with_its_size(tmp_path: Path) -> None:
    store = MemoryStore()
    bucket = ObjectBucket(store)
    assert await bucket.sizes() == {}
    for name in ("hour-000001.json", "hour-000001.sig", "parts/a.jsonl"):
        (tmp_path / "file").write_bytes(name.encode())
        await bucket.put(name, tmp_path / "file")
    assert await bucket.sizes() == {
        name: len(name) for name in ("hour-000001.json", "hour-000001.sig", "parts/a.jsonl")
    }
    assert store.get("hour-000001.json").attributes["Content-Type"] == "application/json"


async def test_a_file_that_cannot_be_sent_is_a_failure_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BucketFailed, match="No such file") as missing:
        await ObjectBucket(MemoryStore()).put("hour-000001.json", tmp_path / "none")
    assert "\n" not in str(missing.value)
