"""Writes docs/programs/<program>.md from idl/*.json.

    python scripts/program_docs.py            # rewrite the pages
    python scripts/program_docs.py --check    # fail when they differ

Sizes and rent are computed from the layouts. Nothing in these pages is written by hand.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts import idls  # noqa: E402 - needs the path above
from scripts.idls import Json, docs  # noqa: E402

FOLDER = ROOT / "docs/programs"
RENT_HEADER = 128
RENT_RATES = (6_960, 5_080)
"""Lamports a byte: of the local chains, and of mainnet-beta in November 2026. Rates change."""


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def table(head: list[str], rows: list[str], align: str = "") -> list[str]:
    """A Markdown table; `align` has an r for every column of numbers."""
    marks = ["--:" if at < len(align) and align[at] == "r" else "---" for at in range(len(head))]
    return [row(*head), "|" + "|".join(marks) + "|", *rows] if rows else ["None."]


def kind(value: Any) -> str:
    """A type as one would say it."""
    if isinstance(value, str):
        return value
    if "array" in value:
        return f"[{kind(value['array'][0])}; {value['array'][1]}]"
    if "vec" in value:
        return f"list of {kind(value['vec'])}"
    if "option" in value:
        return f"{kind(value['option'])} or none"
    return str(value["defined"]["name"])


def seeds(account: Json) -> str:
    """The seeds of a derived account: literals in quotes, else what their bytes are of."""
    parts = []
    for seed in account["pda"]["seeds"]:
        if seed["kind"] == "const":
            parts.append(f'"{bytes(seed["value"]).decode()}"')
        else:
            parts.append(seed["path"])
    owner = account["pda"].get("program")
    made = ", ".join(parts)
    return f"{made} of {program_named(bytes(owner['value']))}" if owner else made


def program_named(address: bytes) -> str:
    """Which program has this id; the ids of the repository."""
    for name in idls.PROGRAMS:
        if base58(address) == idls.load(name)["address"]:
            return name
    return base58(address)


def base58(raw: bytes) -> str:
    digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, at = divmod(number, 58)
        text = digits[at] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text


def rent(size: int) -> list[str]:
    return [f"{(RENT_HEADER + size) * rate / 10**9:.6f}" for rate in RENT_RATES]


def account_part(program: str) -> list[str]:
    lines = ["## Accounts", ""]
    head = ["account", "bytes", *(f"SOL at {rate:,} a byte" for rate in RENT_RATES)]
    rows = []
    for name in idls.account_names(program):
        size = idls.account_size(program, name)
        rows.append(row(f"`{name}`", size, *rent(size)))
    lines += table(head, rows, "lrrr")
    for name in idls.account_names(program):
        lines += ["", f"### {name}", ""]
        if text := docs(idls.type_of(program, name)):
            lines += [text, ""]
        fields = idls.fields(program, name)
        rows = [row(f"`{one.name}`", kind(one.kind), one.offset, one.docs) for one in fields]
        lines += table(["field", "type", "at byte", "meaning"], rows, "llrl")
    return lines


def account_row(account: Json) -> str:
    marks = [word for word in ("signer", "writable", "optional") if account.get(word)]
    where = ""
    if "pda" in account:
        where = seeds(account)
    elif "address" in account:
        where = f"`{account['address']}`"
    elif account.get("relations"):
        where = "named in " + ", ".join(account["relations"])
    return row(f"`{account['name']}`", ", ".join(marks), where, docs(account))


def instruction_part(program: str) -> list[str]:
    lines = ["## Instructions"]
    for one in idls.instructions(program):
        lines += ["", f"### {one['name']}", ""]
        if text := docs(one):
            lines += [text, ""]
        rows = [account_row(account) for account in one["accounts"]]
        lines += table(["account", "is", "address", "meaning"], rows)
        if one["args"]:
            rows = [row(f"`{arg['name']}`", kind(arg["type"]), docs(arg)) for arg in one["args"]]
            lines += ["", *table(["argument", "type", "meaning"], rows)]
        raw = " ".join(f"{byte:02x}" for byte in one["discriminator"])
        lines += ["", f"Discriminator `{raw}`."]
    return lines


def derived_part(program: str) -> list[str]:
    """Every derived address that an instruction names, once."""
    found: dict[tuple[str, str], set[str]] = {}
    for one in idls.instructions(program):
        for account in one["accounts"]:
            if "pda" in account:
                key = (account["name"], seeds(account))
                found.setdefault(key, set()).add(one["name"])
    rows = [
        row(f"`{name}`", text, ", ".join(sorted(users)))
        for (name, text), users in sorted(found.items())
    ]
    return ["## Derived addresses", "", *table(["account", "seeds", "derived in"], rows)]


def event_part(program: str) -> list[str]:
    rows = []
    for event in idls.load(program).get("events", []):
        struct = idls.type_of(program, event["name"])
        parts = ", ".join(
            f"`{field['name']}` {kind(field['type'])}" for field in struct["type"]["fields"]
        )
        rows.append(row(f"`{event['name']}`", parts, docs(struct)))
    return ["## Events", "", *table(["event", "fields", "meaning"], rows)]


def error_part(program: str) -> list[str]:
    errors = idls.load(program).get("errors", [])
    rows = [row(one["code"], f"`{one['name']}`", one.get("msg", "")) for one in errors]
    return ["## Errors", "", *table(["code", "name", "message"], rows, "r")]


def page(program: str) -> str:
    """The whole page of a program."""
    idl = idls.load(program)
    lines = [
        f"# {program}",
        "",
        f"Written by `scripts/program_docs.py` from `idl/{program}.json`. "
        f"Id on local chains: `{idl['address']}`.",
        "What it is for and how it fits with the others: [programs.md](../programs.md).",
        "",
    ]
    for part in (account_part, instruction_part, derived_part, event_part, error_part):
        lines += [*part(program), ""]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    wrong = []
    FOLDER.mkdir(exist_ok=True)
    for program in idls.PROGRAMS:
        file, text = FOLDER / f"{program}.md", page(program)
        if not options.check:
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            wrong.append(file.relative_to(ROOT))
    for name in wrong:
        print(f"{name} is not what the IDL says; run `make gen`", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
