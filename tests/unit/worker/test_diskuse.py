"""Disk space of a job, measured a little at a time."""

import os
from pathlib import Path

import pytest

from iog_worker.diskuse import DiskUse, Hidden


class Ticks:
    """A clock that goes on by one with every look at it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def fill(path: Path, blocks: int) -> int:
    """A file; the bytes it takes on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * 4096 * blocks)
    os.sync()
    return path.stat().st_blocks * 512


def folders(root: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in root.rglob("*") if path.is_dir())


def test_all_that_lies_below_the_folders_counts(tmp_path: Path) -> None:
    files = fill(tmp_path / "a/one", 3) + fill(tmp_path / "a/b/c/two", 5)
    use = DiskUse([tmp_path / "a", tmp_path / "none"])
    assert use.step(60)
    assert use.total == files + folders(tmp_path / "a")


def test_a_file_of_two_names_counts_once_and_links_lead_nowhere(tmp_path: Path) -> None:
    files = fill(tmp_path / "a/one", 100)
    os.link(tmp_path / "a/one", tmp_path / "a/two")
    fill(tmp_path / "large", 1000)
    (tmp_path / "a/link").symlink_to(tmp_path / "large")
    (tmp_path / "a/up").symlink_to(tmp_path)
    use = DiskUse([tmp_path / "a"])
    use.step(60)
    assert files <= use.total < 2 * files


def test_a_hole_in_a_file_takes_no_space(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 30)
    use = DiskUse([tmp_path])
    use.step(60)
    assert use.total < 1 << 20


def test_a_look_goes_on_where_the_last_one_stopped(tmp_path: Path) -> None:
    for name in "abc":
        fill(tmp_path / name / "file", 10)
    whole = DiskUse([tmp_path])
    whole.step(60)
    use = DiskUse([tmp_path], Ticks())
    steps = [use.step(1) for _ in range(4)]
    assert steps == [False, False, False, True]
    assert use.total == whole.total


def test_what_was_removed_counts_no_more_after_the_next_whole_look(tmp_path: Path) -> None:
    fill(tmp_path / "a/file", 100)
    use = DiskUse([tmp_path])
    use.step(60)
    before = use.total
    (tmp_path / "a/file").unlink()
    use.step(60)
    assert use.total <= before - 100 * 4096


def test_folders_too_deep_to_be_read_are_no_place_to_hide(tmp_path: Path) -> None:
    handle = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=handle)
        deeper = os.open("d" * 250, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = deeper
    os.close(handle)
    with pytest.raises(Hidden, match="File name too long"):
        DiskUse([tmp_path]).step(60)


def test_a_folder_that_may_not_be_read_is_no_place_to_hide(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read every folder")
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(Hidden, match="Permission denied"):
        DiskUse([tmp_path]).step(60)
