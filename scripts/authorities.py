"""Writes the last part of docs/authorities.md: where each key is kept and what it signs.

    python scripts/authorities.py            # rewrite what is below the marker line
    python scripts/authorities.py --check    # fail when that differs, or a key has no section

Every address that a program's configuration holds, and every signer of every instruction, has to
be one of the keys of this table or one of the addresses that are no keys; a new one fails here.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts import idls  # noqa: E402 - needs the path above

PAGE = ROOT / "docs/authorities.md"
MARKER = "<!-- below: written by scripts/authorities.py -->"

KEYS: dict[str, tuple[str, ...]] = {
    "program id key": ("program_key",),
    "authority": ("authority", "pending_authority", "stopper"),
    "guardian": ("guardian", "stopper"),
    "oracles": ("oracles", "oracle"),
    "slasher": ("slasher", "judge"),
    "arbiter": ("arbiter", "judge"),
    "treasury": ("treasury",),
    "matcher": ("matcher",),
    "device": ("device",),
    "owner": ("owner", "party"),
    "co-staker": ("costaker", "party"),
    "backer": ("backer",),
    "client": ("wallet", "client", "settler"),
    "delegate": ("delegate", "signer", "spender"),
    "iog_jobs itself": ("jobs_signer",),
    "whoever pays": ("payer", "settler"),
}
"""Key, as docs/authorities.md calls it -> names in the IDLs that mean it."""

OF_THE_NETWORK = (
    "program id key", "authority", "guardian", "oracles", "slasher", "arbiter", "treasury",
    "upgrade authority", "mint authority", "matcher",
)  # fmt: skip
"""Keys that need a section of their own; the others are people's own wallets."""

NO_KEYS = {"mint", "vesting_vault", "fee_vault", "stake_vault", "pool_vault", "vault"}
"""Addresses in a configuration that nobody signs for."""

CONFIGURATIONS = ("Config", "Distributor")


def names() -> set[str]:
    return {name for meant in KEYS.values() for name in meant}


def kept(program: str) -> list[tuple[str, str]]:
    """The addresses in a program's configuration: field, and the account it is in."""
    found = []
    for account in idls.account_names(program):
        if account in CONFIGURATIONS:
            fields = idls.fields(program, account)
            found += [(one.name, account) for one in fields if "pubkey" in str(one.kind)]
    return found


def signers(program: str) -> list[tuple[str, str]]:
    """Every signer of every instruction: its name, and the instruction's."""
    return [
        (account["name"], one["name"])
        for one in idls.instructions(program)
        for account in one["accounts"]
        if account.get("signer")
    ]


def unknown() -> list[str]:
    """What the table above does not tell."""
    wrong = []
    for program in idls.PROGRAMS:
        for field, account in kept(program):
            if field not in names() | NO_KEYS:
                wrong.append(f"{program}.{account}.{field} is neither a key nor in NO_KEYS")
        for name, instruction in signers(program):
            if name not in names():
                wrong.append(f"{program}.{instruction}: the signer {name} is no key that is known")
    return wrong


def without_section(head: str) -> list[str]:
    """Keys of the network that the hand-written part has no heading for."""
    titles = {line.removeprefix("## ").lower() for line in head.splitlines() if line[:3] == "## "}
    return [f"{key!r} has no section" for key in OF_THE_NETWORK if key not in titles]


def table() -> str:
    lines = ["", "## Where each key is kept, and what it signs", ""]
    lines += ["| key | kept in | signs |", "|---|---|---|"]
    for key, meant in KEYS.items():
        where, what = [], []
        for program in idls.PROGRAMS:
            where += [f"`{program}.{at}.{name}`" for name, at in kept(program) if name in meant]
            does = sorted({of for name, of in signers(program) if name in meant})
            if does:
                what.append(f"{program}: " + ", ".join(f"`{name}`" for name in does))
        lines.append(f"| {key} | {'<br>'.join(where) or '-'} | {'<br>'.join(what) or '-'} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    head = PAGE.read_text().partition(MARKER)[0]
    wrong = unknown() + without_section(head)
    page = f"{head}{MARKER}\n{table()}"
    if options.check and page != PAGE.read_text():
        wrong.append("it is not what the IDLs say; run `make gen`")
    for line in wrong:
        print(f"docs/authorities.md: {line}", file=sys.stderr)
    if not wrong and not options.check:
        PAGE.write_text(page)
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
