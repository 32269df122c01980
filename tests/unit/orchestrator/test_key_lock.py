"""One orchestrator alone with the matcher's key, or several beside each other: never both."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from iog_client import wallets
from iog_orchestrator.adapters import key_lock
from iog_orchestrator.adapters.folder_lock import lock_alone, locked_beside
from iog_orchestrator.adapters.key_lock import locked_key
from iog_orchestrator.domain.errors import StoreRefused


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "matcher.json"
    wallets.create(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder of one that has come second; nothing is made of it."""
    yield tmp_path / "second"
    assert not (tmp_path / "second" / "orchestrator.sqlite3").exists()


def why_refused(key: Path, folder: Path, *, shared: bool) -> str:
    with pytest.raises(StoreRefused) as refusal, locked_key(key, folder, shared=shared):
        pytest.fail("both have the key")
    return str(refusal.value)


@pytest.mark.parametrize(("first", "second"), [(False, False), (False, True), (True, False)])
def test_a_second_one_with_a_database_of_its_own_is_refused(
    key: Path, folder: Path, first: bool, second: bool
) -> None:
    with locked_key(key, folder.with_name("first"), shared=first):
        why = why_refused(key, folder, shared=second)
    assert why.startswith(f"the matcher key {key} is in use by another orchestrator with a data")
    with locked_key(key, folder, shared=second):
        pass


def test_those_that_share_a_database_have_the_key_together(key: Path, folder: Path) -> None:
    with locked_key(key, folder, shared=True), locked_key(key, folder, shared=True):
        pass


def test_who_comes_to_the_same_folder_is_told_of_the_folder(key: Path, folder: Path) -> None:
    lock = lock_alone(folder)
    with locked_key(key, folder, shared=False):
        assert why_refused(key, folder, shared=False) == (
            f"{folder} is in use by another orchestrator"
        )
        assert why_refused(key, folder, shared=True) == (
            f"{folder} is in use by an orchestrator without --database"
        )
    lock.release()
    with locked_beside(folder), locked_key(key, folder, shared=True):
        assert why_refused(key, folder, shared=False) == (
            f"{folder} is in use by orchestrators with --database"
        )


def test_a_file_system_without_locks_is_told_and_no_hindrance(
    key: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none(handle: int, how: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", none)
    with locked_key(key, folder, shared=False):
        assert "cannot be locked, so that another orchestrator" in caplog.text
    assert key_lock.log.name == caplog.records[0].name
