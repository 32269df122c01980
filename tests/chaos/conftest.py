"""One network a module, a seed for all that is left to chance, and the report of how long it took.

`IOG_CHAOS_SEED` repeats a run's random choices; `IOG_CHAOS_ROUNDS` says how often each fault is
done; with 1, the short form, tests marked `long` are left out.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.chaos.report import ROUNDS, Report
from tests.chaos.world import World

SEED = int(os.environ.get("IOG_CHAOS_SEED") or random.SystemRandom().randrange(2**32))
# processes that share the work share the seed
os.environ["IOG_CHAOS_SEED"] = str(SEED)
PART = os.environ.get("PYTEST_XDIST_WORKER", "report")
REPORT = Report(Path(os.environ.get("IOG_CHAOS_FOLDER", "build/chaos")) / f"{PART}.json", SEED)


def pytest_report_header() -> str:
    return f"chaos: seed {SEED} (IOG_CHAOS_SEED={SEED} repeats it), {ROUNDS} round(s) a fault"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if ROUNDS > 1:
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "number" in metafunc.fixturenames:
        metafunc.parametrize("number", range(1, ROUNDS + 1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in REPORT.lines():
        terminalreporter.write_line(line)


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Chance of one test and round, the same for the same seed whatever else runs."""
    return random.Random(f"{SEED} {request.node.name}")


@pytest.fixture(scope="module")
def unopened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A network in an empty folder, of which nothing runs yet."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("chaos")
    patch.setenv("IOG_CONFIG", str(folder / "none.toml"))
    for name in ("IOG_RPC_URL", "IOG_WALLET", "IOG_ORCHESTRATOR_URL"):
        patch.delenv(name, raising=False)
    yield World(folder / "net", REPORT)
    patch.undo()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(unopened: World) -> AsyncIterator[World]:
    """The network that a module's faults are done to, with two nodes that are ready."""
    try:
        await unopened.open()
        yield unopened
    finally:
        await unopened.close()
