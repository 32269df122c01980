"""Amounts, prices and durations as people write them, exactly.

Inside, an amount is an integer of base units (10^-8 IO) and a price is base units per GPU-second.
"""

from __future__ import annotations

import re

from iog_client.errors import UsageError

DECIMALS = 8
IO = 10**DECIMALS
SOL_DECIMALS = 9
SOL = 10**SOL_DECIMALS
U64_MAX = 2**64 - 1
HOUR = 3600

_NUMBER = re.compile(r"\d{1,20}(\.\d{1,18})?|\.\d{1,18}", re.ASCII)
_DURATION = re.compile(r"(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?", re.ASCII)
_SECONDS = {"d": 86_400, "h": HOUR, "m": 60, "s": 1}
_SHOWN = 60


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
        raise UsageError(f"`{_short(text)}` names no time: {wanted}")
    amount = parse_amount(number)
    price = amount // HOUR if per.strip() == "h" else amount
    if price == 0:
        raise UsageError(f"`{_short(text)}` is less than the smallest price, {format_price(1)}")
    return price


def format_price(price: int) -> str:
    """Base units per GPU-second to `0.349992 IO/h`, exact."""
    return f"{format_amount(price * HOUR)}/h"


def parse_duration(text: str) -> int:
    """`90s`, `10m`, `2h`, `1d` or `1h30m` to seconds, at least one. Raises `UsageError`."""
    compact = text.strip().replace(" ", "")
    match = _DURATION.fullmatch(compact)
    if not compact or match is None:
        raise UsageError(f"`{_short(text)}` is not a duration: one looks like `90s` or `1h30m`")
    seconds = sum(int(part[:-1]) * _SECONDS[part[-1]] for part in match.groups() if part)
    if seconds == 0:
        raise UsageError(f"`{_short(text)}` is no time at all: a duration is at least `1s`")
    return seconds


def format_duration(seconds: int) -> str:
    """Seconds to `1h30m`; `0s` for none."""
    parts, left = "", seconds
    for unit, size in _SECONDS.items():
        count, left = divmod(left, size)
        parts += f"{count}{unit}" if count else ""
    return parts or "0s"


def _units(text: str, unit: str, decimals: int) -> int:
    number = text.strip().removesuffix(unit).rstrip()
    if not _NUMBER.fullmatch(number):
        negative = number.startswith("-")
        kind = "negative" if negative else f"not an amount: one looks like `1.5 {unit}`"
        raise UsageError(f"`{_short(text)}` is {kind}")
    whole, _, part = number.partition(".")
    part = part.rstrip("0")
    if len(part) > decimals:
        raise UsageError(f"`{_short(text)}` has more than {decimals} decimals")
    units = int((whole or "0") + part.ljust(decimals, "0"))
    if units > U64_MAX:
        most = f"{_decimal(U64_MAX, decimals)} {unit}"
        raise UsageError(f"`{_short(text)}` is too large: at most {most}")
    return units


def _decimal(units: int, decimals: int) -> str:
    whole, part = divmod(abs(units), 10**decimals)
    digits = f"{part:0{decimals}d}".rstrip("0")
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def _short(text: str) -> str:
    """The text as an error quotes it: on one line, and never long."""
    plain = "".join(char if char.isprintable() else "?" for char in text)
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…"
