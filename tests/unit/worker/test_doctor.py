"""`iog node doctor` on what keeps jobs to their limits."""

import os
import sys
from pathlib import Path

import pytest

from iog_client.errors import NotAllowed
from iog_client.examination import Finding
from iog_worker import hierarchies
from iog_worker.doctor import examine
from iog_worker.folder import NodeFolder
from iog_worker.hierarchies import Tree


async def limits(folder: Path) -> Finding:
    looked = await examine(NodeFolder(folder), sys.executable)
    (found,) = [one for one in looked.findings if one.check == "limits"]
    return found


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node's folder on a machine without control groups."""
    proc = tmp_path / "proc"
    proc.mkdir()
    (proc / "mountinfo").touch()
    (proc / "cgroup").touch()
    monkeypatch.setattr(hierarchies, "PROC", proc)
    return tmp_path


async def test_groups_that_work_here_are_found_by_trying(tree: Tree, tmp_path: Path) -> None:
    found = await limits(tmp_path)
    assert (found.state, found.todo) == ("ok", "")
    assert found.said.endswith(f"by control groups of version {tree.version}")


async def test_where_there_are_none_it_is_said_why_and_what_to_do(bare: Path) -> None:
    found = await limits(bare)
    assert found.state == "doubt"
    assert found.said.endswith("version 2: it is not mounted; version 1: memory is not mounted")
    assert "systemd 254" in found.todo


async def test_of_a_worker_that_runs_what_it_found_itself_counts(bare: Path) -> None:
    folder = NodeFolder(bare)
    lock = folder.lock()
    folder.keep_groups(None)
    assert (await limits(bare)).state == "doubt"
    folder.keep_groups(Tree(2, {"memory": "/sys/fs/cgroup/x"}, "iog-1-"))
    found = await limits(bare)
    assert (found.state, found.said.split()[-1]) == ("ok", "2")
    os.close(lock)


def test_a_folder_is_held_as_long_as_a_worker_has_its_lock(tmp_path: Path) -> None:
    folder = NodeFolder(tmp_path)
    assert not folder.is_held()
    lock = folder.lock()
    assert folder.is_held()
    with pytest.raises(NotAllowed, match="another worker runs this node"):
        folder.lock()
    os.close(lock)
    assert not folder.is_held()
