"""The folder of a demo: not taken away from a network that runs from it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from iog_client.demo import marker
from iog_client.errors import Refused


@pytest.fixture
def running() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_a_folder_that_a_network_runs_from_is_refused(
    tmp_path: Path, running: subprocess.Popen[bytes]
) -> None:
    marker.note(tmp_path, [running.pid])
    with pytest.raises(Refused) as refused:
        marker.require_free(tmp_path)
    assert refused.value.message == (
        f"a network is running from {tmp_path} (process {running.pid}); "
        f"end it with: kill {running.pid}"
    )


def test_it_is_free_once_they_have_ended(tmp_path: Path, running: subprocess.Popen[bytes]) -> None:
    marker.note(tmp_path, [running.pid])
    running.kill()
    running.communicate()
    marker.require_free(tmp_path)


def test_another_process_of_the_same_id_does_not_count(
    tmp_path: Path, running: subprocess.Popen[bytes]
) -> None:
    marker.note(tmp_path, [running.pid])
    path = tmp_path / marker.MARKER
    noted = json.loads(path.read_text())
    noted["running"][str(running.pid)] -= 1
    path.write_text(json.dumps(noted))
    marker.require_free(tmp_path)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Refused, match="holds something else than a demo"):
        marker.require_free(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_marker_that_is_no_marker_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / marker.MARKER).write_text(text)
    with pytest.raises(Refused, match="is not readable"):
        marker.require_free(tmp_path)


def test_a_marker_of_an_earlier_version_is_free(tmp_path: Path) -> None:
    (tmp_path / marker.MARKER).write_text('{"made_by": "iog demo"}')
    marker.require_free(tmp_path)
