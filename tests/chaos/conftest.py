"""One network a module, a seed for all that is left to chance, and the report of how long it took.

`IOG_CHAOS_SEED` repeats a run's random choices; `IOG_CHAOS_ROUNDS` says how often each fault is
done; with 1, the short form, tests marked `long` are left out. `IOG_CHAOS_CHAIN=validator` is for
solana-test-validator instead of the embedded chain, with the modules of `ON_VALIDATOR` alone.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests import validators
from tests.chaos.databases import Database, served
from tests.chaos.faults import ON_VALIDATOR
from tests.chaos.report import ROUNDS, Report
from tests.chaos.world import CHAIN, World

SEED = int(os.environ.get("IOG_CHAOS_SEED") or random.SystemRandom().randrange(2**32))
# processes that share the work share the seed
os.environ["IOG_CHAOS_SEED"] = str(SEED)
PART = os.environ.get("PYTEST_XDIST_WORKER", "report")
FOLDER = Path(os.environ.get("IOG_CHAOS_FOLDER", "build/chaos"))
REPORT = Report(FOLDER / f"{PART}{'-validator' * (CHAIN == 'validator')}.json", SEED)


def pytest_configure() -> None:
    asked = os.environ.get("IOG_CHAOS_CHAIN") or CHAIN
    why = "it is embedded or validator" if asked != CHAIN else None
    if CHAIN == "validator":
        why = validators.missing()
    if why is not None:
        raise pytest.UsageError(f"IOG_CHAOS_CHAIN={asked}: {why}")


def pytest_report_header() -> str:
    again = f"seed {SEED} (IOG_CHAOS_SEED={SEED} repeats it)"
    return f"chaos: {again}, {ROUNDS} round(s) a fault, chain: {CHAIN}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if _left_out(item)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def _left_out(item: pytest.Item) -> bool:
    if CHAIN == "validator" and item.path.stem not in ON_VALIDATOR:
        return True
    return ROUNDS == 1 and item.get_closest_marker("long") is not None


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
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a module's network may be; nothing of this machine's settings counts for it."""
    folder = tmp_path_factory.mktemp("chaos")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IOG_CONFIG", str(folder / "none.toml"))
        for name in ("IOG_RPC_URL", "IOG_WALLET", "IOG_ORCHESTRATOR_URL"):
            patch.delenv(name, raising=False)
        yield folder / "net"


@pytest.fixture(scope="module")
def report() -> Report:
    """Of all modules together."""
    return REPORT


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """A PostgreSQL server of the module's own, with an empty database."""
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def unopened(place: Path, report: Report) -> World:
    """A network in an empty folder, of which nothing runs yet."""
    return World(place, report)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(unopened: World) -> AsyncIterator[World]:
    """The network that a module's faults are done to, with two nodes that are ready."""
    try:
        await unopened.open()
        yield unopened
    finally:
        await unopened.close()
