"""`iog network`, `iog token` and `iog wallet` against an embedded chain, all as processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_samples import NETWORK, Chain, Iog

from iog_client import amounts
from iog_client.addresses import PROGRAMS

SOMEBODY = "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi"


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    running = Chain(tmp_path_factory.mktemp("chain"))
    yield running
    running.end()


@pytest.fixture(scope="module")
def network(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network.json of a network on that chain."""
    folder = tmp_path_factory.mktemp("network")
    done = Iog(folder)("network", "init", str(NETWORK), "--folder", ".", "--rpc", chain.url)
    assert done.returncode == 0, done.stderr
    return folder / "network.json"


@pytest.fixture
def iog(chain: Chain, network: Path, tmp_path: Path) -> Iog:
    return Iog(tmp_path, IOG_RPC_URL=chain.url, IOG_NETWORK=str(network))


@pytest.fixture
def away(tmp_path: Path) -> Iog:
    """Without a chain."""
    return Iog(tmp_path, IOG_RPC_URL="http://127.0.0.1:1")


def test_a_network_found_done_is_left_alone(iog: Iog, network: Path) -> None:
    before = network.read_text()
    done = iog("network", "init", str(NETWORK), "--folder", str(network.parent))
    assert done.returncode == 0
    assert done.stdout == f"network local is on chain; see {network}\n"
    assert all(line.endswith(" already") for line in done.stderr.splitlines())
    assert network.read_text() == before


def test_a_network_is_shown(iog: Iog) -> None:
    shown = iog.json("network", "show")
    assert shown["hour_length"] == 60
    assert [one["shipped"] for one in shown["programs"]] == [True] * 4
    text = iog("network", "show").stdout
    assert "h100-pcie" in text
    rows = dict(line.split("  ", 1) for line in text.split("program ")[0].splitlines())
    said = {name: value.strip() for name, value in rows.items()}
    assert (said["an hour lasts"], said["pool"]) == ("1m", "10% of the emission")
    assert said["staked"].endswith(" IO")
    assert said["threshold"] == "1 of 1 oracles"


def test_another_file_than_the_chains_is_refused_with_both_values(
    iog: Iog, network: Path, tmp_path: Path
) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(NETWORK.read_text().replace("pool_bps: 1000", "pool_bps: 7"))
    said = iog.refused_last(1, "network", "init", str(file), "--folder", str(network.parent))
    assert said == "pool_bps is 1000 on chain, and 7 was asked for"


def test_a_broken_file_is_refused(iog: Iog, tmp_path: Path) -> None:
    (tmp_path / "n.yaml").write_text("name: x\n")
    assert iog.refused(2, "network", "init", "n.yaml").startswith(
        "n.yaml: keys: missing; accepted: authority, guardian, slasher, arbiter, matcher, oracles"
    )
    assert iog.refused(3, "network", "init", "none.yaml").endswith("does not exist")


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("soon", "`soon` is not a time: one is `now`, unix seconds or"),
        ("2030-01-01T00:00:00", "`2030-01-01T00:00:00` names no time zone"),
    ],
)
def test_what_is_not_a_time_is_refused(iog: Iog, time: str, said: str) -> None:
    assert iog.refused(2, "network", "start", "--at", time).startswith(said)


def test_emission_is_started_once(iog: Iog, network: Path) -> None:
    first = iog.json("network", "start", "--network", str(network))
    assert iog.json("network", "start", "--network", str(network)) == first
    said = iog.refused(1, "network", "start", "--network", str(network), "--at", "2100-01-01T00Z")
    assert (
        said == f"the start of emission is {first['start']} on chain, and 4102444800 was asked for"
    )


def test_without_a_record_nothing_is_started(iog: Iog) -> None:
    assert iog.refused(3, "network", "start", IOG_NETWORK="").startswith("no network.json found")
    said = iog.refused(3, "network", "start", "--network", "none.json")
    assert said == "none.json does not exist; `iog network init` writes it"


def test_supply_by_the_schedule_needs_no_chain(away: Iog) -> None:
    assert away.json("token", "supply", "--at-hour", "1") == {"hour": 1, "emitted": "456621004566"}
    end = away.json("token", "supply", "--at-hour", "175200")
    assert end["emitted"] == "30000000000000000"
    assert away.refused(2, "token", "supply", "--at-hour", "175201").startswith("there is no hour")
    assert away.refused(2, "token", "supply", "--at-hour", "-1").startswith("there is no hour -1")
    assert away.refused(2, "token", "supply", "--at-hour", "x").startswith("invalid value for")


def test_supply_by_the_chain(iog: Iog) -> None:
    supply = iog.json("token", "supply")
    assert supply["supply"] == supply["genesis"] == "50000000000000000"
    assert "500000000 IO" in iog("token", "supply").stdout


def test_the_buckets_are_shown(iog: Iog) -> None:
    shown = iog.json("token", "show")
    assert shown["buckets"][0]["amount"] == "10000000000000000"
    assert shown["sealed"] is True


def test_a_wallet_is_made_funded_and_spends(iog: Iog) -> None:
    made = iog.json("wallet", "new")
    assert iog.json("wallet", "airdrop", "2")["amount"] == "2000000000"
    assert iog.json("wallet", "airdrop", "10", "--io")["amount"] == "1000000000"
    assert iog("wallet", "send", "1.5 IO", SOMEBODY).stdout == f"sent 1.5 IO to {SOMEBODY}\n"
    assert iog.json("wallet", "show") == {
        "address": made["address"],
        "io": "850000000",
        # the fee and the rent of the receiver's token account
        "lamports": str(2_000_000_000 - 5000 - 2_039_280),
    }
    assert iog.json("wallet", "show", SOMEBODY)["io"] == "150000000"
    said = iog.refused(1, "wallet", "send", "9 IO", SOMEBODY)
    assert said == f"{made['address']} holds 8.5 IO, less than 9 IO"
    said = iog.refused(1, "wallet", "send", "9 SOL", SOMEBODY)
    held = int(iog.json("wallet", "show")["lamports"])
    assert said == (
        f"{made['address']} has too little SOL: it holds {amounts.format_sol(held)}, "
        "at least 9.000005 SOL are needed: 0.000005 SOL are the fee, the rest is rent or sent"
    )


def test_without_a_node_there_is_none_to_stake_on(iog: Iog) -> None:
    address = iog.json("wallet", "new")["address"]
    said = iog.refused(3, "stake", "add", "--required")
    assert said == f"the wallet {address} owns no node; `iog node register` registers one"
    assert iog.json("stake", "show") == []


def test_a_wallet_is_never_written_over(iog: Iog) -> None:
    iog("wallet", "new")
    assert iog.refused(1, "wallet", "new").endswith("exists already and is not written over")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("send", "1", SOMEBODY), 2, "`1` does not say of what: an amount to send looks like"),
        (("send", "1 IO", "abc"), 2, "`abc` is not an address"),
        (("send", "-1 IO", SOMEBODY), 2, "no such option: -1"),
        (("send", "0.000000001 IO", SOMEBODY), 2, "`0.000000001 IO` has more than 8 decimals"),
        (("send", "1 IO", SOMEBODY), 3, "wallet file "),
        (("show",), 3, "wallet file "),
        (("airdrop", "x"), 2, "`x` is not an amount"),
        (("show", "--wallet", "."), 2, "wallet file . is a folder"),
    ],
)
def test_what_cannot_be_done_is_refused(
    iog: Iog, arguments: tuple[str, ...], code: int, said: str
) -> None:
    assert iog.refused(code, "wallet", *arguments).startswith(said)


@pytest.mark.parametrize(
    "arguments",
    [
        ("token", "supply"),
        ("token", "show"),
        ("network", "show"),
        ("network", "init", str(NETWORK), "--folder", "."),
        ("wallet", "show", SOMEBODY),
        ("wallet", "airdrop", "1", "--to", SOMEBODY),
    ],
)
def test_a_chain_that_is_away_is_named_with_exit_code_5(
    away: Iog, arguments: tuple[str, ...]
) -> None:
    said = away.refused(5, *arguments)
    assert said.startswith("http://127.0.0.1:1 is not reachable: connection refused (--rpc or")


def test_io_from_the_faucet_needs_a_network(away: Iog) -> None:
    said = away.refused(3, "wallet", "airdrop", "1", "--io", "--to", SOMEBODY)
    assert said.startswith("no network.json found")


def test_who_may_change_the_programs_is_shown(iog: Iog) -> None:
    roles = iog.json("authority", "show")["roles"]
    assert [row["program"] for row in roles if row["role"] == "upgrade"] == list(PROGRAMS)


def test_the_right_to_change_the_programs_is_not_given_up_by_accident(iog: Iog) -> None:
    assert iog("wallet", "new").returncode == 0
    for arguments in (["--drop"], ["--to", SOMEBODY], ["--drop", "--to", SOMEBODY, "--yes"], []):
        assert iog("authority", "upgrade", *arguments).returncode == 2
    refused = iog("authority", "upgrade", "--drop", "--yes")
    assert refused.returncode == 1
    assert "takes no deployments" in refused.stderr
