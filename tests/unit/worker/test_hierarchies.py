"""Where control groups can be made: what machines say of theirs, and that each place is tried."""

import shutil
from pathlib import Path

import pytest

from iog_worker import hierarchies
from iog_worker.hierarchies import Mount, Tree

SYSTEMD = r"""
24 30 0:22 / /sys rw,nosuid - sysfs sysfs rw
29 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate
31 24 0:27 / /mnt/a\040b ro - cgroup2 cgroup2 rw
"""
OLDER = """
25 18 0:21 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
26 25 0:22 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
28 25 0:24 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory
29 25 0:25 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
"""
CONTAINER = "90 80 0:24 /docker/4f /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"


def test_version_2_is_one_mount_without_a_controllers_name() -> None:
    assert hierarchies.read_mounts(SYSTEMD.strip()) == {
        "": [Mount(Path("/sys/fs/cgroup"), "/"), Mount(Path("/mnt/a b"), "/")]
    }


def test_version_1_is_a_mount_for_each_controller_or_for_two_of_them() -> None:
    found = hierarchies.read_mounts(OLDER.strip())
    assert set(found) >= {"memory", "cpu", "cpuacct", "name=systemd"}
    assert found["cpu"] == found["cpuacct"] == [Mount(Path("/sys/fs/cgroup/cpu,cpuacct"), "/")]


def test_the_own_group_is_read_for_each_controller() -> None:
    said = "9:name=systemd:/\n4:cpu,cpuacct:/a/b:c\n0::/user.slice/x.service\n"
    assert hierarchies.read_own(said) == {
        "name=systemd": "/",
        "cpu": "/a/b:c",
        "cpuacct": "/a/b:c",
        "": "/user.slice/x.service",
    }


def test_a_group_is_found_below_what_is_mounted() -> None:
    whole = Mount(Path("/sys/fs/cgroup"), "/")
    assert whole.folder("/") == Path("/sys/fs/cgroup")
    assert whole.folder("/a/b") == Path("/sys/fs/cgroup/a/b")
    (part,) = hierarchies.read_mounts(CONTAINER)["memory"]
    assert part.folder("/docker/4f") == Path("/sys/fs/cgroup/memory")
    assert part.folder("/docker/4f/x") == Path("/sys/fs/cgroup/memory/x")
    assert part.folder("/docker/4fe") is None
    assert part.folder("/") is None


def test_a_node_and_a_copy_of_it_have_groups_of_their_own(tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.mkdir()
    shutil.copytree(node, tmp_path / "copy")
    assert hierarchies.prefix_of(node) == hierarchies.prefix_of(node / ".")
    assert hierarchies.prefix_of(node) != hierarchies.prefix_of(tmp_path / "copy")


def test_a_machine_without_control_groups_says_so_for_both_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mountinfo").write_text("24 30 0:22 / /sys rw - sysfs sysfs rw\n")
    (tmp_path / "cgroup").write_text("0::/\n")
    monkeypatch.setattr(hierarchies, "PROC", tmp_path)
    assert hierarchies.find(tmp_path) == (
        None,
        ["version 2: it is not mounted", "version 1: memory is not mounted"],
    )


def test_what_is_found_has_been_tried_and_leaves_nothing(tree: Tree) -> None:
    assert tree.group("trial").pids() == []
    assert not any(Path(folder).exists() for folder in tree.group("trial").folders.values())
