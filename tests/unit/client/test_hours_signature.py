"""The signature beside a published hour: its bytes, and what is said of one that is missing or
wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hour_samples import DISTRIBUTOR, GENESIS, facts, two_hours
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import hours_signature
from iog_client.errors import UsageError
from iog_client.hours_parts import HourFile
from iog_client.hours_signature import HourSignature, judged, signed_bytes

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/hour_signature.json").read_text())
ORACLE, OTHER = (Keypair.from_seed(bytes([n]) * 32) for n in (1, 2))
HOUR = HourFile.parse(two_hours()[1].to_bytes())
FACTS = replace(facts(two_hours()[1]), oracles=[str(ORACLE.pubkey())])


def signature(
    key: Keypair = ORACLE, genesis: str = str(GENESIS), hour: int = 2, document: bytes = b""
) -> bytes:
    document = document or HOUR.document
    return hours_signature.sign(key, genesis, str(DISTRIBUTOR), hour, document).to_bytes()


@pytest.mark.parametrize("vector", VECTORS["signatures"])
def test_what_is_signed_has_the_bytes_of_the_vector(vector: dict[str, str]) -> None:
    network = (
        str(Hash(bytes.fromhex(vector["genesis_hash"]))),
        str(Pubkey(bytes.fromhex(vector["distributor"]))),
    )
    hour, document = int(vector["hour"]), vector["document"].encode()
    assert signed_bytes(*network, hour, document).hex() == vector["bytes"]
    oracle = Keypair.from_seed(bytes.fromhex(vector["seed"]))
    made = hours_signature.sign(oracle, *network, hour, document)
    assert made.to_bytes().decode() == vector["file"]
    assert HourSignature.parse(vector["file"].encode()) == made


def test_an_oracles_signature_holds() -> None:
    assert judged(signature(), HOUR, "live", FACTS) == ([], [])


def test_a_missing_one_is_said_and_no_problem() -> None:
    assert judged(None, HOUR, "live", FACTS) == ([], ["hour 2 bears no signature of an oracle"])


@pytest.mark.parametrize(
    "other",
    [{"hour": 3}, {"document": b"{}"}, {"genesis": str(Hash.default())}],
    ids=["hour", "document", "network"],
)
def test_one_over_something_else_is_refused(other: dict[str, object]) -> None:
    found = judged(signature(**other), HOUR, "live", FACTS)  # type: ignore[arg-type]
    line = f"the signature by {ORACLE.pubkey()} is not over this document of hour 2"
    assert found == ([line], [])


def test_one_by_a_key_that_is_no_oracle_is_refused_while_the_chain_knows_the_oracles() -> None:
    line = f"hour 2 is signed by {OTHER.pubkey()}, which is no oracle of this network"
    assert judged(signature(OTHER), HOUR, "none", FACTS) == ([line], [])
    assert judged(signature(OTHER), HOUR, "pending", FACTS) == ([line], [])
    assert judged(signature(OTHER), HOUR, "earlier", FACTS) == ([], [f"{line} now"])


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"key":"x","signature":"y"}', b"\xff"])
def test_what_is_no_signature_is_refused(data: bytes) -> None:
    [line] = judged(data, HOUR, "live", FACTS)[0]
    assert line.startswith("the signature of hour 2 cannot be read: it is no signature: ")
    with pytest.raises(UsageError):
        HourSignature.parse(data)
