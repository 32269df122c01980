"""An S3-compatible store by its URL; endpoint and credentials come from the usual `AWS_*`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import ObjectStore, S3Store

from iog_client.errors import UsageError
from iog_orchestrator.core.failures import first_line

ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
CONNECT = timedelta(seconds=5)
REQUEST = timedelta(minutes=5)
"""For one file: a part of an hour has about 12 MB."""
MOST_SAID = 300
"""Letters of a failure: the library tells in many lines, with all it was configured with."""
TYPES = {".json": "application/json", ".jsonl": "application/jsonl", ".sig": "application/json"}


class BucketFailed(Exception):  # noqa: N818 - an outcome
    """the store did not do it"""


class Bucket(Protocol):
    """A place of files by their names."""

    async def sizes(self) -> dict[str, int]:
        """All that is there, with its size in bytes. Raises `BucketFailed`."""
        ...

    async def put(self, name: str, file: Path) -> None:
        """Store a file, whole or not at all. Raises `BucketFailed`."""
        ...


class ObjectBucket:
    """`Bucket` over a store of the obstore library."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def sizes(self) -> dict[str, int]:
        found: dict[str, int] = {}
        try:
            async for page in self._store.list():
                found |= {one["path"]: one["size"] for one in page}
        except (BaseError, OSError) as error:
            raise BucketFailed(first_line(error)[:MOST_SAID]) from error
        return found

    async def put(self, name: str, file: Path) -> None:
        kind = TYPES[Path(name).suffix]
        try:
            await self._store.put_async(name, file, attributes={"Content-Type": kind})
        except (BaseError, OSError) as error:
            raise BucketFailed(first_line(error)[:MOST_SAID]) from error


def s3(url: str, environ: Mapping[str, str] | None = None) -> ObjectBucket:
    """The bucket of `s3://bucket/prefix`. Nothing is asked of it yet.

    Raises:
        UsageError: the URL is no such one, or a variable has a value that cannot be used.
    """
    environ = os.environ if environ is None else environ
    found = urlsplit(url)
    if found.scheme != "s3" or not found.netloc or found.query or found.fragment:
        raise UsageError(f"--publish is `{url[:100]}`; s3://bucket/prefix is accepted")
    endpoint = next((environ[name] for name in ENDPOINTS if environ.get(name)), "")
    try:
        store = S3Store.from_url(
            url.rstrip("/"),
            client_options={
                # asked for by name: an endpoint in clear
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": CONNECT,
                "timeout": REQUEST,
            },
            # it is tried again by who knows what is still missing
            retry_config={"max_retries": 1, "retry_timeout": REQUEST},
        )
    except (BaseError, ValueError) as error:
        raise UsageError(
            f"--publish {url[:100]} cannot be used: {first_line(error)[:MOST_SAID]}"
        ) from None
    return ObjectBucket(store)
