"""Network files: read whole or refused in one line that names the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from iog_client import gpu_classes, networkfile
from iog_client.errors import NotFound, UsageError

NETWORKS = Path(__file__).parents[3] / "networks"


@pytest.fixture
def content() -> dict[str, Any]:
    loaded = yaml.safe_load((NETWORKS / "local.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.parametrize("name", ["local.yaml", "example.yaml"])
def test_the_sample_files_are_networks_with_every_class(name: str) -> None:
    file = networkfile.load(NETWORKS / name)
    listed = {
        (one.slug, one.names, one.multiplier, one.pool, one.memory_gib) for one in file.classes
    }
    assert listed == {
        (one.slug, one.names, one.multiplier, one.pool, one.memory) for one in gpu_classes.CLASSES
    }


def test_only_the_local_sample_allows_simulated_nodes() -> None:
    assert networkfile.load(NETWORKS / "local.yaml").allow_simulated
    assert not networkfile.load(NETWORKS / "example.yaml").allow_simulated
    assert not networkfile.load(NETWORKS / "example.yaml").local


def test_amounts_and_multipliers_become_integers(content: dict[str, Any]) -> None:
    file = networkfile.parse(content, "f")
    assert file.genesis[1].amount == 81_300_000 * 10**8
    assert {one.slug: one.multiplier for one in file.classes}["rtx-4090"] == 1250


def change(path: str, value: object) -> dict[str, Any]:
    """The local sample with one value put in; None takes it out."""
    content = yaml.safe_load((NETWORKS / "local.yaml").read_text())
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    inner = content
    for part in way:
        inner = inner[part]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return content


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("colour", "red", "f: colour: Extra inputs are not permitted (given: red)"),
        ("name", None, "f: name: Field required"),
        ("hour_length", 0, "hour_length: Input should be greater than 0 (given: 0)"),
        ("hour_length", 3601, "hour_length: Input should be less than or equal to 3600"),
        ("hour_length", 3600, "allow_simulated needs an hour_length under 3600"),
        ("pool_bps", 10_001, "pool_bps: Input should be less than or equal to 10000"),
        ("pool_bps", -1, "pool_bps: Input should be greater than or equal to 0 (given: -1)"),
        ("threshold", 2, "threshold is 2, with 1 oracles"),
        ("keys.authority", None, "keys.authority: Field required"),
        ("keys.oracles", [], "keys.oracles: Tuple should have at least 1 item"),
        ("genesis.0.amount", "1 IO", "genesis sums to 400000001 IO, and has to be 500000000 IO"),
        ("genesis.0.amount", "1 SOL", "f: `1 SOL` is not an amount"),
        ("genesis.0.amount", -5, "genesis.0.amount: Input should be greater than 0 (given: -5)"),
        ("genesis.0.launch_bps", 10_001, "genesis.0.launch_bps: Input should be less than"),
        ("genesis", [], "genesis: Tuple should have at least 1 item"),
        ("classes.0.slug", "B200", "a slug is at most 16 of a-z, 0-9 and -"),
        ("classes.0.slug", "h200", "classes: h200 twice"),
        ("classes.0.names", ["NVIDIA H200"], "names of classes: NVIDIA H200 twice"),
        ("classes.0.pool", "other", "classes.0.pool: is enterprise or community (given: other)"),
        ("classes.0.multiplier", "1.2345", "classes.0.multiplier: has at most three decimals"),
        ("classes.0.multiplier", 101, "classes.0.multiplier: Input should be less than"),
        ("classes.0.multiplier", "x", "classes.0.multiplier: Input should be a valid integer"),
        ("classes.0.memory_gib", 0, "classes.0.memory_gib: Input should be greater than 0"),
    ],
)
def test_a_fault_is_named_with_its_place_and_value(path: str, value: object, said: str) -> None:
    with pytest.raises(UsageError) as refusal:
        networkfile.parse(change(path, value), "f")
    assert said in refusal.value.message
    assert "\n" not in refusal.value.message


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="does not exist"):
        networkfile.load(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "is not YAML at line"),
        ("- 1", "is not a mapping of names to values"),
        ("", "is not a mapping of names to values"),
        ("!!python/object:os.system {}", "is not YAML"),
    ],
)
def test_what_is_not_such_a_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "n.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        networkfile.load(file)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "n.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read"):
        networkfile.load(file)
