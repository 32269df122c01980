"""What the pages of docs/ show works: every block marked `sh run` or `python run` is run."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from iog_client.demo.processes import free_port

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(sh|python) run\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = [page for page in sorted((ROOT / "docs").glob("*.md")) if BLOCK.search(page.read_text())]
TIME_LIMIT = 180
PRELUDE = """
set -eu
finish() {
    status=$?
    for pid in $(jobs -p | tac); do kill "$pid" || true; done
    wait
    exit "$status"
}
trap finish EXIT
"""


def command(language: str, block: str) -> str:
    """A block as part of the page's one script."""
    return block if language == "sh" else f"python - <<'END_OF_BLOCK'\n{block}END_OF_BLOCK\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_work_as_shown(page: Path, tmp_path: Path) -> None:
    for name in ("networks", "examples", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "IOG_RPC_URL": f"http://127.0.0.1:{free_port()}",
        "IOG_ORCHESTRATOR_URL": f"http://127.0.0.1:{free_port()}",
    }
    # Daemons that a page starts in the background end with the page, last started first.
    script = PRELUDE + "".join(command(*block) for block in BLOCK.findall(page.read_text()))
    process = subprocess.Popen(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
    finally:
        if (tmp_path / "my" / "chain").exists():
            subprocess.run(
                ["iog", "localnet", "down", "--folder", "my/chain"],
                cwd=tmp_path,
                env=environment,
                check=False,
            )
    assert process.returncode == 0, said
