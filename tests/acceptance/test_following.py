"""Of several addresses of the orchestrator the one that answers is used, by clients and nodes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from market_samples import Market, free_port, serving

DEAD = f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A network whose first address nobody listens at."""
    with serving(tmp_path_factory.mktemp("behind"), "node", before=f"{DEAD},") as found:
        yield found


def test_a_job_runs_where_the_first_address_is_dead(behind: Market) -> None:
    (behind.folder / "data.txt").write_text("hello\n")
    file = behind.job("copy", "cp data.txt out.txt", inputs="[data.txt]", outputs="[out.txt]")
    done = behind.client("job", "submit", file, "--wait", "--yes")
    assert done.returncode == 0, done.stderr
    number = str(behind.client.json("job", "list")[0]["number"])
    assert behind.client("job", "fetch", number, "--out", "got").returncode == 0
    assert (behind.folder / "got" / "out.txt").read_text() == "hello\n"
    assert f"not connected: {DEAD} is not reachable" in (behind.folder / "node.log").read_text()


def test_the_doctor_names_the_address_that_is_dead(behind: Market) -> None:
    done = behind.client("doctor")
    assert done.returncode == 0, done.stdout
    assert f"{behind.url} serves hour" in done.stdout
    assert f"{DEAD} is not reachable: connection refused" in done.stdout


def test_where_none_answers_all_are_named(behind: Market) -> None:
    other = f"http://127.0.0.1:{free_port()}"
    line = behind.client.refused(
        5, "node", "status", behind.device, "--orchestrator", f"{DEAD},{other}"
    )
    assert line == (
        f"no orchestrator answers: {DEAD}: connection refused; {other}: connection refused"
    )


def test_a_bad_address_is_refused_before_anything_is_asked(behind: Market) -> None:
    line = behind.client.refused(2, "node", "list", "--orchestrator", f"{DEAD},nowhere:1")
    assert line.endswith("in which `nowhere:1` is not a URL")
    fault = behind.owner.refused(
        2, "node", "run", "--folder", "node", "--orchestrator", "nowhere:1"
    )
    assert "`nowhere:1` is not a URL" in fault
