"""Statements and registrations are the bytes that the programs check."""

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client.statements import Kind, Statement, ed25519_instruction, registration_bytes

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/statements.json").read_text())
DEVICE = Keypair.from_seed(bytes([1] * 32))
OTHER = Keypair.from_seed(bytes([2] * 32))
GENESIS = Hash(bytes([3] * 32))
JOBS = Pubkey(bytes([4] * 32))


def key(text: str) -> Pubkey:
    return Pubkey(bytes.fromhex(text))


def hour_statement(seconds: int = 3600) -> Statement:
    return Statement.for_hour(GENESIS, JOBS, DEVICE.pubkey(), 7, 5, seconds)


@pytest.mark.parametrize("vector", VECTORS["statements"])
def test_a_statement_has_the_bytes_of_the_vector(vector: dict[str, str | int]) -> None:
    first = (Hash(bytes.fromhex(str(vector["genesis_hash"]))), key(str(vector["program"])))
    device, counter, seconds = key(str(vector["device"])), vector["counter"], vector["seconds"]
    if vector["kind"] == "job":
        job = key(str(vector["job"]))
        made = Statement.for_job(*first, device, job, vector["run"], counter, seconds)
    else:
        # An hour's run is 0 by construction; the vectors also hold one at the limit of the field.
        made = Statement.for_hour(*first, device, vector["hour"], counter, seconds)
        made = replace(made, run=vector["run"])
    assert made.to_bytes().hex() == vector["bytes"]
    assert Statement.from_bytes(made.to_bytes()) == made


@pytest.mark.parametrize("vector", VECTORS["registrations"])
def test_a_registration_has_the_bytes_of_the_vector(vector: dict[str, str | int]) -> None:
    made = registration_bytes(
        Hash(bytes.fromhex(str(vector["genesis_hash"]))),
        key(str(vector["program"])),
        key(str(vector["device"])),
        key(str(vector["owner"])),
        key(str(vector["class"])),
        int(vector["gpus"]),
    )
    assert made.hex() == vector["bytes"]


def test_a_statement_is_verified_by_the_device_that_signed_it() -> None:
    statement = hour_statement()
    assert statement.verify(statement.sign(DEVICE))


def test_another_key_does_not_verify_for_the_device() -> None:
    statement = hour_statement()
    assert not statement.verify(statement.sign(OTHER))
    assert statement.verify(statement.sign(OTHER), OTHER.pubkey())


def test_a_signature_does_not_verify_for_one_second_more() -> None:
    assert not hour_statement(3600).verify(hour_statement(3599).sign(DEVICE))


def test_a_statement_knows_its_hour_or_its_job_and_not_the_other() -> None:
    hour = hour_statement()
    job = Statement.for_job(GENESIS, JOBS, DEVICE.pubkey(), OTHER.pubkey(), 1, 1, 1)
    assert (hour.hour, hour.kind) == (7, Kind.HOUR)
    assert job.job == OTHER.pubkey()
    with pytest.raises(ValueError, match="not about a job"):
        _ = hour.job
    with pytest.raises(ValueError, match="not about an hour"):
        _ = job.hour


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "165 bytes, not 0"),
        (bytes(165), "do not begin like a statement"),
        (hour_statement().to_bytes() + b"\0", "not 166"),
        (hour_statement().to_bytes()[:112] + b"\2" + bytes(52), "2 is not a valid Kind"),
    ],
)
def test_other_bytes_are_no_statement(data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Statement.from_bytes(data)


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(struct.error):
        hour_statement(1 << 64).to_bytes()


@pytest.mark.parametrize("signers", [[DEVICE], [DEVICE, OTHER]])
def test_the_precompile_instruction_holds_keys_signatures_and_message_once(
    signers: list[Keypair],
) -> None:
    message = hour_statement().to_bytes()
    pairs = [(signer.pubkey(), signer.sign_message(message)) for signer in signers]
    instruction = ed25519_instruction(message, pairs)
    data = bytes(instruction.data)
    count = len(signers)
    assert instruction.program_id == addresses.ED25519
    assert instruction.accounts == []
    assert data[:2] == bytes([count, 0])
    assert len(data) == 2 + 14 * count + 96 * count + len(message)
    for index, (signer, signature) in enumerate(pairs):
        record = struct.unpack_from("<HHHHHHH", data, 2 + 14 * index)
        at = 2 + 14 * count + 96 * index
        end = 2 + 110 * count
        assert record == (at + 32, 0xFFFF, at, 0xFFFF, end, len(message), 0xFFFF)
        assert data[at : at + 32] == bytes(signer)
        assert data[at + 32 : at + 96] == bytes(signature)
    assert data.endswith(message)


def test_a_precompile_instruction_needs_a_signature() -> None:
    with pytest.raises(ValueError, match="0 signatures; 1 to 255"):
        ed25519_instruction(b"", [])
