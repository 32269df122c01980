"""Reads idl/*.json: what each program has, and where the fields of an account lie."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("iog_token", "iog_staking", "iog_rewards", "iog_jobs")
DISCRIMINATOR = 8
_SIZES = {"u8": 1, "i8": 1, "bool": 1, "u16": 2, "i16": 2, "u32": 4, "i32": 4} | {
    "u64": 8, "i64": 8, "u128": 16, "i128": 16, "pubkey": 32,
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of an account; `offset` counts from its first byte, the discriminator's."""

    name: str
    kind: Any
    offset: int
    size: int
    docs: str


@cache
def load(program: str) -> Json:
    """The IDL of a program."""
    found: Json = json.loads((ROOT / "idl" / f"{program}.json").read_text())
    return found


def instructions(program: str) -> list[Json]:
    found: list[Json] = load(program)["instructions"]
    return found


def docs(item: Json) -> str:
    """The documentation of anything in an IDL, as one line."""
    return " ".join(item.get("docs", []))


def type_of(program: str, name: str) -> Json:
    """The struct of that name."""
    [found] = [one for one in load(program)["types"] if one["name"] == name]
    return found  # type: ignore[no-any-return]


def size_of(program: str, kind: Any) -> int:
    """Bytes of a type of fixed size."""
    if isinstance(kind, str):
        return _SIZES[kind]
    if "array" in kind:
        item, count = kind["array"]
        return size_of(program, item) * int(count)
    fields = type_of(program, kind["defined"]["name"])["type"]["fields"]
    return sum(size_of(program, field["type"]) for field in fields)


def fields(program: str, account: str) -> Iterator[Field]:
    """The fields of an account in their order, without gaps."""
    offset = DISCRIMINATOR
    for field in type_of(program, account)["type"]["fields"]:
        size = size_of(program, field["type"])
        yield Field(field["name"], field["type"], offset, size, docs(field))
        offset += size


def account_size(program: str, account: str) -> int:
    """Bytes of an account, the discriminator included."""
    return DISCRIMINATOR + sum(field.size for field in fields(program, account))


def discriminator(program: str, account: str) -> bytes:
    [found] = [one for one in load(program)["accounts"] if one["name"] == account]
    return bytes(found["discriminator"])


def account_names(program: str) -> list[str]:
    return [one["name"] for one in load(program)["accounts"]]
