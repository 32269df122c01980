"""A run's folder: what may lie in it, how much of the log counts, and that it can be deleted."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from iog_worker import runfiles
from iog_worker.runfiles import RunFiles, clear, misplaced


@pytest.mark.parametrize(
    ("paths", "wrong"),
    [
        (["a", "b", "c/d", "c/e"], None),
        (["a", "a.b", "ab/c"], None),
        (["a", "a/b"], "a/b"),
        (["a/b", "a"], "a"),
        (["a/b/c", "a/b", "x"], "a/b"),
        (["a", "a"], "a"),
        (["x" * 255], None),
        (["x" * 256], "x" * 256),
        (["d/" + "\u00e9" * 128], "d/" + "\u00e9" * 128),
    ],
)
def test_inputs_that_cannot_lie_side_by_side_are_named(paths: list[str], wrong: str | None) -> None:
    assert misplaced(paths) == wrong


def test_no_more_of_a_log_counts_than_is_kept_of_one(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    with files.log.open("wb") as file:
        os.ftruncate(file.fileno(), 1 << 40)
    assert files.log_size == runfiles.LOG_BYTES


def test_a_line_of_the_node_is_text_whatever_it_quotes(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    files.say("no \udcff there")
    assert files.log.read_bytes() == b"[node] no \\udcff there\n"


def test_a_folder_nested_deeper_than_paths_and_stacks_reach_is_deleted(tmp_path: Path) -> None:
    top = tmp_path / "run"
    (top / "work").mkdir(parents=True)
    script = (
        "import os\nfor _ in range(5000): os.mkdir('d'); open('f', 'w').close(); os.chdir('d')\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=top / "work", check=True)
    assert clear(top)
    assert not top.exists()


def test_what_a_link_leads_to_is_not_deleted(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o750)
    (kept / "file").touch()
    (tmp_path / "run" / "work").mkdir(parents=True)
    (tmp_path / "run" / "work" / "link").symlink_to(kept)
    (tmp_path / "link").symlink_to(kept)
    assert clear(tmp_path / "run")
    assert clear(tmp_path / "link")
    assert (kept / "file").exists()
    assert kept.stat().st_mode & 0o777 == 0o750


AS_NOBODY = """
import os
from pathlib import Path
from iog_worker.runfiles import clear
os.getuid() or os.setuid(65534)  # root may delete everything
folder = Path("run/work/a/b")
folder.mkdir(parents=True)
(folder / "file").touch(mode=0)
for path in (folder, folder.parent, Path("run/work"), Path("run")):
    path.chmod(0)
print(clear(Path("run")), Path("run").exists())
"""


def test_folders_without_any_permission_are_deleted() -> None:
    # not in pytest's folders, which are for their owner alone
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout == "True False\n"


def test_a_folder_that_is_not_there_is_gone(tmp_path: Path) -> None:
    assert clear(tmp_path / "none")
