"""Real validators for the tests of this folder: one without the programs, one with them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from solders.keypair import Keypair

from iog_client.rpc import HttpRpc
from iog_client.validator import Validator
from tests import validators

# The command as a process, and networks on a running chain: as in the acceptance tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "acceptance"))

SOL = 10**9


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    validators.mark(items)


@pytest.fixture
def installed() -> None:
    """For tests that start a validator themselves; two at a time take each other's processor."""
    validators.require()


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Validator]:
    """A bare `solana-test-validator`; where CI is set its absence is a failure."""
    yield from validators.running(tmp_path_factory.mktemp("validator"), [])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Validator]:
    """One with the four programs, and no network yet; each file makes its own on it."""
    yield from validators.loaded(tmp_path_factory.mktemp("loaded"))


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
