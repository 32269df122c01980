"""Real validators for the tests of this folder: one without the programs, one with them."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from solders.keypair import Keypair

from iog_client import prebuilt
from iog_client.embedded.server import listen
from iog_client.errors import NotFound
from iog_client.prebuilt import ProgramFile
from iog_client.rpc import HttpRpc
from iog_client.validator import Validator, architecture, find

# The command as a process, and networks on a running chain: as in the acceptance tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "acceptance"))

SOL = 10**9


def missing() -> str | None:
    """Why there is no validator to test on; None when there is one."""
    try:
        find()
    except NotFound as exc:
        return exc.message
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs a validator. Without one it is skipped, in a line a file that says so."""
    why = missing()
    for item in items:
        if not {"installed", "validator", "loaded"} & set(getattr(item, "fixturenames", ())):
            continue
        item.add_marker(pytest.mark.validator)
        if why is not None and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason=f"NOT TESTED ON A VALIDATOR: {why}"))


@pytest.fixture
def installed() -> None:
    """For tests that start a validator themselves; two at a time take each other's processor."""
    why = missing()
    if why is not None:
        pytest.fail(why, pytrace=False)


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Validator]:
    """A bare `solana-test-validator`; where CI is set its absence is a failure."""
    yield from _running(tmp_path_factory.mktemp("validator"), [])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Validator]:
    """One with the four programs, and no network yet; each file makes its own on it."""
    programs = [] if missing() else prebuilt.available(architecture(find()))[0]
    yield from _running(tmp_path_factory.mktemp("loaded"), programs)


def _running(folder: Path, programs: Sequence[ProgramFile]) -> Iterator[Validator]:
    why = missing()
    if why is not None:
        pytest.fail(why, pytrace=False)
    with listen(0) as probe:
        port = probe.getsockname()[1]
    found = Validator(folder / "ledger", port, programs)
    found.start()
    yield found
    found.stop()


@pytest.fixture
async def rpc(validator: Validator) -> AsyncIterator[HttpRpc]:
    found = HttpRpc(validator.url)
    yield found
    await found.close()


@pytest.fixture
async def payer(rpc: HttpRpc) -> Keypair:
    """A key that holds 100 SOL."""
    key = Keypair()
    await give(rpc, key, 100 * SOL)
    return key


async def give(rpc: HttpRpc, key: Keypair, lamports: int) -> None:
    signature = await rpc.airdrop(key.pubkey(), lamports)
    for _ in range(200):
        [status] = await rpc.statuses([signature])
        if status is not None and status.confirmed:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the airdrop was not confirmed within 20 s")
