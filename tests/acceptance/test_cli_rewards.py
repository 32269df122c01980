"""`iog node why` and what needs nothing but published files: no chain and no orchestrator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_samples import Iog

VECTOR = Path(__file__).parents[1] / "vectors/hour.json"
NODE = "AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9"
BLOCKED = "J2xccRtuG43drESLYznHhLhQkLTdfepcKYbiQ9BsJVaf"


@pytest.fixture
def hours(tmp_path: Path) -> str:
    """A folder with two published hours."""
    folder = tmp_path / "hours"
    folder.mkdir()
    for number, one in enumerate(json.loads(VECTOR.read_text())["hours"], 1):
        (folder / f"hour-{number:06}.json").write_text(one["bytes"])
    return str(folder)


@pytest.fixture
def iog(tmp_path: Path) -> Iog:
    return Iog(tmp_path)


def test_a_share_is_told_from_the_file_alone(iog: Iog, hours: str) -> None:
    [found] = iog.json("node", "why", NODE, "--hour", "2", "--from", hours)
    assert (found["score"], found["pool_score"], found["pool_nodes"]) == ("305280000",) * 2 + (1,)
    assert found["granted"] == found["published"] == "390410958904"
    assert int(found["payee"]["part"]) + int(found["costaker"]["part"]) == 390410958904
    assert all(rule["passed"] for rule in found["rules"])


def test_a_broken_rule_is_told_in_words(iog: Iog, hours: str) -> None:
    text = iog("node", "why", BLOCKED, "--hour", "2", "--from", hours).stdout
    assert "  NO  not blocked: the orchestrator has blocked it: GPU-1 is also in another" in text
    assert "  granted 0 IO\n" in text


@pytest.mark.parametrize(
    ("device", "hour", "code", "line"),
    [
        (NODE, "3", 3, "has no file of hour 3"),
        ("4Yk9HoDSfJv9QcmJbLcXdWVgS7nfvdUqiVcvbSu8VBru", "2", 3, "among its 3 nodes"),
        (NODE, "0", 2, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_told_is_one_line(
    iog: Iog, hours: str, device: str, hour: str, code: int, line: str
) -> None:
    said = iog.refused(code, "node", "why", device, "--hour", hour, "--from", hours)
    assert line in said
