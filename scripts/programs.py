"""IDLs of the programs, and the manifest that ties the built programs to their sources.

Usage:
  python scripts/programs.py verify              sources, IDLs, built files fit the manifest
  python scripts/programs.py digest              prints the hash of the sources
  python scripts/programs.py manifest            writes the manifest
  python scripts/programs.py compare <folder>    compares a build in <folder> with the manifest
  python scripts/programs.py idl <name> <folder> writes <folder>/<name>.json
  python scripts/programs.py ids <keys folder>   prints shell lines that select those program ids

Needs the standard library only. Each failure is one line on standard error and exit status 1.
"""

import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PREBUILT = ROOT / "programs/prebuilt"
MANIFEST = PREBUILT / "manifest.json"
PROGRAMS = ("iog_token", "iog_staking", "iog_rewards", "iog_jobs")
IDL_TESTS = (
    *("cargo", "test", "--lib", "--features", "idl-build", "__anchor_private_print_idl"),
    *("--", "--show-output", "--quiet", "--test-threads=1"),
)
DECLARED = re.compile(r"declare_program!\((\w+)\)")
MOST_BYTES = 150_000
"""What a built program may have; its rent and its deployment are paid by the byte."""
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class BuildError(Exception):
    """What is wrong, in one line."""


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sources() -> list[Path]:
    """Every file that may decide what the built programs are, sorted."""
    files = [ROOT / "Cargo.toml", ROOT / "Cargo.lock", ROOT / "scripts/build_programs.sh"]
    for folder in ("crates", "programs", "scripts/toolchain"):
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    skipped = [PREBUILT, ROOT / "programs/keys/README.md", *ROOT.glob("crates/*/tests")]
    return sorted(path for path in files if not any(path.is_relative_to(skip) for skip in skipped))


def source_hash() -> str:
    digest = hashlib.sha256()
    for path in sources():
        digest.update(f"{path.relative_to(ROOT).as_posix()} {sha256(path)}\n".encode())
    return digest.hexdigest()


def outputs(binaries: Path, idls: Path) -> dict[str, Path]:
    """Name in the manifest -> file."""
    files = {
        f"{name}.{arch}.so": binaries / f"{name}.{arch}.so"
        for name in PROGRAMS
        for arch in ("v0", "v3")
    }
    return files | {f"idl/{name}.json": idls / f"{name}.json" for name in PROGRAMS}


def toolchain() -> dict[str, str]:
    """Versions that decide the bytes of a build."""
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    anchor = next(p["version"] for p in lock["package"] if p["name"] == "anchor-lang")
    linker = tomllib.loads((ROOT / "scripts/toolchain/linker/Cargo.toml").read_text())
    versions = {
        "anchor": anchor,
        "linker": linker["dependencies"]["sbpf-linker"]["version"].lstrip("="),
    }
    if os.environ.get("SBF") == "1":
        return versions | {"linker": "", "llvm": "", "rustc": version("cargo", "build-sbf")}
    return versions | {"llvm": version("llvm-config-22"), "rustc": version("/usr/bin/rustc")}


def version(*command: str) -> str:
    """First line of what a tool says about its version; empty when it is not installed."""
    try:
        said = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.stdout.splitlines()[0].strip()


def program_ids(idls: Path) -> dict[str, str]:
    return {name: json.loads((idls / f"{name}.json").read_text())["address"] for name in PROGRAMS}


def check_linked(path: Path, arch: str) -> None:
    """An ELF file that a loader takes: a shared object whose flags are the machine's version, and
    no larger than one may be."""
    head = path.read_bytes()[:52]
    kind, flags = struct.unpack_from("<H", head, 16)[0], struct.unpack_from("<I", head, 48)[0]
    if (kind, flags) != (3, int(arch.removeprefix("v"))):
        raise BuildError(f"{path.name} is not a linked {arch} program: type {kind}, flags {flags}")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise BuildError(f"{path.name} has {size:,} bytes; a program has at most {MOST_BYTES:,}")


def check_all_linked(folder: Path) -> None:
    for name in PROGRAMS:
        for arch in ("v0", "v3"):
            check_linked(folder / f"{name}.{arch}.so", arch)


def write_manifest() -> None:
    check_all_linked(PREBUILT)
    manifest = {
        "source_hash": source_hash(),
        "ids": program_ids(ROOT / "idl"),
        "toolchain": toolchain(),
        "files": {name: sha256(path) for name, path in outputs(PREBUILT, ROOT / "idl").items()},
    }
    write(MANIFEST, json.dumps(manifest, indent=2) + "\n")


def load_manifest() -> dict[str, Any]:
    if not MANIFEST.exists():
        raise BuildError("programs/prebuilt/manifest.json is missing: run `make programs`")
    manifest: dict[str, Any] = json.loads(MANIFEST.read_text())
    return manifest


def verify() -> None:
    """The committed files are those that the committed sources were built to."""
    manifest = load_manifest()
    if manifest["source_hash"] != source_hash():
        raise BuildError(
            "the sources of the programs changed since they were built: run `make programs`"
        )
    for name, path in outputs(PREBUILT, ROOT / "idl").items():
        if not path.exists() or manifest["files"].get(name) != sha256(path):
            raise BuildError(
                f"{path.relative_to(ROOT)} is not what the manifest names: run `make programs`"
            )
    check_all_linked(PREBUILT)


def compare(folder: Path) -> None:
    """A fresh build equals the committed one, where the same tools made both."""
    manifest = load_manifest()
    print(f"built programs: {folder} (IOG_PROGRAMS={folder} runs the tests on them)")
    ours = toolchain()
    if ours != manifest["toolchain"]:
        print(f"not compared: built with {ours}, the committed files with {manifest['toolchain']}")
        return
    if program_ids(folder / "idl") != manifest["ids"]:
        print("not compared: the program ids differ from those of the committed files")
        return
    differing = [
        name
        for name, path in outputs(folder, folder / "idl").items()
        if manifest["files"].get(name) != sha256(path)
    ]
    if differing:
        raise BuildError(f"a fresh build differs from the committed files: {', '.join(differing)}")
    print("the committed files are what the sources build to")


def shell_ids(folder: Path) -> None:
    """Prints an export line for each program id, taken from 64-byte keypair files."""
    for name in PROGRAMS:
        key = json.loads((folder / f"{name}.json").read_text())
        print(f"export {name.upper()}_ID={base58(bytes(key[32:]))}")


def base58(data: bytes) -> str:
    number, text = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def build_idl(name: str, folder: Path) -> None:
    """Runs the tests that Anchor's macros write under the feature `idl-build`; they print the IDL.

    Programs that read this one's IDL while they compile are touched when it changed.
    """
    run = subprocess.run(
        [*IDL_TESTS[:3], "-p", name, *IDL_TESTS[3:]],
        cwd=ROOT,
        env=os.environ
        | {
            "ANCHOR_IDL_BUILD_NO_DOCS": "FALSE",
            "ANCHOR_IDL_BUILD_RESOLUTION": "TRUE",
        }
        | {
            "ANCHOR_IDL_BUILD_SKIP_LINT": "TRUE",
            "ANCHOR_IDL_BUILD_PROGRAM_PATH": str(ROOT / "programs" / name),
        },
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        raise BuildError(f"the IDL of {name} did not build")
    path = folder / f"{name}.json"
    foreign = [json.loads((folder / f"{other}.json").read_text()) for other in readable(name)]
    text = json.dumps(assemble(run.stdout, foreign), indent=2) + "\n"
    if path.exists() and path.read_text() == text:
        return
    write(path, text)
    for reader in PROGRAMS[PROGRAMS.index(name) + 1 :]:
        (ROOT / "programs" / reader / "src/lib.rs").touch()


def readable(name: str) -> list[str]:
    """Programs whose IDL this one reads while it compiles."""
    sources = (ROOT / "programs" / name / "src").rglob("*.rs")
    named = {other for path in sources for other in DECLARED.findall(path.read_text())}
    return [other for other in PROGRAMS if other in named]


def assemble(printed: str, foreign: list[dict[str, Any]]) -> dict[str, Any]:
    """Puts together the sections that the IDL tests print, as Anchor's own builder does.

    What came in from the IDLs of other programs is left out: their errors, accounts and types.
    """
    modules = [f"{idl['metadata']['name']}::" for idl in foreign]
    blocks = re.findall(
        r"^---- (\S+) stdout ----$(.*?)(?=^---- |\Z)", printed, re.DOTALL | re.MULTILINE
    )
    own = "".join(text for test, text in blocks if not test.startswith(tuple(modules)))

    def sections(kind: str) -> list[str]:
        return re.findall(
            rf"--- IDL begin {kind} ---\n(.*?)\n--- IDL end {kind} ---", own, re.DOTALL
        )

    programs, addresses = sections("program"), sections("address")
    if not programs or not addresses:
        raise BuildError("the IDL tests printed no program")
    idl: dict[str, Any] = plain_names(json.loads(programs[0]))
    theirs = [entry for other in foreign for entry in other["types"]]
    types = [entry for entry in idl.get("types", []) if entry not in theirs]
    kept = {entry["name"] for entry in types}
    events = [plain_names(json.loads(text)) for text in sections("event")]
    types += [entry for event in events for entry in event["types"] if entry["name"] not in kept]
    idl["address"] = re.sub(r"\W", "", addresses[0])
    idl["accounts"] = unique(entry for entry in idl.get("accounts", []) if entry["name"] in kept)
    idl["events"] = [event["event"] for event in events]
    idl["errors"] = [error for text in sections("errors") for error in json.loads(text)]
    idl["constants"] = [json.loads(text) for text in sections("const")]
    idl["types"] = unique(types)
    for key in ("instructions", "accounts", "events", "constants", "types"):
        idl[key] = sorted(idl[key], key=lambda entry: entry["name"])
    return idl


def unique(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry a name. Raises BuildError when two of a name differ."""
    kept: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if kept.setdefault(entry["name"], entry) != entry:
            raise BuildError(f"two different types are called {entry['name']}")
    return list(kept.values())


def plain_names(entry: Any) -> Any:
    """The same with Rust paths in type names cut to the name."""
    return json.loads(re.sub(r'"(?:\w+::)+(\w+)"', r'"\1"', json.dumps(entry)))


def write(path: Path, text: str) -> None:
    """Replaces a file in one step, so that a reader never sees half of it."""
    fresh = path.with_suffix(".tmp")
    fresh.write_text(text)
    fresh.replace(path)


def main(arguments: list[str]) -> int:
    match arguments:
        case ["verify"]:
            verify()
        case ["digest"]:
            print(source_hash())
        case ["manifest"]:
            write_manifest()
        case ["compare", folder]:
            compare(Path(folder))
        case ["idl", name, folder] if name in PROGRAMS:
            build_idl(name, Path(folder))
        case ["ids", folder]:
            shell_ids(Path(folder))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BuildError as failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
