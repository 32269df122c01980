"""Files are whole, and what keeps one from being written is said."""

from pathlib import Path

import pytest

from iog_orchestrator.adapters.durable import DurableFiles


def test_files_are_there_at_the_end_of_the_block_and_nothing_beside_them(tmp_path: Path) -> None:
    with DurableFiles() as files:
        for one in range(9):
            files.write(tmp_path / f"{one}", bytes([one]) * 1000)
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found == {f"{one}": bytes([one]) * 1000 for one in range(9)}


@pytest.mark.parametrize("more", [0, 5])
def test_a_file_that_cannot_be_written_is_an_error_of_the_block(tmp_path: Path, more: int) -> None:
    def write() -> None:
        with DurableFiles() as files:
            files.write(tmp_path / "missing" / "file", b"1")
            for one in range(more):
                files.write(tmp_path / f"{one}", b"2")

    with pytest.raises(FileNotFoundError):
        write()


def test_an_error_in_the_block_is_the_one_that_is_raised(tmp_path: Path) -> None:
    def write() -> None:
        with DurableFiles() as files:
            files.write(tmp_path / "missing" / "file", b"1")
            raise KeyError("own")

    with pytest.raises(KeyError, match="own"):
        write()
