"""Amounts, prices and durations as people write them, exactly.

Inside, an amount is an integer of base units (10^-8 IO) and a price is base units per GPU-second.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from iog_client.errors import UsageError

DECIMALS = 8
IO = 10**DECIMALS
SOL_DECIMALS = 9
SOL = 10**SOL_DECIMALS
U64_MAX = 2**64 - 1
HOUR = 3600
"""Seconds of a real hour; a network's own may be shorter."""
BPS = 10_000
"""Basis points of a whole."""

NAMES = frozenset(
    {"amount", "io", "lamports"}
    | {"ask", "price", "max_price", "gross", "fee", "fees", "funded", "node_paid", "refunded"}
    | {"added", "missing", "requirement", "stake", "total_staked"}
    | {"costake", "cooling", "cooling_costake"}
    | {"claimable", "claimed", "cumulative", "due", "earned", "pending"}
    | {"emitted", "emitted_total", "genesis", "minted", "supply", "supply_end", "this_hour"}
    | {"cooling", "cooling_costake", "costake", "frozen", "offer_amount", "own", "reducible"}
    | {"allowance", "burned", "left", "paid", "per_day", "per_job", "spent"}
    | {"pool_total", "pool_unbonding", "released", "staked", "unbonding", "waiting"}
    | {"allocated_total", "carried", "carry", "granted", "to_pool", "to_rewards", "total"}
)
"""What amounts and prices are called wherever JSON is printed."""
FOREIGN = frozenset({"metrics"})
"""Under these names stands what somebody else has named and written."""

_NUMBER = re.compile(r"\d{1,20}(\.\d{1,18})?|\.\d{1,18}", re.ASCII)
_SHARE = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?%", re.ASCII)
_DURATION = re.compile(r"(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?", re.ASCII)
_SECONDS = {"d": 86_400, "h": HOUR, "m": 60, "s": 1}
_SHOWN = 60
_ROUNDED = 20
"""Base units per GPU-second below which rounding down to whole ones takes a part that counts."""


def parse_amount(text: str) -> int:
    """`1.5 IO` or `1.5` to base units. Raises `UsageError`."""
    return _units(text, "IO", DECIMALS)


def format_amount(units: int) -> str:
    """Base units to `1.5 IO`, all digits that are not trailing zeros."""
    return f"{_decimal(units, DECIMALS)} IO"


def parse_sol(text: str) -> int:
    """`0.5 SOL` or `0.5` to lamports. Raises `UsageError`."""
    return _units(text, "SOL", SOL_DECIMALS)


def format_sol(lamports: int) -> str:
    """Lamports to `0.5 SOL`."""
    return f"{_decimal(lamports, SOL_DECIMALS)} SOL"


def parse_price(text: str) -> int:
    """`0.35 IO/h` (or `… IO/s`) for one GPU to base units per GPU-second, rounded down."""
    wanted = "a price looks like `0.35 IO/h`"
    number, slash, per = text.strip().partition("/")
    if not slash or per.strip() not in ("h", "s"):
        raise UsageError(f"`{quoted(text)}` names no time: {wanted}")
    amount = parse_amount(number)
    price = amount // HOUR if per.strip() == "h" else amount
    if price == 0:
        raise UsageError(f"`{quoted(text)}` is less than the smallest price, {format_price(1)}")
    return price


def format_price(price: int) -> str:
    """Base units per GPU-second to `0.35 IO/h`: the shortest that `parse_price` reads as this very
    price, which is what was asked for; exact where that would be a guess."""
    exact = shown = price * HOUR
    if price >= _ROUNDED:
        units = (10**place for place in reversed(range(DECIMALS + 3)))
        rounded = (-(-exact // unit) * unit for unit in units)
        shown = next(one for one in rounded if one < exact + HOUR)
    return f"{format_amount(shown)}/h"


def parse_share(text: str) -> int:
    """`25%` or `0.01%` to 1/10,000, at least one and at most all. Raises `UsageError`."""
    match = _SHARE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"`{quoted(text)}` is not a share: one looks like `12.5%`")
    bps = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if not 1 <= bps <= BPS:
        raise UsageError(f"`{quoted(text)}` is outside 0.01% to 100%")
    return bps


def format_share(bps: int) -> str:
    """1/10,000 to `12.5%`, exact."""
    return f"{_decimal(bps, 2)}%"


def parse_duration(text: str) -> int:
    """`90s`, `10m`, `2h`, `1d` or `1h30m` to seconds, at least one. Raises `UsageError`."""
    compact = text.strip().replace(" ", "")
    match = _DURATION.fullmatch(compact)
    if not compact or match is None:
        raise UsageError(f"`{quoted(text)}` is not a duration: one looks like `90s` or `1h30m`")
    seconds = sum(int(part[:-1]) * _SECONDS[part[-1]] for part in match.groups() if part)
    if seconds == 0:
        raise UsageError(f"`{quoted(text)}` is no time at all: a duration is at least `1s`")
    return seconds


def format_duration(seconds: int) -> str:
    """Seconds to `1h30m`; `0s` for none."""
    parts, left = "", seconds
    for unit, size in _SECONDS.items():
        count, left = divmod(left, size)
        parts += f"{count}{unit}" if count else ""
    return parts or "0s"


def to_json(plain: Any) -> Any:
    """JSON values with every amount in them as text, since many readers of JSON round at 2^53."""
    if isinstance(plain, Mapping):
        return {name: _named(name, value) for name, value in plain.items()}
    return [to_json(value) for value in plain] if isinstance(plain, list) else plain


def _named(name: str, value: Any) -> Any:
    if name in FOREIGN:
        return value
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if name in NAMES and is_number else to_json(value)


def _units(text: str, unit: str, decimals: int) -> int:
    number = text.strip().removesuffix(unit).rstrip()
    if not _NUMBER.fullmatch(number):
        negative = number.startswith("-")
        kind = "negative" if negative else f"not an amount: one looks like `1.5 {unit}`"
        raise UsageError(f"`{quoted(text)}` is {kind}")
    whole, _, part = number.partition(".")
    part = part.rstrip("0")
    if len(part) > decimals:
        raise UsageError(f"`{quoted(text)}` has more than {decimals} decimals")
    units = int((whole or "0") + part.ljust(decimals, "0"))
    if units > U64_MAX:
        most = f"{_decimal(U64_MAX, decimals)} {unit}"
        raise UsageError(f"`{quoted(text)}` is too large: at most {most}")
    return units


def _decimal(units: int, decimals: int) -> str:
    whole, part = divmod(abs(units), 10**decimals)
    digits = f"{part:0{decimals}d}".rstrip("0")
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def quoted(value: object) -> str:
    """A value as an error quotes it: on one line, and never long."""
    plain = "".join(char if char.isprintable() else "?" for char in str(value))
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…"
