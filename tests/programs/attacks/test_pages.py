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
