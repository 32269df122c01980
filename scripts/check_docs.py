"""Checks that README and docs say what is so: commands, make targets and paths they name exist.

Every line of a `sh` block that starts with `iog` is parsed by the command line itself (nothing
runs), every `make` target is looked up in the Makefile, and every path in backticks that starts
with one of the repository's folders has to be there. The table of docs/dependencies.md has to name
the packages of pyproject.toml, all of them and no other; that of docs/job-files.md each key of a
job file, with what it takes. Exits 1 with one line for each thing that is not.
"""

import importlib
import re
import shlex
import sys
import tomllib
from pathlib import Path

import typer

from iog_client import jobfile
from iog_client.cli import GROUPS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```sh[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
PATH = re.compile(
    r"`((?:client|orchestrator|worker|programs|crates|idl|tests|docs|bench|scripts|examples|networks|deploy)"
    r"/[^`\s<>*{}…]*)`"
)
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)|\]\((?!http)([^)#]+)\)")

PACKAGES = ROOT / "docs" / "dependencies.md"
JOB_FILES = ROOT / "docs" / "job-files.md"
KEY = re.compile(r"^\| `([a-z_.]+)` \| (.*?) \|", re.MULTILINE)
ROW = re.compile(r"^\| (?:\*\*\w+\*\*: )?([a-z][\w, -]*) \|", re.MULTILINE)


def commands(text: str) -> list[str]:
    """The command lines of a page's `sh` blocks, continuation lines joined."""
    lines = []
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            bare = line.removeprefix("$ ").split(" #")[0].strip()
            if bare:
                lines.append(bare)
    return lines


def check_iog(line: str) -> str | None:
    """Why the command line would not accept `line`, or None."""
    words = shlex.split(line)[1:]
    if not words or words[0].startswith("-"):
        return None
    group, *words = words
    if group not in GROUPS:
        return f"no group {group}"
    command = typer.main.get_command(importlib.import_module(GROUPS[group][0]).app)
    try:
        context = command.make_context(group, words, resilient_parsing=True)
        while hasattr(command, "resolve_command") and words and not words[0].startswith("-"):
            _, command, words = command.resolve_command(context, words)
            context = command.make_context(command.name, list(words), resilient_parsing=True)
        if "--help" not in words:
            command.make_parser(context).parse_args(list(words))
    except typer.TyperException as error:
        return error.format_message()
    return None


def check_page(page: Path, targets: set[str]) -> list[str]:
    """What a page says that is not so."""
    text = page.read_text()
    wrong = []
    for line in commands(text):
        if line.startswith("iog "):
            problem = check_iog(line)
            if problem:
                wrong.append(f"`{line}`: {problem}")
        elif line.startswith("make"):
            asked = [word for word in line.split()[1:] if "=" not in word]
            wrong += [f"`{line}`: no target {word}" for word in asked if word not in targets]
    for name in PATH.findall(text):
        if not (ROOT / name).exists():
            wrong.append(f"`{name}` does not exist")
    for pair in IMAGE.findall(text):
        name = pair[0] or pair[1]
        if not (page.parent / name).exists():
            wrong.append(f"the link to {name} leads nowhere")
    return [f"{page.relative_to(ROOT)}: {problem}" for problem in wrong]


def check_packages() -> list[str]:
    """What the table of packages leaves out or has too many."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    needed = {re.split(r"[^\w-]", one)[0] for listed in lists for one in listed}
    rows = ROW.findall(PACKAGES.read_text().partition("|---")[2])
    named = {name for row in rows for name in row.split(", ")}
    return [
        *(f"{PACKAGES.name}: no row for {name}" for name in sorted(needed - named)),
        *(f"{PACKAGES.name}: pyproject.toml has no {name}" for name in sorted(named - needed)),
    ]


def check_keys() -> list[str]:
    """What the table of a job file's keys says otherwise than the client does."""
    said = dict(KEY.findall(JOB_FILES.read_text()))
    return [
        f"{JOB_FILES.name}: `{key}` takes {jobfile.ACCEPTED.get(key)}, not {said.get(key)}"
        for key in {**jobfile.ACCEPTED, **said}
        if jobfile.ACCEPTED.get(key) != said.get(key)
    ]


def main() -> int:
    """Check every page; the exit status."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wrong = [problem for page in PAGES for problem in check_page(page, targets)]
    wrong += check_packages() + check_keys()
    for problem in wrong:
        print(problem, file=sys.stderr)
    if not wrong:
        print(f"docs: {len(PAGES)} pages checked")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
