"""`Record` of crates/accounts: what it refuses, and what its unsafe code rests on in the sources.

It holds no borrow, so two of one instruction must never be one account of which one is changed.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from iog_client import addresses
from registry_world import SLUG, Registry, refused, registry
from stages import Network

ROOT = Path(__file__).parents[2]
PROGRAMS = ("iog_staking", "iog_jobs")
ATTRIBUTE = r"\s*#\[account\((?:[^()]|\([^()]*(?:\([^()]*\)[^()]*)*\))*\)\]"
STRUCT = re.compile(
    r"#\[derive\(Accounts\)\](?:\s*#\[[^\n]*\])*\s*pub struct (\w+) \{(.*?)\n\}", re.S
)
FIELD = re.compile(rf"((?:\s*///[^\n]*|{ATTRIBUTE})*)\s*pub (\w+): ([^\n]+),")
RECORD = re.compile(r"Record<([\w:]+)>")


# --- what it refuses ------------------------------------------------------------------------------


@pytest.fixture
def active(net: Network) -> Registry:
    """An active node; `node_ask` changes its Record, `stake_add` reads one of iog_token."""
    return registry(net).active()


def replaced(active: Registry, address: Pubkey, data: bytes, owner: Pubkey | None = None) -> None:
    """Puts other bytes where an account is."""
    old = active.world.svm.get_account(address)
    assert old is not None
    active.world.svm.set_account(address, Account(10**9, data, owner or old.owner))


def bytes_at(active: Registry, address: Pubkey) -> bytes:
    found = active.world.svm.get_account(address)
    assert found is not None
    return bytes(found.data)


def target(active: Registry, kind: str) -> tuple[Pubkey, Instruction]:
    """A Record of the program's own that is changed, or one of another program that is read."""
    if kind == "changed":
        return active.node, active.node_ask()
    return addresses.token_config(), active.stake_add(1)


@pytest.mark.parametrize("kind", ["changed", "read"])
def test_an_account_that_is_too_short_is_refused(active: Registry, kind: str) -> None:
    address, call = target(active, kind)
    whole = bytes_at(active, address)
    for length in (0, 7, 8, len(whole) - 1):
        replaced(active, address, whole[:length])
        with refused("AccountDataTooSmall"):
            active.world.send(call, signers=[active.owner])
    replaced(active, address, whole)
    active.world.send(call, signers=[active.owner])


@pytest.mark.parametrize("kind", ["changed", "read"])
def test_a_longer_account_is_read_by_its_beginning(active: Registry, kind: str) -> None:
    address, call = target(active, kind)
    whole = bytes_at(active, address)
    replaced(active, address, whole + bytes([0xFF] * 9))
    active.world.send(call, signers=[active.owner])
    after = bytes_at(active, address)
    assert (len(after), after[len(whole) :]) == (len(whole) + 9, bytes([0xFF] * 9))


@pytest.mark.parametrize("kind", ["changed", "read"])
def test_another_discriminator_is_refused(active: Registry, kind: str) -> None:
    address, call = target(active, kind)
    whole = bytes_at(active, address)
    foreign = addresses.class_address(SLUG) if kind == "read" else addresses.staking_config()
    other = bytes_at(active, foreign)[:8]
    for head in (bytes(8), other, whole[:7] + bytes([whole[7] ^ 1])):
        replaced(active, address, head + whole[8:])
        with refused("InvalidAccountData"):
            active.world.send(call, signers=[active.owner])


@pytest.mark.parametrize("kind", ["changed", "read"])
def test_another_owner_is_refused_and_a_missing_account_named_so(
    active: Registry, kind: str
) -> None:
    address, call = target(active, kind)
    whole = bytes_at(active, address)
    for owner in (addresses.JOBS, addresses.SYSTEM, addresses.SPL_TOKEN):
        replaced(active, address, whole, owner)
        with refused("IllegalOwner"):
            active.world.send(call, signers=[active.owner])
    replaced(active, address, b"", addresses.SYSTEM)  # closed, and given lamports again
    with refused("IllegalOwner"):
        active.world.send(call, signers=[active.owner])
    active.world.svm.set_account(address, Account(0, b"", addresses.SYSTEM))
    with refused("UninitializedAccount"):
        active.world.send(call, signers=[active.owner])


def test_one_that_is_changed_has_to_be_writable(active: Registry) -> None:
    call = active.node_ask()
    metas = [
        AccountMeta(meta.pubkey, meta.is_signer, meta.is_writable and meta.pubkey != active.node)
        for meta in call.accounts
    ]
    with refused("ConstraintMut"):
        active.world.send(Instruction(call.program_id, call.data, metas), signers=[active.owner])


# --- what its unsafe code rests on ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """A Record that an Accounts struct names."""

    program: str
    struct: str
    field: str
    kind: str
    attributes: str

    @property
    def mutable(self) -> bool:
        return re.search(r"\bmut\b", re.sub(r"///.*", "", self.attributes)) is not None


def sources(program: str) -> dict[Path, str]:
    return {path: path.read_text() for path in (ROOT / "programs" / program / "src").rglob("*.rs")}


def records() -> list[Held]:
    return [
        Held(program, struct, field, kind[1], attributes)
        for program in PROGRAMS
        for text in sources(program).values()
        for struct, body in STRUCT.findall(text)
        for attributes, field, typed in FIELD.findall(body)
        if (kind := RECORD.search(typed))
    ]


def test_all_records_are_looked_at() -> None:
    named = sum(
        len(re.findall(r"^    pub \w+: (?:Option<)?Record<", text, re.M))
        for program in PROGRAMS
        for path, text in sources(program).items()
        if "derive(Accounts)" in text
    )
    assert len(records()) == named > 80


def test_no_instruction_names_two_of_one_type() -> None:
    seen = [(held.program, held.struct, held.kind) for held in records()]
    assert len(seen) == len(set(seen))


def test_none_may_be_one_account_with_another() -> None:
    assert [held for held in records() if "unsafe(dup)" in held.attributes] == []


def test_what_is_not_marked_mut_is_not_changed() -> None:
    """What is not marked is not looked at for duplicates either."""
    changed = []
    for program in PROGRAMS:
        texts = sources(program).values()
        methods = set(re.findall(r"fn (\w+)\(\s*&mut self", "\n".join(texts)))
        for held in records():
            if held.program != program or held.mutable:
                continue
            place = rf"self\.{held.field}\b"
            steps = re.compile(
                rf"{place}(?:\.\w+)*\s*(?:=(?!=)|\+=|-=)|&mut {place}"
                rf"|{place}\.as_(?:deref_)?mut\b|{place}\.({'|'.join(methods)})\("
            )
            users = (text for text in texts if re.search(rf"\b{held.struct}\b", text))
            changed += [(held, found[0]) for text in users for found in steps.finditer(text)]
    assert changed == []


@pytest.mark.parametrize("program", [*PROGRAMS, "iog_token", "iog_rewards"])
def test_types_of_one_program_have_different_discriminators(program: str) -> None:
    """Programs' Configs have the same one: those are told apart by their owners."""
    idl = json.loads((ROOT / "idl" / f"{program}.json").read_text())
    found = [tuple(one["discriminator"]) for one in idl["accounts"]]
    assert len(found) == len(set(found))


def test_no_account_is_resized_and_no_record_closed() -> None:
    for program in PROGRAMS:
        for path, text in sources(program).items():
            assert not re.search(r"\brealloc\b|\bresize\(", text), path
            closing = re.search(r"\bclose = ", text)
            assert not closing or "Record<" not in text, path
