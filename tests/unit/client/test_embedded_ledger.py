"""What the embedded chain keeps in its folder, and who may open it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from chain_samples import SOL, TOKEN, addresses_of, clock_time, pay, rich, signed
from solders.account import Account
from solders.keypair import Keypair

from iog_client.embedded import EmbeddedChain
from iog_client.embedded.folder import locked
from iog_client.errors import Refused, TransactionFailed
from iog_client.testing import ManualClock


def opened(folder: Path, clock: ManualClock | None = None) -> EmbeddedChain:
    return EmbeddedChain(folder, clock=clock or ManualClock(), programs={})


def test_a_reopened_chain_is_the_same_chain(tmp_path: Path) -> None:
    chain = opened(tmp_path)
    payer, to, data = rich(chain), Keypair().pubkey(), Keypair().pubkey()
    chain.set_account(data, Account(SOL, b"kept", TOKEN))
    signature = chain.send(signed(chain, payer, pay(payer, to, SOL)))
    before = (chain.genesis_hash, chain.slot, chain.balance(payer.pubkey()))
    chain.close()

    again = opened(tmp_path)
    assert (again.genesis_hash, again.slot, again.balance(payer.pubkey())) == before
    assert again.balance(to) == SOL
    kept = again.account(data)
    assert kept is not None
    assert kept.data == b"kept"
    assert addresses_of(again.program_accounts(TOKEN, None, [])) == {data}
    record = again.record(signature)
    assert record is not None
    assert record.error is None


def test_what_was_confirmed_is_there_without_an_orderly_end(tmp_path: Path) -> None:
    chain = opened(tmp_path)
    to = rich(chain).pubkey()
    # As after a kill: nothing is closed, the kernel only drops the lock.
    chain._release()
    assert opened(tmp_path).balance(to) == 10 * SOL


def test_a_transaction_signed_before_a_restart_is_accepted_after_it_once(tmp_path: Path) -> None:
    chain = opened(tmp_path)
    payer, to = rich(chain), Keypair().pubkey()
    done = signed(chain, payer, pay(payer, to, SOL))
    chain.send(done)
    ready = signed(chain, payer, pay(payer, to, 2 * SOL))
    chain.close()
    again = opened(tmp_path)
    again.send(ready)
    assert again.balance(to) == 3 * SOL
    with pytest.raises(TransactionFailed, match="AlreadyProcessed"):
        again.send(done)


def test_time_stands_still_while_the_chain_is_down(tmp_path: Path) -> None:
    clock = ManualClock(wall=1_700_000_000)
    chain = opened(tmp_path, clock)
    clock.advance(10)
    chain.warp(3600)
    chain.close()
    clock.advance(86_400)
    again = opened(tmp_path, clock)
    assert clock_time(again) == 1_700_003_610
    clock.advance(5)
    assert clock_time(again) == 1_700_003_615


def test_time_does_not_fall_behind_what_a_transaction_saw(tmp_path: Path) -> None:
    clock = ManualClock(wall=1_700_000_000)
    chain = opened(tmp_path, clock)
    clock.advance(100)
    chain.airdrop(Keypair().pubkey(), SOL)
    chain._release()
    assert opened(tmp_path, clock).unix_time() == 1_700_000_100


def test_closed_accounts_stay_closed(tmp_path: Path) -> None:
    chain = opened(tmp_path)
    payer, to = rich(chain, SOL), Keypair().pubkey()
    chain.send(signed(chain, payer, pay(payer, to, SOL - 5000)))
    chain.close()
    assert opened(tmp_path).account(payer.pubkey()) is None


def test_a_second_opening_is_refused_while_the_first_lasts(tmp_path: Path) -> None:
    chain = opened(tmp_path)
    assert locked(tmp_path)
    with pytest.raises(Refused, match="in use by another process"):
        opened(tmp_path)
    chain.close()
    assert not locked(tmp_path)
    opened(tmp_path)


def test_a_folder_written_by_another_version_is_refused(tmp_path: Path) -> None:
    opened(tmp_path).close()
    with sqlite3.connect(tmp_path / "chain.sqlite") as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    db.close()
    with pytest.raises(Refused, match="schema 99; this version reads 1"):
        opened(tmp_path)
    assert not locked(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="cannot hold a chain"):
        opened(tmp_path / "file")
