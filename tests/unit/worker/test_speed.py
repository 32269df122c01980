"""How fast the orchestrator is reached: measured seldom, told at each connection."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from iog_client.errors import Unreachable, UsageError
from iog_client.protocol import Frame, Speed
from iog_worker import setup, speed
from iog_worker.folder import NodeFolder

if TYPE_CHECKING:
    from .conftest import Bench

NOW = 1_700_000_000.0
FOUND = Speed(down=5_000_000, up=1_000_000)


class Measured:
    """A meter that counts how often it is asked."""

    def __init__(self, error: Unreachable | None = None) -> None:
        self.asked = 0
        self._error = error

    def measure(self) -> Speed:
        self.asked += 1
        if self._error:
            raise self._error
        return FOUND


async def told(meter: Measured | None, path: Path, now: float) -> list[Frame]:
    said: list[Frame] = []

    def send(frame: Frame) -> bool:
        said.append(frame)
        return True

    await speed.tell(meter, path, now, send)
    return said


async def test_it_is_measured_once_in_some_hours_and_told_each_time(tmp_path: Path) -> None:
    meter, path = Measured(), tmp_path / "speed.json"
    for now in (NOW, NOW + 60, NOW + speed.EVERY - 1):
        assert await told(meter, path, now) == [FOUND]
    assert meter.asked == 1
    assert await told(meter, path, NOW + speed.EVERY) == [FOUND]
    assert meter.asked == 2


async def test_a_measurement_of_the_future_is_none(tmp_path: Path) -> None:
    meter, path = Measured(), tmp_path / "speed.json"
    await told(meter, path, NOW)
    await told(meter, path, NOW - 60)
    assert meter.asked == 2


async def test_a_file_that_is_something_else_is_measured_anew(tmp_path: Path) -> None:
    meter, path = Measured(), tmp_path / "speed.json"
    path.write_text("{}")
    assert await told(meter, path, NOW) == [FOUND]


async def test_nothing_is_told_that_could_not_be_measured(tmp_path: Path) -> None:
    meter = Measured(Unreachable("http://orchestrator", "no route"))
    assert await told(meter, tmp_path / "speed.json", NOW) == []
    assert await told(None, tmp_path / "speed.json", NOW) == []


async def test_a_worker_that_stops_does_not_wait_for_a_slow_link(bench: Bench) -> None:
    begun, freed = threading.Event(), threading.Event()

    class Slow(Measured):
        def measure(self) -> Speed:
            begun.set()
            freed.wait(30)
            return FOUND

    bench.meter = Slow()
    await bench.start()
    await asyncio.to_thread(begun.wait, 10)
    await bench.stop()
    assert not freed.is_set()
    freed.set()


async def test_a_node_that_could_not_measure_stays_connected(bench: Bench) -> None:
    bench.meter = Measured(Unreachable("http://orchestrator", "no route"))
    await bench.start()
    await bench.orchestrator.until(lambda: bench.orchestrator.beats > 2)
    assert bench.orchestrator.connections == 1


@pytest.mark.parametrize("country", ["de", "Germany", "D", "D1", "ÄÖ"])
def test_a_country_is_two_capital_letters(tmp_path: Path, country: str) -> None:
    from solders.pubkey import Pubkey

    with pytest.raises(UsageError, match="two capital letters"):
        setup.init(
            NodeFolder(tmp_path / "node"),
            "http://127.0.0.1:9",
            Pubkey.default(),
            country=country,
        )
