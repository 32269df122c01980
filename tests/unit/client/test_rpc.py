"""The HTTP client against the embedded chain's own application, without a socket."""

from __future__ import annotations

import json

import httpx
import pytest
from chain_samples import SOL, pay, rich, signed
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from iog_client.embedded.chain import EmbeddedChain
from iog_client.embedded.server import app
from iog_client.errors import NotAllowed, Refused, TransactionFailed, Unreachable
from iog_client.rpc import APART, HttpRpc
from iog_client.testing import ManualClock

URL = "http://127.0.0.1:8899"
NOBODY = Pubkey(bytes([3]) * 32)


@pytest.fixture
def chain() -> EmbeddedChain:
    return EmbeddedChain(clock=ManualClock(), programs={})


@pytest.fixture
def rpc(chain: EmbeddedChain) -> HttpRpc:
    return HttpRpc(URL, transport=httpx.ASGITransport(app(chain)))


def answering(handler: httpx.Response | Exception) -> HttpRpc:
    def answer(_: httpx.Request) -> httpx.Response:
        if isinstance(handler, Exception):
            raise handler
        return handler

    async def sleep(_: float) -> None:
        pass

    return HttpRpc(URL, transport=httpx.MockTransport(answer), sleep=sleep)


def refusing(code: int, message: str, data: object = None) -> HttpRpc:
    error = {"code": code, "message": message, "data": data}
    body = {"jsonrpc": "2.0", "id": 0, "error": error}
    return answering(httpx.Response(200, json=body))


async def test_accounts_come_in_the_order_asked_for(chain: EmbeddedChain, rpc: HttpRpc) -> None:
    key = rich(chain)
    found = await rpc.accounts([NOBODY, key.pubkey()] * 60)
    assert found[0] is None
    assert found[119] is not None
    assert found[119].lamports == 10 * SOL
    assert len(found) == 120


async def test_a_balance_of_nobody_is_zero(rpc: HttpRpc) -> None:
    assert await rpc.balance(NOBODY) == 0
    assert await rpc.account(NOBODY) is None


async def test_chain_time_is_that_of_the_clock_sysvar(chain: EmbeddedChain, rpc: HttpRpc) -> None:
    chain.warp(3600)
    assert await rpc.chain_time() == chain.unix_time()


async def test_the_chain_is_described(chain: EmbeddedChain, rpc: HttpRpc) -> None:
    assert await rpc.genesis_hash() == chain.genesis_hash
    assert await rpc.slot() == chain.slot
    assert await rpc.block_height() == chain.block_height
    assert (await rpc.latest_blockhash())[1] > chain.block_height
    assert await rpc.version()


async def test_a_transaction_can_be_followed(chain: EmbeddedChain, rpc: HttpRpc) -> None:
    raw = signed(chain, payer := rich(chain), pay(payer, NOBODY, SOL))
    assert (await rpc.simulate(raw)).err is None
    signature = await rpc.send(raw)
    status, unknown = await rpc.statuses([signature, Signature.default()])
    assert status is not None
    assert status.confirmed
    assert status.err is None
    assert unknown is None
    outcome = await rpc.transaction(signature)
    assert outcome is not None
    assert outcome.err is None
    assert outcome.units == 150
    assert await rpc.balance(NOBODY) == SOL


async def test_accounts_of_a_program_are_filtered(chain: EmbeddedChain, rpc: HttpRpc) -> None:
    assert await rpc.program_accounts(NOBODY, data_size=5, memcmp=[(0, b"x")]) == []


async def test_an_airdrop_arrives(rpc: HttpRpc) -> None:
    await rpc.airdrop(NOBODY, SOL)
    assert await rpc.balance(NOBODY) == SOL


async def test_a_transaction_that_preflight_refuses_comes_with_error_and_logs(
    chain: EmbeddedChain, rpc: HttpRpc
) -> None:
    raw = signed(chain, payer := rich(chain), pay(payer, NOBODY, 100 * SOL))
    with pytest.raises(TransactionFailed) as refusal:
        await rpc.send(raw)
    assert refusal.value.err == {"InstructionError": [0, {"Custom": 1}]}
    assert any("insufficient lamports" in line for line in refusal.value.logs)


async def test_an_unsigned_transaction_is_refused(chain: EmbeddedChain, rpc: HttpRpc) -> None:
    raw = signed(chain, payer := rich(chain), pay(payer, NOBODY, SOL))
    message = VersionedTransaction.from_bytes(raw).message
    unsigned = VersionedTransaction.populate(message, [Signature.default()])
    with pytest.raises(Refused):
        await rpc.send(bytes(unsigned))


async def test_what_a_node_says_that_has_gone_back_is_not_taken_until_it_has_caught_up() -> None:
    slots = iter([500, 500 - APART, 300, 499 - APART, 600, 569, 567])
    said = iter(range(1, 8))

    def answer(_: httpx.Request) -> httpx.Response:
        result = {"context": {"slot": next(slots)}, "value": next(said)}
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": 0, "result": result})

    rpc = HttpRpc(URL, transport=httpx.MockTransport(answer))
    assert [await rpc.balance(NOBODY) for _ in range(2)] == [1, 2]
    for slot in (300, 499 - APART):
        with pytest.raises(Unreachable, match=f"it has gone back from slot 500 to {slot}"):
            await rpc.balance(NOBODY)
    assert [await rpc.balance(NOBODY) for _ in range(2)] == [5, 6]
    with pytest.raises(Unreachable, match="from slot 600 to 567"):
        await rpc.balance(NOBODY)


async def test_accounts_and_blockhashes_of_a_node_that_has_gone_back_are_not_taken(
    chain: EmbeddedChain,
) -> None:
    ahead = EmbeddedChain(clock=(clock := ManualClock()), programs={})
    clock.advance(60)
    assert ahead.slot > chain.slot + APART
    answering = app(ahead)
    rpc = HttpRpc(URL, transport=httpx.ASGITransport(lambda *asked: answering(*asked)))
    await rpc.latest_blockhash()
    answering = app(chain)
    with pytest.raises(Unreachable, match="it has gone back"):
        await rpc.account(NOBODY)
    with pytest.raises(Unreachable, match="it has gone back"):
        await rpc.latest_blockhash()
    answering = app(ahead)
    assert await rpc.account(NOBODY) is None


async def test_a_node_that_is_not_there_is_unreachable_with_its_url() -> None:
    rpc = answering(httpx.ConnectError("All connection attempts failed"))
    with pytest.raises(Unreachable) as refusal:
        await rpc.slot()
    assert refusal.value.message.startswith(f"{URL} is not reachable: connection refused (--rpc")


async def test_a_name_that_nobody_knows_is_told_as_such() -> None:
    rpc = answering(httpx.ConnectError("[Errno -2] Name or service not known"))
    with pytest.raises(Unreachable) as refusal:
        await rpc.slot()
    assert f"{URL} is not reachable: no host of that name is known here (--rpc" in (
        refusal.value.message
    )


async def test_a_node_that_does_not_answer_in_time_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="no answer in time"):
        await answering(httpx.ReadTimeout("")).slot()


@pytest.mark.parametrize(
    ("failure", "asked"),
    [
        (httpx.ConnectError("All connection attempts failed"), False),
        (httpx.ConnectTimeout(""), False),
        (httpx.ReadTimeout(""), True),
        (httpx.ReadError(""), True),
        (httpx.WriteError(""), True),
        (httpx.RemoteProtocolError(""), True),
    ],
)
async def test_whether_a_request_may_have_reached_the_node_is_known(
    failure: Exception, asked: bool
) -> None:
    with pytest.raises(Unreachable) as refusal:
        await answering(failure).slot()
    assert refusal.value.asked is asked


async def test_a_server_error_is_unreachable_with_its_number() -> None:
    with pytest.raises(Unreachable, match="it answers HTTP 503"):
        await answering(httpx.Response(503)).slot()


@pytest.mark.parametrize("body", ["<html>", "{}", "[]", json.dumps({"result": "x"})])
async def test_another_kind_of_server_is_told_from_a_node(body: str) -> None:
    with pytest.raises(Unreachable, match="it does not speak Solana's JSON-RPC"):
        await answering(httpx.Response(200, text=body)).slot()


async def test_a_refusal_of_the_node_names_it_and_its_reason() -> None:
    with pytest.raises(Refused, match=f"{URL} refused the request: Method not found"):
        await refusing(-32601, "Method not found").slot()


async def test_a_chain_without_a_faucet_gives_nothing_away() -> None:
    with pytest.raises(NotAllowed, match="gives no SOL away"):
        await refusing(-32603, "Internal error").airdrop(Keypair().pubkey(), 1)
