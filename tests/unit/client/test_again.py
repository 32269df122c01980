"""What a node cuts off: asked once more, or not, and what is said in the end."""

from __future__ import annotations

import json

import httpx
import pytest
from chain_samples import SOL, pay, rich
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client.again import PAUSE
from iog_client.embedded.chain import EmbeddedChain
from iog_client.embedded.server import app
from iog_client.errors import Refused, Unreachable
from iog_client.rpc import HttpRpc
from iog_client.testing import ManualClock
from iog_client.transactions import Sender

URL = "http://127.0.0.1:8899"
NOBODY = Pubkey(bytes([3]) * 32)
CUTS = [
    httpx.ReadError(""),
    httpx.WriteError(""),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
]


class Cutting(httpx.AsyncBaseTransport):
    """A chain whose connections break: the first `times` for requests of the `method`, before or
    after the chain got them."""

    def __init__(
        self, chain: EmbeddedChain, failure: Exception, method: str, *, times: int, late: bool
    ) -> None:
        self._chain = httpx.ASGITransport(app(chain))
        self._failure, self._method, self._left, self._late = failure, method, times, late
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        method = json.loads(request.content)["method"]
        self.asked.append(method)
        cut = method == self._method and self._left > 0
        if cut and not self._late:
            self._left -= 1
            raise self._failure
        answer = await self._chain.handle_async_request(request)
        if cut:
            self._left -= 1
            raise self._failure
        return answer


class Broken:
    """A node that cuts, the client that asks it, and what the client slept."""

    def __init__(
        self, failure: Exception, method: str, *, times: int = 1, late: bool = False
    ) -> None:
        self.chain = EmbeddedChain(clock=ManualClock(), programs={})
        self.node = Cutting(self.chain, failure, method, times=times, late=late)
        self.slept: list[float] = []
        self.rpc = HttpRpc(URL, transport=self.node, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.mark.parametrize("failure", CUTS, ids=lambda one: type(one).__name__)
async def test_a_read_that_was_cut_off_is_asked_once_more_after_a_pause(failure: Exception) -> None:
    broken = Broken(failure, "getSlot")
    assert await broken.rpc.slot() == broken.chain.slot
    assert (broken.node.asked, broken.slept) == (["getSlot", "getSlot"], [PAUSE])


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (CUTS[0], "it cut getSlot off twice"),
        (
            CUTS[2],
            "it cut getSlot off twice (Server disconnected without sending a response.)",
        ),
    ],
)
async def test_a_read_that_was_cut_off_twice_is_unreachable_with_url_and_method(
    failure: Exception, said: str
) -> None:
    broken = Broken(failure, "getSlot", times=2)
    with pytest.raises(Unreachable) as refusal:
        await broken.rpc.slot()
    assert refusal.value.message == f"{URL} is not reachable: {said}"
    assert refusal.value.asked
    assert len(broken.node.asked) == 2


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("All connection attempts failed"),
        httpx.ConnectTimeout(""),
        httpx.ReadTimeout(""),
        httpx.PoolTimeout(""),
    ],
    ids=lambda one: type(one).__name__,
)
async def test_what_was_not_cut_off_is_asked_once(failure: Exception) -> None:
    broken = Broken(failure, "getSlot")
    with pytest.raises(Unreachable):
        await broken.rpc.slot()
    assert (broken.node.asked, broken.slept) == (["getSlot"], [])


async def test_a_refusal_is_not_asked_again() -> None:
    asked: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        error = {"code": -32601, "message": "Method not found"}
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": 0, "error": error})

    with pytest.raises(Refused, match="Method not found"):
        await HttpRpc(URL, transport=httpx.MockTransport(refuse)).slot()
    assert len(asked) == 1


@pytest.mark.parametrize("late", [False, True], ids=["before it arrived", "after"])
async def test_a_transaction_that_was_cut_off_is_handed_over_again_and_done_once(
    late: bool,
) -> None:
    broken = Broken(CUTS[0], "sendTransaction", late=late)
    payer = rich(broken.chain)
    await Sender(broken.rpc, payer, sleep=broken.sleep).send([pay(payer, NOBODY, SOL)])
    assert await broken.rpc.balance(NOBODY) == SOL
    assert broken.node.asked.count("sendTransaction") == 2


async def test_an_airdrop_is_asked_for_once() -> None:
    broken = Broken(CUTS[0], "requestAirdrop", late=True)
    with pytest.raises(Unreachable) as refusal:
        await broken.rpc.airdrop(Keypair().pubkey(), SOL)
    assert refusal.value.message == f"{URL} is not reachable: it cut requestAirdrop off"
    assert (broken.node.asked, broken.slept) == (["requestAirdrop"], [])
