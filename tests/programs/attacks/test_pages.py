"""What the hand-written pages about the programs call an instruction is one."""

import re

import pytest

from scripts import idls

PAGES = ("lives.md", "authorities.md", "security.md")
NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
VERBS = re.compile(r"_(initialize|set|propose|accept|open|close|start|end|leave|settle|veto)$")


@pytest.mark.parametrize("page", PAGES)
def test_every_instruction_that_a_page_names_exists(page: str) -> None:
    text = (idls.ROOT / "docs" / page).read_text().partition("<!-- below:")[0]
    known = {one["name"] for program in idls.PROGRAMS for one in idls.instructions(program)}
    named = {name for name in NAME.findall(text) if page == "lives.md" or VERBS.search(name)}
    assert named - known - set(idls.PROGRAMS) == set()


def test_every_instruction_has_a_row_without_an_empty_cell() -> None:
    text = (idls.ROOT / "docs/security.md").read_text()
    table = text.partition("## Attacks by instruction and class")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line[:3] == "| `"]
    told = [row[0].strip("`") for row in rows]
    named = [one["name"] for program in idls.PROGRAMS for one in idls.instructions(program)]
    assert told == named
    assert {len(row) for row in rows} == {12}
    assert all(cell.strip() for row in rows for cell in row)
