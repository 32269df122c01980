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
        (
            "colour",
            "red",
            "f: colour: not a key of a network file; accepted: name, local, hour_length",
        ),
        ("name", None, "f: name: missing; accepted: text of 1 to 80 characters"),
        (
            "hour_length",
            0,
            "f: hour_length: `0` is not accepted; accepted: whole seconds, 1 to 3600",
        ),
        (
            "hour_length",
            3601,
            "f: hour_length: `3601` is not accepted; accepted: whole seconds, 1 to",
        ),
        ("hour_length", 3600, "f: allow_simulated needs an hour_length under 3600"),
        (
            "pool_bps",
            10_001,
            "f: pool_bps: `10001` is not accepted; accepted: a whole number, 0 to 10000",
        ),
        ("pool_bps", -1, "f: pool_bps: `-1` is not accepted"),
        ("proof", "maybe", "f: proof: `maybe` is not accepted; accepted: none or required"),
        ("threshold", 2, "threshold is 2, with 1 oracles"),
        (
            "keys.authority",
            None,
            "f: keys.authority: missing; accepted: the path of a key file, or an address",
        ),
        (
            "keys.oracles",
            [],
            "f: keys.oracles: `[]` is not accepted; accepted: a list of 1 to 7, each the",
        ),
        ("genesis.0.amount", "1 IO", "genesis sums to 400000001 IO, and has to be 500000000 IO"),
        (
            "genesis.0.amount",
            "1 SOL",
            "f: genesis.0.amount: `1 SOL` is not accepted; accepted: an amount like",
        ),
        (
            "genesis.0.amount",
            -5,
            "f: genesis.0.amount: `-5` is not accepted; accepted: an amount like 1000 IO",
        ),
        ("genesis.0.launch_bps", 10_001, "f: genesis.0.launch_bps: `10001` is not accepted"),
        (
            "genesis",
            [],
            "f: genesis: `[]` is not accepted; accepted: a list of 1 to 8 buckets: name,",
        ),
        (
            "classes.0.slug",
            "B200",
            "f: classes.0.slug: `B200` is not accepted; accepted: at most 16 of a-z",
        ),
        ("classes.0.slug", "h200", "classes: h200 twice"),
        ("classes.0.names", ["NVIDIA H200"], "names of classes: NVIDIA H200 twice"),
        (
            "classes.0.pool",
            "other",
            "f: classes.0.pool: `other` is not accepted; accepted: enterprise or community",
        ),
        (
            "classes.0.multiplier",
            "1.2345",
            "f: classes.0.multiplier: `1.2345` is not accepted; accepted: a number of at",
        ),
        ("classes.0.multiplier", 101, "f: classes.0.multiplier: `101` is not accepted"),
        ("classes.0.multiplier", "x", "f: classes.0.multiplier: `x` is not accepted"),
        (
            "classes.0.memory_gib",
            0,
            "f: classes.0.memory_gib: `0` is not accepted; accepted: a whole number, 1 to",
        ),
    ],
)
def test_a_fault_is_named_with_its_place_and_value(path: str, value: object, said: str) -> None:
    with pytest.raises(UsageError) as refusal:
        networkfile.parse(change(path, value), "f")
    assert said in refusal.value.message
    assert "\n" not in refusal.value.message


def test_every_wrong_key_is_named_in_the_one_line() -> None:
    with pytest.raises(UsageError) as refusal:
        networkfile.parse({"name": "x", "colour": "red"}, "f")
    assert refusal.value.message.startswith("f: keys: missing; accepted: authority, guardian")
    assert refusal.value.message.endswith("(also wrong: genesis, classes, colour)")


def test_every_key_says_what_it_takes() -> None:
    words = networkfile.WORDS
    named = set(words.model.model_fields)
    for section, model in words.sections.items():
        named |= {f"{section}.{name}" for name in model.model_fields}
    assert named == set(words.accepted)


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
