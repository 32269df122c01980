"""The token: balances, transfers, vesting and the local faucet, on the embedded chain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import amounts, networkfile, networks, tokens, wallets
from iog_client._generated.iog_token.accounts import Bucket, Config
from iog_client.embedded.chain import EmbeddedChain
from iog_client.errors import InsufficientSol, InsufficientTokens, NotFound, Refused
from iog_client.networks import NetworkRecord
from iog_client.testing import EmbeddedRpc, ManualClock
from iog_client.transactions import Sender

LOCAL = Path(__file__).parents[3] / "networks" / "local.yaml"
MONTH = 730 * 60


@pytest.fixture
def rpc() -> EmbeddedRpc:
    return EmbeddedRpc(EmbeddedChain(clock=ManualClock()))


@pytest.fixture
async def record(rpc: EmbeddedRpc, tmp_path: Path) -> NetworkRecord:
    return await networks.create(rpc, networkfile.load(LOCAL), tmp_path)


@pytest.fixture
def faucet(record: NetworkRecord) -> Keypair:
    assert record.keys.faucet is not None
    return wallets.load(record.keys.faucet)


@pytest.fixture
async def started(rpc: EmbeddedRpc, record: NetworkRecord) -> int:
    start = await networks.start(rpc, networks.load_authority(record))
    rpc.chain.warp(10)
    return start


@pytest.mark.usefixtures("started")
async def test_the_faucet_claims_its_bucket_and_pays(rpc: EmbeddedRpc, faucet: Keypair) -> None:
    wallet = Keypair().pubkey()
    await tokens.faucet_io(rpc, faucet, wallet, 5 * amounts.IO)
    await tokens.faucet_io(rpc, faucet, wallet, 7 * amounts.IO)
    assert await tokens.balance(rpc, wallet) == 12 * amounts.IO
    assert await tokens.balance(rpc, faucet.pubkey()) == (100_000_000 - 12) * amounts.IO


async def test_the_faucet_pays_before_emission_starts(rpc: EmbeddedRpc, faucet: Keypair) -> None:
    wallet = Keypair().pubkey()
    await tokens.faucet_io(rpc, faucet, wallet, amounts.IO)
    assert await tokens.balance(rpc, wallet) == amounts.IO


@pytest.mark.usefixtures("started")
async def test_the_faucet_gives_no_more_than_it_has(rpc: EmbeddedRpc, faucet: Keypair) -> None:
    with pytest.raises(InsufficientTokens, match="holds 100000000 IO, less than 100000001 IO"):
        await tokens.faucet_io(rpc, faucet, Keypair().pubkey(), 100_000_001 * amounts.IO)


@pytest.mark.usefixtures("started")
async def test_io_goes_to_a_wallet_that_never_had_any(rpc: EmbeddedRpc, faucet: Keypair) -> None:
    alice, bob = Keypair(), Keypair()
    await tokens.airdrop_sol(rpc, alice.pubkey(), amounts.SOL)
    await tokens.faucet_io(rpc, faucet, alice.pubkey(), 3 * amounts.IO)
    await tokens.send_io(Sender(rpc, alice), alice, bob.pubkey(), 2 * amounts.IO)
    found = await tokens.holdings(rpc, [alice.pubkey(), bob.pubkey()])
    assert [one.io for one in found] == [amounts.IO, 2 * amounts.IO]
    assert found[1].lamports == 0


@pytest.mark.usefixtures("started")
async def test_more_than_is_held_is_not_sent(rpc: EmbeddedRpc, faucet: Keypair) -> None:
    await tokens.faucet_io(rpc, faucet, faucet.pubkey(), 1)
    other = Keypair()
    with pytest.raises(InsufficientTokens, match=r"holds 0 IO, less than 0\.00000001 IO"):
        await tokens.send_io(Sender(rpc, faucet), other, faucet.pubkey(), 1)


@pytest.mark.parametrize("amount", [0, -1])
async def test_nothing_is_not_sent(rpc: EmbeddedRpc, amount: int) -> None:
    key = Keypair()
    with pytest.raises(Refused, match="nothing to send"):
        await tokens.send_sol(Sender(rpc, key), key.pubkey(), amount)
    with pytest.raises(Refused, match="nothing to send"):
        await tokens.send_io(Sender(rpc, key), key, key.pubkey(), amount)


async def test_a_wallet_without_sol_sends_none(rpc: EmbeddedRpc) -> None:
    key = Keypair()
    with pytest.raises(InsufficientSol):
        await tokens.send_sol(Sender(rpc, key), Keypair().pubkey(), amounts.SOL)


async def test_without_a_network_there_is_no_supply(rpc: EmbeddedRpc) -> None:
    with pytest.raises(NotFound, match="there is no network on this chain"):
        await tokens.supply(rpc)


async def test_hours_count_from_the_start(rpc: EmbeddedRpc, started: int) -> None:
    assert (await tokens.supply(rpc)).hour == 0
    rpc.chain.warp(started + 120 - await rpc.chain_time())
    assert (await tokens.supply(rpc)).hour == 2


def bucket(**changed: int) -> Bucket:
    values = {
        "beneficiary": Pubkey.default(),
        "amount": 1000,
        "claimed": 0,
        "launch_bps": 1000,
        "cliff_months": 12,
        "linear_months": 24,
        "index": 0,
        "bump": 255,
    }
    return Bucket(**{**values, **changed})  # type: ignore[arg-type]


def settings(start: int, sealed: int = 1) -> Config:
    blank = Config.decode(Config.discriminator + bytes(Config.size - 8))
    return replace(blank, start=start, hour_length=60, sealed=sealed)


@pytest.mark.parametrize(
    ("months", "expected"),
    [(-1, 100), (0, 100), (11, 100), (12, 100), (13, 137), (24, 550), (36, 1000), (500, 1000)],
)
def test_a_bucket_falls_due_at_launch_then_monthly_after_its_cliff(
    months: int, expected: int
) -> None:
    assert tokens.due(bucket(), settings(10**6), 10**6 + months * MONTH) == expected


def test_without_a_linear_part_all_falls_due_at_the_cliff() -> None:
    sudden = bucket(linear_months=0)
    assert tokens.due(sudden, settings(10**6), 10**6 + 12 * MONTH - 1) == 100
    assert tokens.due(sudden, settings(10**6), 10**6 + 12 * MONTH) == 1000


def test_what_was_claimed_is_not_due_again() -> None:
    assert tokens.due(bucket(claimed=100), settings(10**6), 10**6) == 0


def test_the_part_at_launch_is_due_from_the_seal_on() -> None:
    assert tokens.due(bucket(), settings(0, sealed=0), 10**6) == 0
    assert tokens.due(bucket(), settings(0), 10**6) == 100
