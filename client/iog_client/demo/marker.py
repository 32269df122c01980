"""The file that says a folder is a demo's, and which processes run from it."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from iog_client.errors import Refused

MARKER = "iog-demo.json"


def require_free(folder: Path) -> None:
    """Raises `Refused` for a folder that holds something else, or that a network runs from."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    marker = folder / MARKER
    if not marker.exists():
        raise Refused(f"{folder} holds something else than a demo; name another with --folder")
    found = [str(pid) for pid in _running(marker) if pid != os.getpid()]
    if found:
        what = "process" if len(found) == 1 else "processes"
        raise Refused(
            f"a network is running from {folder} ({what} {', '.join(found)}); "
            f"end it with: kill {' '.join(found)}"
        )


def note(folder: Path, pids: Iterable[int]) -> None:
    """Have it on record that these processes run from the folder."""
    running = {str(pid): _started(pid) for pid in pids}
    text = json.dumps({"made_by": "iog demo", "running": running}) + "\n"
    (folder / MARKER).write_text(text)


def _running(marker: Path) -> list[int]:
    """Those on record that still run: another process may have been given an old one's id."""
    try:
        noted = json.loads(marker.read_text()).get("running", {})
        return [int(pid) for pid, began in noted.items() if began == _started(int(pid)) is not None]
    except (OSError, ValueError, AttributeError) as error:
        raise Refused(f"{marker} is not readable; name another folder with --folder") from error


def _started(pid: int) -> int | None:
    """When a process began, in ticks since the machine did; None once it has ended."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # proc(5): the name in brackets may hold anything; field 3 is the state, field 22 the start
    fields = line.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])
