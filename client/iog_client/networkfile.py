"""The file that describes a network, as its runner writes it (YAML)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from solders.pubkey import Pubkey

from iog_client import addresses, amounts, faults, gpu_classes
from iog_client.errors import NotFound, UsageError

GENESIS = 500_000_000 * amounts.IO
POOLS = {"enterprise": gpu_classes.ENTERPRISE, "community": gpu_classes.COMMUNITY}
MAX_FILE = 1 << 20

KeyText = Annotated[str, Field(min_length=1, max_length=4096)]
"""A key file's path, relative to the network's folder; or an address, where only that is needed."""


def _amount(value: object) -> object:
    try:
        return amounts.parse_amount(value) if isinstance(value, str) else value
    except UsageError as error:
        raise ValueError(error.message) from error


def _thousandths(value: object) -> object:
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return value
    try:
        scaled = Decimal(str(value)) * 1000
    except ArithmeticError:
        return value
    if scaled != scaled.to_integral_value():
        raise ValueError("has at most three decimals")
    return int(scaled)


def _pool(value: object) -> object:
    if isinstance(value, str) and value in POOLS:
        return POOLS[value]
    raise ValueError("is enterprise or community")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Keys(_Part):
    """Who may do what. `authority` and `faucet` sign here; the others may be addresses."""

    authority: KeyText
    guardian: KeyText
    slasher: KeyText
    arbiter: KeyText
    matcher: KeyText
    oracles: Annotated[tuple[KeyText, ...], Field(min_length=1, max_length=7)]
    faucet: KeyText | None = None


class Allocation(_Part):
    """A genesis bucket. Months are 730 hours from the start of emission."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    amount: Annotated[int, BeforeValidator(_amount), Field(gt=0, le=GENESIS)]
    beneficiary: KeyText
    launch_bps: Annotated[int, Field(ge=0, le=amounts.BPS)] = 0
    cliff_months: Annotated[int, Field(ge=0, le=1200)] = 0
    linear_months: Annotated[int, Field(ge=0, le=1200)] = 0


class ClassEntry(_Part):
    """A GPU class. `names` are NVML's; the multiplier is kept in thousandths."""

    slug: str
    names: Annotated[tuple[str, ...], Field(min_length=1)]
    multiplier: Annotated[int, BeforeValidator(_thousandths), Field(ge=0, le=100_000)]
    pool: Annotated[int, BeforeValidator(_pool)]
    memory_gib: Annotated[int, Field(gt=0, le=10_000)]

    @field_validator("slug")
    @classmethod
    def _slug(cls, value: str) -> str:
        try:
            addresses.slug_bytes(value)
        except UsageError as error:
            raise ValueError(error.message) from error
        return value


class NetworkFile(_Part):
    """A whole network. `hour_length` is in seconds; `threshold` counts oracles; `proof` says
    whether nodes have to prove their GPUs."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    local: bool = False
    hour_length: Annotated[int, Field(gt=0, le=amounts.HOUR)] = amounts.HOUR
    pool_bps: Annotated[int, Field(ge=0, le=amounts.BPS)] = 1000
    allow_simulated: bool = False
    proof: Literal["none", "required"] = "none"
    keys: Keys
    threshold: Annotated[int, Field(ge=1, le=7)] = 1
    genesis: Annotated[tuple[Allocation, ...], Field(min_length=1, max_length=8)]
    classes: Annotated[tuple[ClassEntry, ...], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _consistent(self) -> NetworkFile:
        total = sum(one.amount for one in self.genesis)
        if total != GENESIS:
            raise ValueError(
                f"genesis sums to {amounts.format_amount(total)}, "
                f"and has to be {amounts.format_amount(GENESIS)}"
            )
        if self.allow_simulated and self.hour_length >= amounts.HOUR:
            raise ValueError(f"allow_simulated needs an hour_length under {amounts.HOUR}")
        if self.threshold > len(self.keys.oracles):
            raise ValueError(
                f"threshold is {self.threshold}, with {len(self.keys.oracles)} oracles"
            )
        _unique("classes", [one.slug for one in self.classes])
        _unique("names of classes", [name for one in self.classes for name in one.names])
        return self


_KEY = "the path of a key file, or an address"
ACCEPTED = {
    "name": "text of 1 to 80 characters",
    "local": "true or false",
    "hour_length": f"whole seconds, 1 to {amounts.HOUR}",
    "pool_bps": f"a whole number, 0 to {amounts.BPS}",
    "allow_simulated": "true or false",
    "proof": "none or required",
    "keys": f"{faults.keys(Keys)}, each {_KEY}",
    **{f"keys.{name}": _KEY for name in Keys.model_fields},
    "keys.oracles": f"a list of 1 to 7, each {_KEY}",
    "threshold": "a whole number, 1 to 7",
    "genesis": f"a list of 1 to 8 buckets: {faults.keys(Allocation)}",
    "genesis.name": "text of 1 to 80 characters",
    "genesis.amount": f"an amount like 1000 IO, at most {amounts.format_amount(GENESIS)}",
    "genesis.beneficiary": _KEY,
    "genesis.launch_bps": f"a whole number, 0 to {amounts.BPS}",
    "genesis.cliff_months": "a whole number, 0 to 1200",
    "genesis.linear_months": "a whole number, 0 to 1200",
    "classes": f"a list of 1 to 200 classes: {faults.keys(ClassEntry)}",
    "classes.slug": f"at most {addresses.SLUG_BYTES} of a-z, 0-9 and -",
    "classes.names": "a list of NVML's names, like [NVIDIA H200]",
    "classes.multiplier": "a number of at most three decimals, 0 to 100",
    "classes.pool": " or ".join(POOLS),
    "classes.memory_gib": "a whole number, 1 to 10000",
}
"""What each key takes, as error lines say it."""
WORDS = faults.Words(
    noun="a network file",
    model=NetworkFile,
    accepted=ACCEPTED,
    sections={"keys": Keys, "genesis": Allocation, "classes": ClassEntry},
)


def _unique(what: str, listed: list[str]) -> None:
    twice = {one for one in listed if listed.count(one) > 1}
    if twice:
        raise ValueError(f"{what}: {', '.join(sorted(twice))} twice")


def load(path: Path) -> NetworkFile:
    """Read a network file. Raises `NotFound` or `UsageError`, naming the file, field and value."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise UsageError(f"{path} is longer than {MAX_FILE} bytes")
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise NotFound(f"network file {path} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"network file {path} cannot be read: {error}") from None
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" at line {where.line + 1}" if where is not None else ""
        raise UsageError(f"network file {path} is not YAML{line}") from None
    if not isinstance(content, dict):
        raise UsageError(f"network file {path} is not a mapping of names to values")
    return parse(content, str(path))


def parse(content: dict[str, Any], where: str) -> NetworkFile:
    """A network from plain values. Raises `UsageError` with the first fault."""
    try:
        return NetworkFile.model_validate(content)
    except ValidationError as error:
        raise UsageError(f"{where}: {fault(error)}") from None


def fault(error: ValidationError) -> str:
    """The first fault in one line: where, what was given, what is accepted."""
    return faults.line(error, WORDS)


def address_of(text: str) -> Pubkey | None:
    """The address a key entry is, or None when it is a path."""
    try:
        return Pubkey.from_string(text)
    except ValueError:
        return None
