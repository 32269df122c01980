"""Patience: pauses that grow and spread, and tries that end."""

import itertools

import pytest

from iog_client.errors import NotFound, Unreachable
from iog_worker import station
from iog_worker.station import pauses, retried


def test_pauses_double_up_to_a_limit_and_are_spread() -> None:
    limits = [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    for wait, limit in zip(itertools.islice(pauses(), 9), limits, strict=True):
        assert limit / 2 <= wait <= limit


async def test_what_is_unreachable_is_tried_so_often_and_not_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(station, "FIRST_PAUSE", 0.0)
    tries = []

    async def fail() -> None:
        tries.append(1)
        raise Unreachable("http://x.invalid", "away")

    with pytest.raises(Unreachable):
        await retried(fail, 3)
    assert len(tries) == 3


async def test_another_failure_is_not_tried_again() -> None:
    tries = []

    async def fail() -> None:
        tries.append(1)
        raise NotFound

    with pytest.raises(NotFound):
        await retried(fail, 3)
    assert len(tries) == 1
