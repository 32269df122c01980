"""The generator's own steps, and what it made of the programs' IDLs."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from solders.pubkey import Pubkey

from iog_client._generated import PROGRAMS
from iog_client._generated.iog_jobs.instructions import job_settle
from iog_client._generated.iog_rewards.instructions import reward_claim
from iog_client._generated.iog_token import accounts, events

ROOT = Path(__file__).parents[3]
KEY = Pubkey(bytes([4]) * 32)


@pytest.fixture(scope="module")
def gen() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gen", ROOT / "scripts" / "gen.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def idl(**parts: Any) -> dict[str, Any]:
    return {
        "address": str(KEY),
        "metadata": {"name": "sample", "version": "0.1.0", "spec": "0.1.0"},
        "instructions": [],
        **parts,
    }


def test_an_instruction_is_renamed_to_the_older_format(gen: ModuleType) -> None:
    account = {"name": "stake_vault", "writable": True, "optional": True, "pda": {}}
    one = {
        "name": "stake_add",
        "discriminator": [1],
        "accounts": [account, {"name": "owner", "signer": True}],
        "args": [{"name": "by_whom", "type": "pubkey"}],
    }
    assert gen.converted(idl(instructions=[one]))["instructions"] == [
        {
            "name": "stakeAdd",
            "accounts": [
                {"name": "stakeVault", "isMut": True, "isSigner": False, "isOptional": True},
                {"name": "owner", "isMut": False, "isSigner": True, "isOptional": False},
            ],
            "args": [{"name": "byWhom", "type": "publicKey"}],
        }
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("u64", "u64"),
        ("pubkey", "publicKey"),
        ({"array": ["pubkey", 7]}, {"array": ["publicKey", 7]}),
        ({"vec": {"array": ["u8", 32]}}, {"vec": {"array": ["u8", 32]}}),
        ({"option": "pubkey"}, {"option": "publicKey"}),
        ({"defined": {"name": "PodU128"}}, "u128"),
        ({"defined": {"name": "Inner"}}, {"defined": "Inner"}),
    ],
)
def test_a_type_is_renamed_to_the_older_format(
    gen: ModuleType, kind: object, expected: object
) -> None:
    types = {
        "PodU128": {"kind": "type", "alias": "u128"},
        "Inner": {"kind": "struct", "fields": []},
    }
    assert gen.older(kind, types) == expected


def test_a_kind_of_type_it_does_not_write_is_refused(gen: ModuleType) -> None:
    types = [{"name": "E", "type": {"kind": "enum", "variants": []}}]
    with pytest.raises(gen.GenError, match="kind enum"):
        gen.converted(idl(types=types))


def test_byte_arrays_become_bytes_and_other_arrays_stay_lists(gen: ModuleType) -> None:
    code = "import borsh_construct as borsh\nx: list[int]\ny = borsh.U8[32]\n"
    assert "x: bytes\ny = Bytes(32)\n" in gen.byte_arrays(code)
    other = "x: list[int]\ny = borsh.U64[25]\n"
    assert gen.byte_arrays(other) == other
    with pytest.raises(gen.GenError, match="side by side"):
        gen.byte_arrays(code + other)


def test_a_difference_is_found_in_content_and_in_presence(gen: ModuleType, tmp_path: Path) -> None:
    old, new = ROOT / "idl", tmp_path / "idl"
    new.mkdir()
    for path in old.glob("*.json"):
        (new / path.name).write_bytes(path.read_bytes())
    assert gen.differences(old, new) == []
    (new / "iog_jobs.json").write_text("{}")
    (new / "extra.json").write_text("{}")
    assert gen.differences(old, new) == ["idl/extra.json", "idl/iog_jobs.json"]


@pytest.mark.parametrize("program", list(PROGRAMS.values()), ids=lambda one: one.name)
def test_the_generated_code_is_of_the_committed_idl(program: Any) -> None:
    path = ROOT / "idl" / f"{program.name}.json"
    assert program.idl_hash == hashlib.sha256(path.read_bytes()).hexdigest()
    named = {one["name"] for one in json.loads(path.read_text())["instructions"]}
    assert set(program.instructions.values()) == named


def test_the_generated_code_does_no_input_or_output() -> None:
    for path in (ROOT / "client" / "iog_client" / "_generated").rglob("*.py"):
        text = path.read_text()
        assert "anchorpy" not in text
        assert "AsyncClient" not in text
        assert "from iog_client" not in text


def test_an_account_decodes_without_its_filler() -> None:
    config = accounts.Config
    decoded = config.decode(config.discriminator + bytes(config.size - 8))
    assert decoded.start == 0
    assert not hasattr(decoded, "reserved")
    with pytest.raises(AttributeError):
        decoded.start = 1  # type: ignore[misc]


def test_the_bytes_of_another_account_are_refused() -> None:
    with pytest.raises(ValueError, match="these bytes are not a Config"):
        accounts.Config.decode(accounts.Bucket.discriminator + bytes(500))


def test_too_few_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="these bytes are too short for a Config"):
        accounts.Config.decode(accounts.Config.discriminator + bytes(10))


def test_events_are_found_by_their_discriminator() -> None:
    found = events.BY_DISCRIMINATOR[events.EmissionStarted.discriminator]
    data = found.discriminator + (77).to_bytes(8, "little")
    assert found.decode(data) == events.EmissionStarted(start=77)


def test_an_account_left_out_is_the_program_itself() -> None:
    names = ("settler", "job", "config", "vault", "fee_vault", "client_tokens", "payer")
    given = {**dict.fromkeys(names, KEY), "payee_tokens": None}
    keys = [meta.pubkey for meta in job_settle(given).accounts]  # type: ignore[arg-type]
    program = next(address for address, one in PROGRAMS.items() if one.name == "iog_jobs")
    assert keys.count(program) == 1


def test_arguments_are_written_as_borsh() -> None:
    names = ("payer", "distributor", "recipient", "wallet", "vault", "destination")
    args = {"expected_root": bytes(32), "cumulative": 5, "proof": [b"\1" * 32, b"\2" * 32]}
    data = bytes(reward_claim(args, dict.fromkeys(names, KEY)).data)  # type: ignore[arg-type]
    tail = b"\5" + bytes(7) + b"\2\0\0\0" + b"\1" * 32 + b"\2" * 32
    assert data[8:] == bytes(32) + tail
