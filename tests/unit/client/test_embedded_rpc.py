"""The embedded chain over HTTP, asked by solana-py, and the form of its refusals."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from chain_samples import SOL, TOKEN, mint_account, pay, rich, signed, token_account
from solana.rpc.async_api import AsyncClient
from solana.rpc.core import RPCException
from solana.rpc.types import MemcmpOpts, TokenAccountOpts, TxOpts
from solders.account import Account
from solders.hash import Hash
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from iog_client.embedded import EmbeddedChain
from iog_client.embedded.encoding import RpcError
from iog_client.embedded.methods import Methods
from iog_client.embedded.server import MAX_BODY, Dispatcher, server
from iog_client.errors import TransactionFailed
from iog_client.rpc import HttpRpc, Rpc
from iog_client.testing import EmbeddedRpc, ManualClock, serve


@pytest.fixture
def chain() -> EmbeddedChain:
    return EmbeddedChain(clock=ManualClock(wall=1_700_000_000), programs={})


@pytest.fixture
async def client(chain: EmbeddedChain) -> AsyncIterator[AsyncClient]:
    async with serve(chain) as url, AsyncClient(url) as found:
        yield found


def call(chain: EmbeddedChain, method: str, *params: Any) -> Any:
    return Methods(chain, "0").call(method, params)


def refusal(chain: EmbeddedChain, method: str, *params: Any) -> tuple[int, str]:
    with pytest.raises(RpcError) as caught:
        call(chain, method, *params)
    return caught.value.code, caught.value.message


async def test_solana_py_reads_the_chain(chain: EmbeddedChain, client: AsyncClient) -> None:
    assert await client.is_connected()
    assert (await client.get_genesis_hash()).value == chain.genesis_hash
    assert "iog-embedded" in (await client.get_version()).value.solana_core
    assert (await client.get_slot()).value == chain.slot
    assert (await client.get_block_height()).value == 0
    assert (await client.get_transaction_count()).value == 0
    assert (await client.get_block_time(0)).value == 1_700_000_000
    assert (await client.get_epoch_info()).value.slots_in_epoch == 432_000
    assert (await client.get_minimum_balance_for_rent_exemption(165)).value == 2_039_280
    latest = (await client.get_latest_blockhash()).value
    assert (latest.blockhash, latest.last_valid_block_height) == chain.latest_blockhash()


async def test_solana_py_reads_accounts(chain: EmbeddedChain, client: AsyncClient) -> None:
    one, two, absent = (Keypair().pubkey() for _ in range(3))
    owner = Keypair().pubkey()
    chain.set_account(one, Account(SOL, bytes(range(200)), owner))
    chain.set_account(two, Account(SOL, b"\7" * 200, owner))
    found = (await client.get_account_info(one)).value
    assert found is not None
    assert (found.lamports, found.data, found.owner) == (SOL, bytes(range(200)), owner)
    assert (await client.get_account_info(absent)).value is None
    assert (await client.get_balance(one)).value == SOL
    several = (await client.get_multiple_accounts([one, absent, two])).value
    assert [account and account.data[0] for account in several] == [0, None, 7]
    matching = await client.get_program_accounts(
        owner, encoding="base64", filters=[200, MemcmpOpts(offset=1, bytes=[7, 7])]
    )
    assert [keyed.pubkey for keyed in matching.value] == [two]
    assert (await client.get_program_accounts(owner, encoding="base64", filters=[9])).value == []


async def test_solana_py_sends_and_follows_a_transaction(
    chain: EmbeddedChain, client: AsyncClient
) -> None:
    payer, to = Keypair(), Keypair().pubkey()
    await client.request_airdrop(payer.pubkey(), 10 * SOL)
    raw = signed(chain, payer, pay(payer, to, SOL))
    message = Message.from_bytes(bytes(VersionedTransaction.from_bytes(raw).message))
    assert (await client.get_fee_for_message(message)).value == 5000
    simulated = (await client.simulate_transaction(VersionedTransaction.from_bytes(raw))).value
    assert (simulated.err, simulated.units_consumed) == (None, 150)
    signature = (await client.send_raw_transaction(raw)).value
    await client.confirm_transaction(signature)
    status = (await client.get_signature_statuses([signature, Signature.default()])).value
    assert status[0] is not None
    assert (status[0].slot, status[0].err, status[1]) == (chain.slot, None, None)
    found = (await client.get_transaction(signature, max_supported_transaction_version=0)).value
    assert found is not None
    assert found.transaction.meta is not None
    assert (found.slot, found.transaction.meta.fee) == (chain.slot, 5000)
    assert found.transaction.meta.post_balances == [9 * SOL - 5000, SOL, 1]
    history = (await client.get_signatures_for_address(to)).value
    assert [one.signature for one in history] == [signature]
    assert (await client.get_transaction(Signature.default())).value is None


async def test_solana_py_understands_a_refused_transaction(
    chain: EmbeddedChain, client: AsyncClient
) -> None:
    payer = rich(chain, SOL)
    raw = signed(chain, payer, pay(payer, Keypair().pubkey(), 2 * SOL))
    with pytest.raises(RPCException) as caught:
        await client.send_raw_transaction(raw)
    said = json.loads(caught.value.args[0].to_json())
    assert said["message"] == (
        "Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1"
    )
    assert said["data"]["err"] == {"InstructionError": [0, {"Custom": 1}]}
    assert said["data"]["logs"][-1].endswith("failed: custom program error: 0x1")
    sent = await client.send_raw_transaction(raw, TxOpts(skip_preflight=True))
    status = (await client.get_signature_statuses([sent.value])).value[0]
    assert status is not None
    assert status.err is not None


async def test_solana_py_reads_tokens(chain: EmbeddedChain, client: AsyncClient) -> None:
    mint, tokens, owner = (Keypair().pubkey() for _ in range(3))
    chain.set_account(mint, mint_account(8, 5_000_000_000, owner))
    chain.set_account(tokens, token_account(mint, owner, 150_000_000))
    balance = (await client.get_token_account_balance(tokens)).value
    assert (balance.amount, balance.decimals, balance.ui_amount_string) == ("150000000", 8, "1.5")
    supply = (await client.get_token_supply(mint)).value
    assert (supply.amount, supply.ui_amount_string) == ("5000000000", "50")
    held = await client.get_token_accounts_by_owner(owner, TokenAccountOpts(mint=mint))
    assert [keyed.pubkey for keyed in held.value] == [tokens]
    other = TokenAccountOpts(mint=Keypair().pubkey())
    assert (await client.get_token_accounts_by_owner(owner, other)).value == []
    parsed = await client.get_account_info_json_parsed(tokens)
    assert parsed.value is not None
    info = json.loads(parsed.value.to_json())["data"]["parsed"]["info"]
    assert (info["owner"], info["tokenAmount"]["amount"]) == (str(owner), "150000000")


async def observe(rpc: Rpc, raw: bytes, refused: bytes, keys: list[Pubkey]) -> list[object]:
    """Everything the protocol reads of the same chain, in an order that does not change it."""
    seen: list[object] = [await rpc.simulate(raw)]
    with pytest.raises(TransactionFailed) as caught:
        await rpc.send(refused)
    seen += [caught.value.err, caught.value.logs, await rpc.latest_blockhash()]
    seen += [await rpc.account(keys[0]), await rpc.accounts(keys), await rpc.balance(keys[1])]
    seen += [await rpc.program_accounts(TOKEN, data_size=3, memcmp=[(1, b"b")])]
    seen += [await rpc.block_height(), await rpc.slot(), await rpc.chain_time()]
    seen += [await rpc.genesis_hash(), await rpc.version()]
    return seen


async def test_in_process_and_over_http_the_chain_says_the_same(chain: EmbeddedChain) -> None:
    payer, to, data = rich(chain), Keypair().pubkey(), Keypair().pubkey()
    chain.set_account(data, Account(SOL, b"abc", TOKEN))
    raw = signed(chain, payer, pay(payer, to, SOL))
    refused = signed(chain, payer, pay(payer, to, 20 * SOL))
    keys = [payer.pubkey(), to, data]
    async with serve(chain) as url:
        http = HttpRpc(url)
        inside = EmbeddedRpc(chain)
        assert await observe(http, raw, refused, keys) == await observe(inside, raw, refused, keys)
        signature = await http.send(raw)
        assert await http.statuses([signature]) == await inside.statuses([signature])
        assert await http.transaction(signature) == await inside.transaction(signature)
        assert await inside.transaction(Signature.default()) is None
        await http.close()


async def test_a_warp_over_http_is_seen_by_programs(chain: EmbeddedChain) -> None:
    async with serve(chain) as url:
        rpc = HttpRpc(url)
        call(chain, "iogWarp", 3600)
        assert await rpc.chain_time() == 1_700_003_600
        await rpc.close()


def test_an_account_is_given_in_the_encoding_and_part_asked_for(chain: EmbeddedChain) -> None:
    address, owner = Keypair().pubkey(), Keypair().pubkey()
    chain.set_account(address, Account(SOL, b"0123456789", owner))
    config = {"encoding": "base64", "dataSlice": {"offset": 2, "length": 3}}
    value = call(chain, "getAccountInfo", str(address), config)["value"]
    assert value["data"] == [base64.b64encode(b"234").decode(), "base64"]
    assert (value["space"], value["owner"]) == (10, str(owner))
    value = call(chain, "getAccountInfo", str(address), {"encoding": "base58"})["value"]
    assert value["data"] == ["3i37NcgooY8f1S", "base58"]
    parsed = call(chain, "getAccountInfo", str(address), {"encoding": "jsonParsed"})["value"]
    assert parsed["data"][1] == "base64"


def test_a_blockhash_is_valid_when_it_was_given_out(chain: EmbeddedChain) -> None:
    given = call(chain, "getLatestBlockhash")["value"]["blockhash"]
    assert call(chain, "isBlockhashValid", given)["value"] is True
    assert call(chain, "isBlockhashValid", str(Hash.new_unique()))["value"] is False


def test_a_simulation_shows_accounts_after_it(chain: EmbeddedChain) -> None:
    payer, to = rich(chain), Keypair().pubkey()
    raw = base64.b64encode(
        signed(chain, payer, pay(payer, to, SOL), blockhash=Hash.default())
    ).decode()
    config: dict[str, Any] = {"encoding": "base64", "accounts": {"addresses": [str(to)]}}
    assert call(chain, "simulateTransaction", raw, config)["value"]["err"] == "BlockhashNotFound"
    value = call(chain, "simulateTransaction", raw, config | {"replaceRecentBlockhash": True})[
        "value"
    ]
    assert value["err"] is None
    assert value["accounts"][0]["lamports"] == SOL
    assert value["replacementBlockhash"]["blockhash"] == str(chain.latest_blockhash()[0])


A = str(Keypair().pubkey())


@pytest.mark.parametrize(
    ("method", "params", "code", "said"),
    [
        ("getNothing", [], -32601, "Method not found: getNothing"),
        ("getAccountInfo", [], -32602, "address is missing"),
        ("getAccountInfo", [7], -32602, "address must be a string"),
        ("getAccountInfo", ["0OIl"], -32602, "address is not a base58 address"),
        ("getAccountInfo", [A, "base64"], -32602, "configuration must be an object"),
        ("getBalance", [None], -32602, "address must be a string"),
        ("getMultipleAccounts", [[A] * 101], -32602, "101 addresses; at most 100"),
        ("getProgramAccounts", [A, {"filters": [{}]}], -32602, "a filter is an object"),
        ("getProgramAccounts", [A, {"filters": [{"size": 1}]}], -32602, "filter 'size'"),
        ("getProgramAccounts", [A, {"filters": [{"dataSize": -1}]}], -32602, "dataSize must be"),
        (
            "getProgramAccounts",
            [A, {"filters": [{"memcmp": {"offset": 0, "bytes": [256]}}]}],
            -32602,
            "memcmp bytes must be integers",
        ),
        (
            "getProgramAccounts",
            [A, {"filters": [{"memcmp": {"offset": 0, "bytes": "0"}}]}],
            -32602,
            "memcmp bytes is not base58",
        ),
        ("getProgramAccounts", [A, {"filters": [{"dataSize": 1}] * 5}], -32602, "at most 4"),
        ("getSignatureStatuses", [["x"]], -32602, "signature is not 64 bytes"),
        ("getTransaction", ["x"], -32602, "signature is not 64 bytes"),
        ("getSignaturesForAddress", [A, {"limit": 1001}], -32602, "limit must be from 0 to 1000"),
        ("getTokenAccountBalance", [A], -32602, "is not a token account"),
        ("getTokenSupply", [A], -32602, "is not a token mint"),
        ("getTokenAccountsByOwner", [A, {}], -32602, "mint or programId"),
        ("getFeeForMessage", ["!"], -32602, "message is not a serialized message"),
        ("getMinimumBalanceForRentExemption", [-1], -32602, "size must be"),
        ("getMinimumBalanceForRentExemption", [True], -32602, "size must be an integer"),
        ("isBlockhashValid", ["x"], -32602, "blockhash is not 32 bytes"),
        ("requestAirdrop", [A, -1], -32602, "lamports must be"),
        ("requestAirdrop", [A, 10**20], -32602, "lamports must be"),
        ("sendTransaction", ["!", {"encoding": "base64"}], -32602, "transaction is not base64"),
        ("sendTransaction", ["AAAA", {"encoding": "base64"}], -32602, "failed to deserialize"),
        ("sendTransaction", ["AAAA", {"encoding": "hex"}], -32602, "encoding 'hex'"),
        ("simulateTransaction", ["AAAA", {"encoding": "base64"}], -32602, "failed to deserialize"),
        ("iogWarp", [-1], -32602, "seconds must be"),
        ("iogWarp", [1.5], -32602, "seconds must be an integer"),
    ],
)
def test_a_malformed_call_is_refused_by_name(
    chain: EmbeddedChain, method: str, params: list[Any], code: int, said: str
) -> None:
    found, message = refusal(chain, method, *params)
    assert found == code
    assert said in message


def test_a_wrong_signature_has_an_error_of_its_own(chain: EmbeddedChain) -> None:
    payer = rich(chain)
    raw = bytearray(signed(chain, payer, pay(payer, Keypair().pubkey(), SOL)))
    raw[5] ^= 1
    text = base64.b64encode(bytes(raw)).decode()
    assert refusal(chain, "sendTransaction", text, {"encoding": "base64"}) == (
        -32003,
        "Transaction signature verification failure",
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"[" * 100_000, -32700),
        (b"7", -32600),
        (b"{}", -32600),
        (b'{"method": 7}', -32600),
        (b'{"method": "getSlot", "params": {}}', -32600),
        (b"[]", -32600),
        (json.dumps([{"method": "getSlot"}] * 101).encode(), -32600),
    ],
)
def test_a_body_that_is_no_call_gets_one_error(
    chain: EmbeddedChain, body: bytes, code: int
) -> None:
    assert json.loads(Dispatcher(chain).answer(body))["error"]["code"] == code


def test_a_batch_is_answered_call_by_call(chain: EmbeddedChain) -> None:
    calls = [{"id": 1, "method": "getHealth"}, {"id": 2, "method": "getNothing"}, 7]
    answers = json.loads(Dispatcher(chain).answer(json.dumps(calls).encode()))
    assert [one.get("result") for one in answers] == ["ok", None, None]
    assert [one["id"] for one in answers] == [1, 2, None]


def test_the_server_keeps_a_connection_longer_than_its_clients_do(chain: EmbeddedChain) -> None:
    expiry = httpx.Limits().keepalive_expiry
    assert expiry is not None
    assert server(chain).config.timeout_keep_alive > expiry + 10


async def test_bodies_too_long_and_of_other_types_are_refused(chain: EmbeddedChain) -> None:
    async with serve(chain) as url, httpx.AsyncClient(trust_env=False) as http:
        kind = {"content-type": "application/json"}
        long = await http.post(url, content=b" " * (MAX_BODY + 1), headers=kind)
        assert long.status_code == 413
        form = await http.post(url, content=b"{}", headers={"content-type": "text/plain"})
        assert form.status_code == 415
        assert (await http.get(url)).status_code == 405
        assert (await http.get(f"{url}/health")).text == "ok"
