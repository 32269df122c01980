"""The HTTP API while nothing can be stored: one line, nothing acknowledged."""

from __future__ import annotations

import errno
import logging
import sqlite3

import httpx
import pytest
from orchestrator_api import submit
from orchestrator_world import World
from sqlalchemy.exc import OperationalError

from iog_client.api import OrchestratorApi
from iog_client.errors import IogError


def failing(error: Exception) -> object:
    async def fail(*_: object) -> None:
        raise error

    return fail


FULL = OperationalError("UPDATE lease", {}, sqlite3.OperationalError("database or disk is full"))


async def test_a_database_that_cannot_be_written_is_503_in_one_line(
    world: World,
    api: OrchestratorApi,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(world.store, "put_request", failing(FULL))
    with pytest.raises(IogError, match="the database cannot be used now: database or disk is full"):
        await submit(world, api)
    [line] = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert line.getMessage() == (
        "a request was not done: the database cannot be used now: database or disk is full"
    )
    assert line.exc_info is None
    assert vars(line)["request"] == "POST /v1/jobs"
    assert world.core.context.known.jobs == {}


async def test_a_full_disk_is_507(
    world: World, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(world.store, "hour", failing(full))
    said = await http.get("/v1/hours/1")
    assert (said.status_code, said.json()["title"]) == (507, "Disk full")
    assert said.json()["detail"] == "nothing can be stored now: No space left on device"
