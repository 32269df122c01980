"""Writes client/iog_client/_generated from idl/*.json.

    python scripts/gen.py           all programs
    python scripts/gen.py NAME …    only these, leaving the others as they are
    python scripts/gen.py --check   write nothing; fail when the committed code differs

anchorpy's generator does the layouts and instructions. It reads only the older IDL format and needs
an older click than the project, so it runs in an environment of its own, .venv-gen, made when
missing. What it adds that does I/O is left out.
"""

from __future__ import annotations

import argparse
import ast
import filecmp
import hashlib
import json
import keyword
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IDL = ROOT / "idl"
TARGET = ROOT / "client" / "iog_client" / "_generated"
TEMPLATES = ROOT / "scripts" / "gen"
LOCK = ROOT / "requirements-gen.lock"
ENVIRONMENT = ROOT / ".venv-gen"
PROGRAMS = ("iog_token", "iog_staking", "iog_rewards", "iog_jobs")

Json = dict[str, Any]

# fields that only fill an account up: in the layout, not in the dataclass
FILLER = re.compile(r"_?(pad|padding|reserved)\d*")
SIGHASH_BYTES = 8


class GenError(Exception):
    """One line for the reader."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROGRAMS))
    parser.add_argument("--idl", type=Path, default=IDL, help="the folder of the IDLs")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    options = parser.parse_args()
    try:
        names = options.names or list(PROGRAMS)
        if unknown := set(names) - set(PROGRAMS):
            raise GenError(f"there is no program {', '.join(sorted(unknown))}")
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / "_generated"
            generate(names, options.idl, fresh, Path(folder))
            check(fresh, names) if options.check else install(fresh, names)
    except GenError as error:
        sys.exit(f"error: {error}")


def generate(names: list[str], idls: Path, fresh: Path, scratch: Path) -> None:
    """Write the packages of these programs, and what they share, below `fresh`."""
    python = environment()
    shutil.copytree(TEMPLATES, fresh)
    for name in names:
        path = idls / f"{name}.json"
        if not path.exists():
            raise GenError(f"idl/{name}.json is missing; `make programs` writes it")
        idl = json.loads(path.read_text())
        if idl["metadata"]["spec"] != "0.1.0":
            raise GenError(f"idl/{name}.json has spec {idl['metadata']['spec']}, not 0.1.0")
        raw = client_gen(python, name, idl, scratch)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        write_package(name, idl, digest, raw, fresh / name)
    run([python, "-m", "black", "--quiet", "--line-length", "100", fresh])


def environment() -> Path:
    """The interpreter of .venv-gen, which holds exactly what the lock file lists."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "lock.sha256"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not python.exists() or not stamp.exists() or stamp.read_text() != digest:
        print(f"making {ENVIRONMENT.name} from {LOCK.name}", file=sys.stderr)
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        run([*pip, "--requirement", LOCK])
        stamp.write_text(digest)
    return python


def client_gen(python: Path, name: str, idl: Json, scratch: Path) -> Path:
    """What anchorpy makes of an IDL."""
    legacy, out = scratch / f"{name}.json", scratch / f"{name}.raw"
    legacy.write_text(json.dumps(converted(idl)))
    run([python.parent / "anchorpy", "client-gen", legacy, out, "--program-id", idl["address"]])
    return out


def run(command: list[Any]) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise GenError(f"{Path(str(command[0])).name} {command[1]} failed, saying: {said[-1]}")


# --- from today's IDL to the older one ------------------------------------------------------------


def converted(idl: Json) -> Json:
    """The IDL in the format anchorpy reads; events go in as accounts, for their layout's sake."""
    types = {one["name"]: one["type"] for one in idl.get("types", [])}
    records = [*idl.get("accounts", []), *idl.get("events", [])]
    named = {one["name"] for one in records}
    return {
        "version": idl["metadata"]["version"],
        "name": idl["metadata"]["name"],
        "instructions": [instruction(one, types) for one in idl["instructions"]],
        "accounts": [
            {"name": one["name"], "type": structure(types[one["name"]], types)} for one in records
        ],
        "types": [
            {"name": name, "type": structure(kind, types)}
            for name, kind in types.items()
            if name not in named and kind["kind"] != "type"
        ],
        "metadata": {"address": idl["address"]},
    }


def instruction(one: Json, types: Json) -> Json:
    return {
        "name": camel(one["name"]),
        "accounts": [
            {
                "name": camel(account["name"]),
                "isMut": account.get("writable", False),
                "isSigner": account.get("signer", False),
                "isOptional": account.get("optional", False),
            }
            for account in one["accounts"]
        ],
        "args": fields(one["args"], types),
    }


def structure(kind: Json, types: Json) -> Json:
    if kind["kind"] != "struct":
        raise GenError(f"a type of kind {kind['kind']} is not one this script writes")
    return {"kind": "struct", "fields": fields(kind.get("fields", []), types)}


def fields(listed: list[Json], types: Json) -> list[Json]:
    return [{"name": camel(one["name"]), "type": older(one["type"], types)} for one in listed]


def older(kind: Any, types: Json) -> Any:
    """A type's name in the older format, aliases resolved."""
    if isinstance(kind, str):
        return "publicKey" if kind == "pubkey" else kind
    ((word, inner),) = kind.items()
    if word == "defined":
        named = types[inner["name"]]
        return older(named["alias"], types) if named["kind"] == "type" else {word: inner["name"]}
    if word == "array":
        return {word: [older(inner[0], types), inner[1]]}
    return {word: older(inner, types)}


def camel(name: str) -> str:
    first, *rest = name.strip("_").split("_")
    return first + "".join(part.capitalize() for part in rest)


# --- from anchorpy's code to ours -----------------------------------------------------------------


def write_package(name: str, idl: Json, digest: str, raw: Path, package: Path) -> None:
    (package / "instructions").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "program_id.py").write_text((raw / "program_id.py").read_text())
    if (raw / "types").is_dir():
        raise GenError(f"idl/{name}.json has nested types, which this script does not write yet")
    for path in sorted((raw / "instructions").glob("*.py")):
        (package / "instructions" / path.name).write_text(without_io(path.read_text()))
    exported(package / "instructions" / "__init__.py")
    for one in idl["instructions"]:
        written = (package / "instructions" / f"{one['name']}.py").read_text()
        if f"identifier = {bytes(one['discriminator'])!r}" not in normal_quotes(written):
            raise GenError(f"{name}.{one['name']} has a discriminator that anchorpy does not use")
    (package / "accounts.py").write_text(records(idl, "accounts", raw))
    (package / "events.py").write_text(records(idl, "events", raw))
    (package / "errors.py").write_text(error_module(name, idl))
    (package / "info.py").write_text(info_module(name, idl, digest))


def exported(index: Path) -> None:
    """Say that what an index imports is meant to be imported from there."""
    imports = (one for one in ast.parse(index.read_text()).body if isinstance(one, ast.ImportFrom))
    names = [alias.name for one in imports for alias in one.names]
    listed = "".join(f"{name!r}, " for name in sorted(names))
    index.write_text(f"{index.read_text()}\n__all__ = [{listed}]\n")


def normal_quotes(code: str) -> str:
    """Bytes literals as `repr` writes them, whatever the formatter made of them."""
    literal = re.compile(r"""\bb("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
    return literal.sub(lambda match: repr(eval(match[0])), code)


def without_io(code: str) -> str:
    """Our small support module instead of anchorpy and spl, which import a whole RPC client."""
    code = re.sub(r"from anchorpy\.borsh_extension import", "from ..._support import", code)
    code = re.sub(r"from spl\.token\.constants import", "from ..._support import", code)
    return byte_arrays(code)


def byte_arrays(code: str) -> str:
    replaced = re.sub(r"borsh\.U8\[(\d+)\]", r"Bytes(\1)", code)
    if re.search(r"borsh\.[UI]\d+\[", replaced):
        raise GenError("an array of numbers other than u8 is not one this script writes")
    if replaced != code:
        replaced = replaced.replace("list[int]", "bytes")
        replaced = replaced.replace(
            "import borsh_construct as borsh",
            "import borsh_construct as borsh\nfrom construct import Bytes",
        )
    return replaced


def records(idl: Json, kind: str, raw: Path) -> str:
    """The module of a program's accounts or events."""
    listed = idl.get(kind, [])
    docs = {one["name"]: one.get("docs", []) for one in idl.get("types", [])}
    classes = "\n\n".join(
        record(
            one,
            docs[one["name"]],
            (raw / "accounts" / f"{module(one['name'])}.py").read_text(),
            fixed_size=kind == "accounts",
        )
        for one in listed
    )
    by_head = "".join(f"{one['name']}.discriminator: {one['name']},\n" for one in listed)
    return (
        "from __future__ import annotations\n\n"
        "from dataclasses import dataclass\nfrom typing import Any, ClassVar\n\n"
        "import borsh_construct as borsh\nfrom construct import Bytes, Construct\n"
        "from solders.pubkey import Pubkey\n\n"
        "from .._support import BorshPubkey, parse\n\n\n"
        f"{classes}\n\n"
        f"BY_DISCRIMINATOR: dict[bytes, Any] = {{{by_head}}}\n"
    )


def record(one: Json, docs: list[str], raw: str, *, fixed_size: bool) -> str:
    """One frozen dataclass, from the layout and annotations of anchorpy's."""
    name = one["name"]
    raw = byte_arrays(raw)
    layout = re.search(r"borsh\.CStruct\((?:\n(.*?)\n    |([^\n]*))\)\n", raw, re.DOTALL)
    typed = re.search(r"@dataclass\nclass \w+:\n(.*?)\n    @classmethod", raw, re.DOTALL)
    if layout is None or typed is None:
        raise GenError(f"anchorpy's code for {name} has an unexpected shape")
    kept = [
        (field, annotation)
        for field, annotation in re.findall(r"^    (\w+): (.*)$", typed[1], re.MULTILINE)
        if not FILLER.fullmatch(field) and "ClassVar" not in annotation
    ]
    text = " ".join(docs).replace("\\", "/").replace('"', "'").strip()
    text = text or f"{name}, as the program writes it."
    lines = [
        "@dataclass(frozen=True)",
        f"class {name}:",
        f'    """{text}"""',
        "",
        f"    discriminator: ClassVar[bytes] = {bytes(one['discriminator'])!r}",
        f"    layout: ClassVar[Any] = borsh.CStruct({layout[1] or layout[2]})",
        *([f"    size: ClassVar[int] = {SIGHASH_BYTES} + layout.sizeof()"] if fixed_size else []),
        "",
        *(f"    {field}: {annotation}" for field, annotation in kept),
        "",
        "    @classmethod",
        f"    def decode(cls, data: bytes) -> {name}:",
        '        """Raises `ValueError` for the bytes of anything else."""',
        f"        read = parse(cls.layout, cls.discriminator, data, {name!r})",
        f"        return cls({', '.join(f'{field}=read.{field}' for field, _ in kept)})",
    ]
    return "\n".join(lines) + "\n"


def error_module(name: str, idl: Json) -> str:
    listed = idl.get("errors", [])
    members = "".join(f"    {snake(one['name']).upper()} = {one['code']}\n" for one in listed)
    body = members or "    pass\n"
    return (
        "from enum import IntEnum\n\n\nclass Code(IntEnum):\n"
        f'    """What {name} refuses with."""\n\n{body}'
    )


def info_module(name: str, idl: Json, digest: str) -> str:
    heads = {bytes(one["discriminator"]): one["name"] for one in idl["instructions"]}
    errors = {
        one["code"]: (one["name"], one.get("msg") or one["name"]) for one in idl.get("errors", [])
    }
    return (
        "from .._support import ProgramInfo\nfrom .program_id import PROGRAM_ID\n\n"
        f"INFO = ProgramInfo(name={name!r}, address=PROGRAM_ID, idl_hash={digest!r}, "
        f"instructions={heads!r}, errors={errors!r})\n"
    )


def module(name: str) -> str:
    """The module anchorpy writes a record into; one named like a keyword gets an underscore."""
    plain = snake(name)
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


# --- into place -----------------------------------------------------------------------------------


def parts(names: list[str]) -> list[str]:
    return [path.name for path in sorted(TEMPLATES.iterdir()) if path.is_file()] + list(names)


def install(fresh: Path, names: list[str]) -> None:
    TARGET.mkdir(exist_ok=True)
    for part in parts(names):
        old, new = TARGET / part, fresh / part
        shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)
        shutil.move(new, old)


def check(fresh: Path, names: list[str]) -> None:
    different = [one for part in parts(names) for one in differences(TARGET / part, fresh / part)]
    if different:
        listed = ", ".join(different[:3]) + (", …" if len(different) > 3 else "")
        raise GenError(f"{listed} is not what idl/ says; `make gen` writes it")


def differences(old: Path, new: Path) -> list[str]:
    """Paths, from the root of the repository, that are missing, superfluous or differ."""
    if new.is_dir() and old.is_dir():
        inside = {path.name for path in [*old.iterdir(), *new.iterdir()]} - {"__pycache__"}
        return [one for name in sorted(inside) for one in differences(old / name, new / name)]
    if old.is_file() and new.is_file() and filecmp.cmp(old, new, shallow=False):
        return []
    return [str(old.relative_to(ROOT))]


if __name__ == "__main__":
    main()
