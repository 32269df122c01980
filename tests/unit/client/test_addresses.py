"""Derived addresses, and what is refused as an address or a class."""

import json
from pathlib import Path

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client.errors import UsageError

KEYS = Path(__file__).parents[3] / "programs" / "keys"
WALLET = Pubkey.from_string("4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi")


@pytest.mark.parametrize("name", list(addresses.PROGRAMS))
def test_the_program_ids_are_those_of_the_keys_for_local_chains(name: str) -> None:
    key = Keypair.from_bytes(bytes(json.loads((KEYS / f"{name}.json").read_text())))
    assert addresses.PROGRAMS[name] == key.pubkey()


def test_a_token_account_is_the_associated_one_of_the_mint() -> None:
    seeds = [bytes(WALLET), bytes(addresses.SPL_TOKEN), bytes(addresses.mint())]
    expected = Pubkey.find_program_address(seeds, addresses.ATA_PROGRAM)[0]
    assert addresses.tokens(WALLET) == expected


def test_a_job_is_numbered_in_eight_bytes_little_endian() -> None:
    seeds = [b"job", bytes(WALLET), b"\x02\x01\0\0\0\0\0\0"]
    expected = Pubkey.find_program_address(seeds, addresses.JOBS)[0]
    assert addresses.job(WALLET, 258) == expected


def test_a_class_is_found_by_its_slug_padded_with_zeros() -> None:
    seeds = [b"class", b"h100-pcie" + bytes(7)]
    expected = Pubkey.find_program_address(seeds, addresses.STAKING)[0]
    assert addresses.class_address("h100-pcie") == expected


@pytest.mark.parametrize("slug", ["", "H100", "h100_pcie", "h 100", "x" * 17, "é", "---" * 9])
def test_what_is_not_a_slug_is_refused(slug: str) -> None:
    with pytest.raises(UsageError, match="a slug is at most 16 of a-z, 0-9 and -"):
        addresses.slug_bytes(slug)


@pytest.mark.parametrize("text", ["", "abc", "0" * 44, "l" * 44, "x" * 500, str(WALLET) * 2])
def test_what_is_not_an_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not an? address: one is 32 bytes in base58"):
        addresses.parse(text)


def test_an_address_may_have_space_around_it() -> None:
    assert addresses.parse(f" {WALLET}\n") == WALLET
