"""What the accounts of an instruction are, told from their names; and where each lives.

An IDL says of an account neither its type nor, if the seeds are an expression, its seeds. A new
type needs its line in SEEDS; an account whose name does not tell its type one in NAMES.
"""

from dataclasses import dataclass
from typing import Any, Literal

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from scripts import idls
from scripts.idls import Json

SEEDS: dict[str, tuple[bytes | str, ...]] = {
    "iog_token.Config": (b"config",),
    "iog_token.Bucket": (b"bucket", "index"),
    "iog_staking.Config": (b"config",),
    "iog_staking.Class": (b"class", "slug"),
    "iog_staking.Node": (b"node", "device"),
    "iog_rewards.Distributor": (b"distributor",),
    "iog_rewards.Recipient": (b"recipient", "wallet"),
    "iog_jobs.Config": (b"config",),
    "iog_jobs.Client": (b"client", "wallet"),
    "iog_jobs.Job": (b"job", "client", "number"),
}
"""Type -> seeds of its accounts: literal bytes, or the field whose bytes they are."""

NAMES: dict[str, str] = {
    "token_config": "iog_token.Config",
    "staking_config": "iog_staking.Config",
    "jobs_config": "iog_jobs.Config",
}
"""Name of an account in any instruction -> its type, where the name alone does not tell it."""

TOKEN_ACCOUNTS = ("vault", "tokens", "destination")

Sort = Literal["state", "token", "mint", "program", "sysvar", "key"]


@dataclass(frozen=True)
class Kind:
    """What an account is; `program` and `type` of those that hold a program's state."""

    sort: Sort
    program: str = ""
    type: str = ""

    @property
    def seeds(self) -> tuple[bytes | str, ...]:
        return SEEDS[f"{self.program}.{self.type}"]

    @property
    def single(self) -> bool:
        """Whether there can be no second account of this type."""
        return not any(isinstance(seed, str) for seed in self.seeds)


def kind_of(program: str, account: Json) -> Kind:
    """The kind of an instruction's account."""
    name = account["name"]
    if account.get("address", "").startswith("Sysvar"):
        return Kind("sysvar")
    if name.endswith("_program"):
        return Kind("program")
    if name in NAMES:
        return Kind("state", *NAMES[name].split("."))
    title = name.title().replace("_", "")
    for owner in (program, *idls.PROGRAMS):
        if title in idls.account_names(owner):
            return Kind("state", owner, title)
    if name == "mint":
        return Kind("mint")
    return Kind("token" if name.endswith(TOKEN_ACCOUNTS) else "key")


def fresh(label: str) -> Keypair:
    """A key of nobody, the same for the same label."""
    return Keypair.from_seed(label.encode().ljust(32, b".")[:32])


# --- the bytes of an account ----------------------------------------------------------------------


def field_bytes(kind: Kind, data: bytes, name: str) -> bytes:
    """The bytes of a field."""
    [field] = [one for one in idls.fields(kind.program, kind.type) if one.name == name]
    return data[field.offset : field.offset + field.size]


def with_field(kind: Kind, data: bytes, name: str, value: bytes) -> bytes:
    [field] = [one for one in idls.fields(kind.program, kind.type) if one.name == name]
    assert len(value) == field.size
    return data[: field.offset] + value + data[field.offset + field.size :]


def home(kind: Kind, data: bytes) -> tuple[Pubkey, bytes]:
    """Where an account with these bytes lives, and the bytes with the bump of that address."""
    seeds = [
        field_bytes(kind, data, seed) if isinstance(seed, str) else seed for seed in kind.seeds
    ]
    address, bump = Pubkey.find_program_address(seeds, addresses.PROGRAMS[kind.program])
    names = [field.name for field in idls.fields(kind.program, kind.type)]
    return address, with_field(kind, data, "bump", bytes([bump])) if "bump" in names else data


def other_subject(seed: bytes) -> bytes:
    """The seed of another subject: another key, or the next number or text."""
    if len(seed) == 32:
        return bytes(fresh("subject of another").pubkey())
    return bytes([seed[0] ^ 1]) + seed[1:]


def sibling(kind: Kind, data: bytes) -> bytes:
    """The same bytes but for the subject that the address is derived from."""
    subject = next(seed for seed in kind.seeds if isinstance(seed, str))
    return with_field(kind, data, subject, other_subject(field_bytes(kind, data, subject)))


def stranger(kind: Kind, data: bytes) -> bytes:
    """The account of another subject: every key in it is of somebody else."""
    made = sibling(kind, data)
    for field in idls.fields(kind.program, kind.type):
        if field.kind != "pubkey" or field.name in kind.seeds:
            continue
        if any(data[field.offset : field.offset + 32]):
            other = bytes(fresh(f"stranger's {field.name}").pubkey())
            made = with_field(kind, made, field.name, other)
    return made


# --- addresses ------------------------------------------------------------------------------------


def derivation(program: str, account: Json, known: dict[str, Any]) -> tuple[list[bytes], Pubkey]:
    """Seeds and program of an account that the IDL says is derived.

    `known` has the addresses of the instruction's accounts and the bytes of its arguments.
    """
    seeds = []
    for seed in account["pda"]["seeds"]:
        if seed["kind"] == "const":
            seeds.append(bytes(seed["value"]))
        else:
            seeds.append(bytes(known[seed["path"]]))
    named = account["pda"].get("program")
    owner = Pubkey.from_bytes(bytes(named["value"])) if named else addresses.PROGRAMS[program]
    return seeds, owner


def not_canonical(seeds: list[bytes], program: Pubkey) -> Pubkey:
    """The address of the same seeds at the next bump below the canonical one."""
    bump = Pubkey.find_program_address(seeds, program)[1] - 1
    while True:
        try:
            return Pubkey.create_program_address([*seeds, bytes([bump])], program)
        except Exception:  # not off the curve: not an address
            bump -= 1
