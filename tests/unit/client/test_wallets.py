"""Key files: private from their first byte, and every fault in one line that shows no key."""

import json
import os
from pathlib import Path

import pytest
from solders.keypair import Keypair

from iog_client import wallets
from iog_client.errors import IogError, NotAllowed, NotFound, Refused, UsageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "wallet.json"


def test_a_new_key_reads_back_and_is_private(path: Path) -> None:
    key = wallets.create(path)
    assert wallets.load(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0


def test_the_format_is_that_of_solanas_own_tools(path: Path) -> None:
    key = wallets.create(path)
    assert json.loads(path.read_text()) == list(bytes(key))


def test_an_existing_file_is_never_written_over(path: Path) -> None:
    key = wallets.create(path)
    with pytest.raises(Refused, match="exists already and is not written over"):
        wallets.create(path)
    assert wallets.load(path) == key


def test_load_or_create_makes_a_key_once(path: Path) -> None:
    assert wallets.load_or_create(path) == wallets.load_or_create(path)


def test_a_missing_file_is_not_found(path: Path) -> None:
    with pytest.raises(NotFound, match="does not exist; `iog wallet new` makes one"):
        wallets.load(path)


def test_a_folder_is_not_a_key(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError,
        match=r"is a folder; a file with a JSON array of 64 numbers 0 to 255 is expected$",
    ):
        wallets.load(tmp_path)


@pytest.mark.parametrize("text", ["", "not json", '"unclosed', "[" * 3000])
def test_what_is_not_json_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "w.json"
    file.write_text(text)
    with pytest.raises(
        UsageError, match=r"w.json is not JSON; a JSON array of 64 numbers 0 to 255 is expected$"
    ):
        wallets.load(file)


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        [1] * 63,
        [1] * 65,
        [1] * 63 + [256],
        [1] * 63 + [-1],
        [1] * 63 + [1.5],
        [1] * 63 + [True],
        [1] * 63 + ["1"],
        "text",
    ],
)
def test_what_is_not_64_numbers_is_refused(tmp_path: Path, content: object) -> None:
    file = tmp_path / "w.json"
    file.write_text(json.dumps(content))
    with pytest.raises(UsageError, match="is not a JSON array of 64 numbers 0 to 255"):
        wallets.load(file)


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "w.json"
    file.write_text("[" + "1," * 5000 + "1]")
    with pytest.raises(UsageError, match="is not a JSON array of 64 numbers"):
        wallets.load(file)


def test_64_numbers_whose_halves_do_not_match_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "w.json"
    file.write_text(json.dumps([*bytes(Keypair())[:32], *bytes(Keypair())[32:]]))
    with pytest.raises(UsageError, match="are not a key"):
        wallets.load(file)


def test_a_refusal_shows_nothing_of_the_key(tmp_path: Path) -> None:
    key = Keypair()
    file = tmp_path / "w.json"
    file.write_text(json.dumps(list(bytes(key))[:-1]))
    with pytest.raises(IogError) as refusal:
        wallets.load(file)
    assert str(list(bytes(key))[:4])[1:-1] not in refusal.value.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_not_allowed(path: Path) -> None:
    wallets.create(path)
    path.chmod(0)
    with pytest.raises(NotAllowed, match="is not readable by this user"):
        wallets.load(path)


def test_a_place_that_cannot_be_written_is_not_allowed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAllowed, match="cannot be written"):
        wallets.create(tmp_path / "file" / "wallet.json")


def test_the_message_says_which_key_it_was(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"^device key file "):
        wallets.load(tmp_path / "none", "device key")
