"""`iog doctor` finds what is broken, and asks nothing of what is not there."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest
from network_samples import TestNetwork

from iog_client import addresses, interfaces, wallets
from iog_client.config import Settings
from iog_client.doctor import Client, examine_client
from iog_client.endpoints import OTHER_ORCHESTRATOR
from iog_client.examination import Finding
from iog_client.rpc import OTHER_NODE, HttpRpc

URL = "http://orchestrator.test"
NAMES = ["iog", "wallet", "chain", "chain time", "programs", "network file", "funds"]
NAMES += ["orchestrator", "orchestrator ready", "orchestrator clock", "same chain"]


def orchestrator(
    now: float, ready: bool = True, degraded: tuple[str, ...] = (), **changed: object
) -> httpx.MockTransport:
    view = {
        "genesis_hash": "1" * 32,
        "programs": {name: str(address) for name, address in addresses.PROGRAMS.items()},
        "idl_hashes": interfaces.HASHES,
        "mint": str(addresses.mint()),
        "orchestrator": str(addresses.mint()),
        "hour_length": 60,
        "start": 0,
        "hour": 0,
        "allow_simulated": True,
        "protocol": 1,
        "window": 0,
        **changed,
    }

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"date": formatdate(now, usegmt=True)}
        if request.url.path == "/v1/ready":
            said = {"ready": ready, "degraded": degraded}
            return httpx.Response(200 if ready else 503, json=said, headers=headers)
        return httpx.Response(200, json=view, headers=headers)

    return httpx.MockTransport(answer)


@pytest.fixture
async def client(net: TestNetwork, tmp_path: Path) -> Client:
    """A client for whom everything is as it should be, but for a network file."""
    wallet = tmp_path / "wallet.json"
    net.rpc.chain.airdrop(wallets.create(wallet).pubkey(), 10**9)
    now = float(await net.rpc.chain_time())
    settings = Settings("http://chain.test", URL, wallet)
    sources = dict.fromkeys(("rpc_url", "orchestrator_url", "wallet"), "flag")
    missing = tmp_path / "network.json"
    served = orchestrator(now, genesis_hash=str(await net.rpc.genesis_hash()))
    return Client(settings, sources, missing, net.rpc, lambda: now, served)


async def states(client: Client) -> dict[str, str]:
    return {one.check: one.state for one in (await examine_client(client)).findings}


async def found(client: Client, check: str) -> Finding:
    findings = (await examine_client(client)).findings
    return next(one for one in findings if one.check == check)


async def test_everything_is_looked_at_once_and_only_what_is_broken_fails(client: Client) -> None:
    assert await states(client) == {**dict.fromkeys(NAMES, "ok"), "network file": "failed"}


async def test_who_rents_or_owns_needs_no_network_file(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("IOG_NETWORK", raising=False)
    examined = await examine_client(replace(client, network=None))
    assert examined.failed == 0
    finding = next(one for one in examined.findings if one.check == "network file")
    assert (finding.state, finding.said) == (
        "skipped",
        "there is none here; only who runs a network needs it",
    )


async def test_without_a_wallet_its_funds_are_not_asked_for(client: Client) -> None:
    client.settings.wallet.unlink()
    looked = await states(client)
    assert (looked["wallet"], looked["funds"]) == ("failed", "skipped")


async def test_a_wallet_that_others_can_read_is_worth_a_word(client: Client) -> None:
    client.settings.wallet.chmod(0o644)
    finding = await found(client, "wallet")
    assert finding.state == "doubt"
    assert finding.todo == f"chmod 600 {client.settings.wallet}"


async def test_an_empty_wallet_fails(client: Client) -> None:
    client.settings.wallet.unlink()
    wallets.create(client.settings.wallet)
    finding = await found(client, "funds")
    assert (finding.state, finding.said) == (
        "failed",
        "the wallet holds no SOL, so that it can pay no fee",
    )


async def test_a_chain_far_ahead_is_worth_a_word(client: Client) -> None:
    behind = client.now() - 61
    finding = await found(replace(client, now=lambda: behind), "chain time")
    assert (finding.state, finding.said) == (
        "doubt",
        "the chain's clock is 61 s ahead of this machine's",
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"protocol": 2}, "the orchestrator's protocol is 2"),
        ({"idl_hashes": {}}, "the orchestrator has no iog_"),
    ],
)
async def test_an_orchestrator_of_another_version_fails(
    client: Client, changed: dict[str, object], said: str
) -> None:
    other = replace(client, transport=orchestrator(client.now(), **changed))
    looked = await examine_client(other)
    [finding] = [one for one in looked.findings if one.check == "orchestrator"]
    assert finding.state == "failed"
    assert said in finding.said
    assert finding.todo == "use the version of iog that the orchestrator is of"
    assert [one.state for one in looked.findings[-3:]] == ["skipped"] * 3


async def test_an_orchestrator_that_takes_no_work_yet_fails(client: Client) -> None:
    waiting = replace(client, transport=orchestrator(client.now(), ready=False))
    finding = await found(waiting, "orchestrator ready")
    assert (finding.state, finding.said) == ("failed", "it answers, and takes no work yet")


async def test_a_clock_that_makes_requests_be_refused_fails(client: Client) -> None:
    off = replace(client, transport=orchestrator(client.now() - 61))
    finding = await found(off, "orchestrator clock")
    assert finding.state == "failed"
    assert finding.said.startswith("its clock and this machine's differ by 61 s")
    assert finding.todo == "set the clock of the one that is wrong"
    assert (await found(off, "orchestrator ready")).state == "ok"


async def test_readiness_and_clock_are_asked_in_one_request(client: Client) -> None:
    assert isinstance(client.transport, httpx.MockTransport)
    asked = []

    def count(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return served.handler(request)  # type: ignore[return-value]

    served = client.transport
    looked = await states(replace(client, transport=httpx.MockTransport(count)))
    assert (looked["orchestrator ready"], looked["orchestrator clock"]) == ("ok", "ok")
    assert asked.count("/v1/ready") == 1


async def test_the_clock_of_one_that_has_gone_meanwhile_is_not_looked_at(client: Client) -> None:
    assert isinstance(client.transport, httpx.MockTransport)
    served = client.transport

    def go(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/ready":
            raise httpx.ConnectError("All connection attempts failed")
        return served.handler(request)  # type: ignore[return-value]

    looked = await states(replace(client, transport=httpx.MockTransport(go)))
    assert (looked["orchestrator ready"], looked["orchestrator clock"]) == ("failed", "skipped")


async def test_what_an_orchestrator_says_is_wrong_with_it_is_worth_a_word(client: Client) -> None:
    why = "the chain has a root of hour 7, which nobody here knows"
    degraded = replace(client, transport=orchestrator(client.now(), degraded=(why,)))
    finding = await found(degraded, "orchestrator ready")
    assert (finding.state, finding.said) == ("doubt", why)


async def test_a_node_of_another_chain_than_the_orchestrators_fails(client: Client) -> None:
    finding = await found(replace(client, transport=orchestrator(client.now())), "same chain")
    assert finding.state == "failed"
    assert finding.said.startswith(f"{URL} serves the chain {'1' * 32}, and http://chain.test is ")
    assert finding.todo == "one of --rpc and --orchestrator names another network"


@pytest.mark.parametrize(
    ("url", "todo"),
    [
        ("http://127.0.0.1:1", "start it; `iog orchestrator run` is one of your own"),
        ("http://iog.invalid", "see that the address is right, and that this machine reaches it"),
    ],
)
async def test_only_what_could_run_here_is_to_be_started(
    client: Client, url: str, todo: str
) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[Errno -2] Name or service not known")

    settings = replace(client.settings, orchestrator_url=url)
    away = replace(client, settings=settings, transport=httpx.MockTransport(refuse))
    finding = await found(away, "orchestrator")
    assert finding.todo == todo
    assert finding.said == (
        f"{url} is not reachable: no host of that name is known here "
        "(--orchestrator or IOG_ORCHESTRATOR_URL names another orchestrator)"
    )


@pytest.mark.parametrize(
    ("status", "said", "todo"),
    [
        (404, "it answers 404 as no orchestrator does", OTHER_ORCHESTRATOR),
        (200, "answered what is not a NetworkView", OTHER_ORCHESTRATOR),
        # as a proxy does whose orchestrator is away
        (502, "it answers 502 as no orchestrator does", "start it; `iog orchestrator run` is one"),
    ],
)
async def test_another_server_is_not_taken_for_an_orchestrator_to_start(
    client: Client, status: int, said: str, todo: str
) -> None:
    settings = replace(client.settings, orchestrator_url="http://127.0.0.1:8899")
    other = httpx.MockTransport(lambda _: httpx.Response(status, text="no"))
    finding = await found(replace(client, settings=settings, transport=other), "orchestrator")
    assert finding.state == "failed"
    assert said in finding.said
    assert finding.todo.startswith(todo)


@pytest.mark.parametrize(
    ("answer", "todo"),
    [
        (httpx.Response(404), OTHER_NODE),
        (httpx.Response(200, text="<html>"), OTHER_NODE),
        (httpx.Response(429), "start it; `iog localnet up` runs a local one"),
        (httpx.Response(503), "start it; `iog localnet up` runs a local one"),
    ],
)
async def test_another_server_is_not_taken_for_a_solana_node_to_start(
    client: Client, answer: httpx.Response, todo: str
) -> None:
    url = "http://127.0.0.1:8787"
    rpc = HttpRpc(url, transport=httpx.MockTransport(lambda _: answer))
    settings = replace(client.settings, rpc_url=url)
    finding = await found(replace(client, settings=settings, rpc=rpc), "chain")
    assert (finding.state, finding.todo) == ("failed", todo)
