"""The embedded chain in process: what it carries out, what it refuses, and its clock."""

from __future__ import annotations

import pytest
from chain_samples import SOL, TOKEN, addresses_of, clock_time, pay, rich, signed, token_account
from solders.account import Account
from solders.compute_budget import set_compute_unit_price
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM
from solders.transaction import VersionedTransaction

from iog_client import loader
from iog_client.embedded import BLOCKHASH_LIFE, EmbeddedChain, execution
from iog_client.errors import Refused, TransactionFailed
from iog_client.statements import ed25519_instruction
from iog_client.testing import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(wall=1_700_000_000)


@pytest.fixture
def chain(clock: ManualClock) -> EmbeddedChain:
    return EmbeddedChain(clock=clock, programs={})


def failure(chain: EmbeddedChain, raw: bytes, *, preflight: bool = True) -> object:
    with pytest.raises(TransactionFailed) as caught:
        chain.send(raw, preflight=preflight)
    return caught.value.err


def test_a_transfer_moves_lamports_and_costs_its_fee(chain: EmbeddedChain) -> None:
    payer, to = rich(chain), Keypair().pubkey()
    chain.send(signed(chain, payer, pay(payer, to, 2 * SOL)))
    assert chain.balance(to) == 2 * SOL
    assert chain.balance(payer.pubkey()) == 8 * SOL - 5000


def test_a_record_says_what_a_transaction_did(chain: EmbeddedChain) -> None:
    payer, to = rich(chain), Keypair().pubkey()
    slot = chain.slot
    raw = signed(chain, payer, pay(payer, to, SOL))
    record = chain.record(chain.send(raw))
    assert record is not None
    assert (record.slot, record.time, record.error, record.raw) == (
        slot + 1,
        1_700_000_000,
        None,
        raw,
    )
    assert record.meta["units"] == 150
    assert record.meta["before"] == [10 * SOL, 0, 1]
    assert record.meta["after"] == [9 * SOL - 5000, SOL, 1]
    assert chain.slot == slot + 1


def test_the_same_transaction_is_processed_once(chain: EmbeddedChain) -> None:
    payer, to = rich(chain), Keypair().pubkey()
    raw = signed(chain, payer, pay(payer, to, SOL))
    chain.send(raw)
    assert failure(chain, raw) == "AlreadyProcessed"
    assert failure(chain, raw, preflight=False) == "AlreadyProcessed"
    assert chain.balance(to) == SOL


def test_equal_instructions_sent_twice_are_two_transactions(chain: EmbeddedChain) -> None:
    payer, to = rich(chain), Keypair().pubkey()
    for _ in range(2):
        chain.send(signed(chain, payer, pay(payer, to, SOL)))
    assert chain.balance(to) == 2 * SOL


def test_an_unknown_blockhash_is_refused(chain: EmbeddedChain) -> None:
    payer = rich(chain)
    raw = signed(chain, payer, pay(payer, payer.pubkey(), 1), blockhash=Hash.new_unique())
    assert failure(chain, raw) == "BlockhashNotFound"


def test_a_blockhash_is_accepted_for_sixty_seconds(
    chain: EmbeddedChain, clock: ManualClock
) -> None:
    payer, to = rich(chain), Keypair().pubkey()
    blockhash, last = chain.latest_blockhash()
    clock.advance(60)
    assert (chain.block_height, last) == (BLOCKHASH_LIFE, BLOCKHASH_LIFE)
    chain.send(signed(chain, payer, pay(payer, to, SOL), blockhash=blockhash))
    clock.advance(0.5)
    late = signed(chain, payer, pay(payer, to, 2 * SOL), blockhash=blockhash)
    assert failure(chain, late) == "BlockhashNotFound"
    assert not chain.blockhash_valid(blockhash)


def test_a_warp_moves_the_clock_and_expires_no_blockhash(chain: EmbeddedChain) -> None:
    blockhash, _ = chain.latest_blockhash()
    assert chain.warp(3600) == 1_700_003_600
    assert chain.unix_time() == clock_time(chain) == 1_700_003_600
    assert chain.blockhash_valid(blockhash)


def test_time_never_goes_back(chain: EmbeddedChain) -> None:
    with pytest.raises(ValueError, match="only moves forward"):
        chain.warp(-1)


def test_real_time_moves_the_clock(chain: EmbeddedChain, clock: ManualClock) -> None:
    clock.advance(41.9)
    assert clock_time(chain) == 1_700_000_041


def test_more_lamports_than_held_are_refused_with_the_programs_logs(chain: EmbeddedChain) -> None:
    payer = rich(chain, SOL)
    raw = signed(chain, payer, pay(payer, Keypair().pubkey(), 2 * SOL))
    with pytest.raises(TransactionFailed) as caught:
        chain.send(raw)
    assert caught.value.err == {"InstructionError": [0, {"Custom": 1}]}
    assert caught.value.logs[-1].endswith("failed: custom program error: 0x1")
    assert chain.balance(payer.pubkey()) == SOL
    assert chain.record(VersionedTransaction.from_bytes(raw).signatures[0]) is None


def test_without_preflight_a_failed_transaction_is_recorded_and_costs_its_fee(
    chain: EmbeddedChain,
) -> None:
    payer = rich(chain, SOL)
    raw = signed(chain, payer, pay(payer, Keypair().pubkey(), 2 * SOL))
    record = chain.record(chain.send(raw, preflight=False))
    assert record is not None
    assert record.error == {"InstructionError": [0, {"Custom": 1}]}
    assert chain.balance(payer.pubkey()) == SOL - 5000


def test_a_payer_without_sol_is_refused(chain: EmbeddedChain) -> None:
    payer = Keypair()
    raw = signed(chain, payer, pay(payer, Keypair().pubkey(), 1))
    assert failure(chain, raw, preflight=False) == "AccountNotFound"


def test_a_wrong_signature_is_refused(chain: EmbeddedChain) -> None:
    payer = rich(chain)
    raw = bytearray(signed(chain, payer, pay(payer, Keypair().pubkey(), SOL)))
    raw[5] ^= 1
    assert failure(chain, bytes(raw), preflight=False) == "SignatureFailure"


def test_an_account_left_below_its_rent_is_refused(chain: EmbeddedChain) -> None:
    payer = rich(chain)
    raw = signed(chain, payer, pay(payer, Keypair().pubkey(), 890_879))
    assert failure(chain, raw) == {"InsufficientFundsForRent": {"account_index": 1}}
    chain.send(signed(chain, payer, pay(payer, Keypair().pubkey(), 890_880)))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "failed to deserialize"),
        (b"\1" * 200, "failed to deserialize"),
        (bytes(1233), "1233 bytes; at most 1232"),
    ],
)
def test_bytes_that_are_no_transaction_are_refused(
    chain: EmbeddedChain, raw: bytes, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        chain.send(raw)


def test_bytes_after_a_transaction_are_refused(chain: EmbeddedChain) -> None:
    payer = rich(chain)
    with pytest.raises(ValueError, match="left over"):
        chain.send(signed(chain, payer, pay(payer, Keypair().pubkey(), SOL)) + b"\0")


def test_the_fee_is_what_the_svm_takes(chain: EmbeddedChain) -> None:
    payer, other = rich(chain), Keypair()
    both = [AccountMeta(key.pubkey(), True, True) for key in (payer, other)]
    nothing = Instruction(SYSTEM, b"\2\0\0\0" + bytes(8), both)
    proof = ed25519_instruction(
        b"said", [(other.pubkey(), other.sign_message(b"said")) for _ in range(2)]
    )
    message = Message.new_with_blockhash(
        [set_compute_unit_price(7_000), proof, nothing], payer.pubkey(), chain.latest_blockhash()[0]
    )
    chain.send(bytes(VersionedTransaction(message, [payer, other])))
    assert chain.balance(payer.pubkey()) == 10 * SOL - 20_000
    assert chain.fee(message) == execution.fee(message) == 20_000


def test_simulation_changes_nothing(chain: EmbeddedChain) -> None:
    payer, to = rich(chain), Keypair().pubkey()
    outcome = chain.simulate(signed(chain, payer, pay(payer, to, SOL)))
    assert (outcome.error, outcome.units) == (None, 150)
    assert dict(outcome.accounts)[to].lamports == SOL
    assert chain.balance(to) == 0


def test_simulation_needs_no_signature_unless_asked(chain: EmbeddedChain) -> None:
    payer = rich(chain)
    raw = bytearray(signed(chain, payer, pay(payer, Keypair().pubkey(), SOL)))
    raw[1:65] = bytes(64)
    assert chain.simulate(bytes(raw)).error is None
    assert chain.simulate(bytes(raw), verify=True).error == "SignatureFailure"
    # and sending still checks
    assert failure(chain, bytes(raw)) == "SignatureFailure"


def test_program_accounts_are_found_by_size_and_bytes(chain: EmbeddedChain) -> None:
    mint, owner = Keypair().pubkey(), Keypair().pubkey()
    one, two, other = (Keypair().pubkey() for _ in range(3))
    chain.set_account(one, token_account(mint, owner, 5))
    chain.set_account(two, token_account(mint, Keypair().pubkey(), 5))
    chain.set_account(other, Account(SOL, bytes(10), TOKEN))
    search = chain.program_accounts
    assert addresses_of(search(TOKEN, None, [])) == {one, two, other}
    assert addresses_of(search(TOKEN, 165, [])) == {one, two}
    assert addresses_of(search(TOKEN, 165, [(0, bytes(mint)), (32, bytes(owner))])) == {one}
    assert addresses_of(search(TOKEN, None, [(9, bytes(2))])) == set()
    assert search(SYSTEM, None, []) == []


def test_an_account_that_changes_its_owner_or_goes_is_found_there_no_more(
    chain: EmbeddedChain,
) -> None:
    address, owner = Keypair().pubkey(), Keypair().pubkey()
    chain.set_account(address, Account(SOL, b"1", TOKEN))
    chain.set_account(address, Account(SOL, b"1", owner))
    assert chain.program_accounts(TOKEN, None, []) == []
    assert addresses_of(chain.program_accounts(owner, None, [])) == {address}
    chain.set_account(address, Account(0, b"", owner))
    assert chain.program_accounts(owner, None, []) == []
    assert chain.account(address) is None


def test_transactions_of_an_address_come_newest_first(chain: EmbeddedChain) -> None:
    payer, to = rich(chain), Keypair().pubkey()
    sent = [chain.send(signed(chain, payer, pay(payer, to, SOL + i))) for i in range(4)]

    def found(**limits: object) -> list[object]:
        return [one.signature for one in chain.records_of(to, **limits)]  # type: ignore[arg-type]

    assert found() == sent[::-1]
    assert found(limit=2) == [sent[3], sent[2]]
    assert found(before=sent[2]) == [sent[1], sent[0]]
    assert found(until=sent[1]) == [sent[3], sent[2]]
    with pytest.raises(Refused, match="not found"):
        found(before=VersionedTransaction.from_bytes(bytes(signed(chain, payer))).signatures[0])


def test_an_added_program_is_upgradeable_by_nobody(chain: EmbeddedChain) -> None:
    program = Keypair().pubkey()
    token = chain.account(TOKEN)
    assert token is not None
    chain.add_program(program, token.data)
    account = chain.account(program)
    assert account is not None
    assert (account.owner, account.executable) == (loader.LOADER, True)
    assert account.data == loader.program_account(program)
    data = chain.account(loader.program_data_address(program))
    assert data is not None
    assert loader.read_program_data(data.data) == loader.ProgramData(0, None, token.data)


def test_an_added_program_runs(chain: EmbeddedChain) -> None:
    program, payer, mint = Keypair().pubkey(), rich(chain), Keypair().pubkey()
    token = chain.account(TOKEN)
    assert token is not None
    chain.add_program(program, token.data)
    chain.set_account(mint, Account(SOL, bytes(82), program))
    initialize = bytes([20, 6]) + bytes(payer.pubkey()) + b"\0"
    chain.send(
        signed(chain, payer, Instruction(program, initialize, [AccountMeta(mint, False, True)]))
    )
    made = chain.account(mint)
    assert made is not None
    assert (made.data[44], made.data[45]) == (6, 1)


def test_code_that_is_no_program_is_refused(chain: EmbeddedChain) -> None:
    program = Keypair().pubkey()
    with pytest.raises(Refused, match=f"program {program} cannot be loaded"):
        chain.add_program(program, b"\x7fELF" + bytes(100))
    assert chain.account(program) is None


def test_each_chain_has_a_genesis_hash_of_its_own() -> None:
    hashes = {EmbeddedChain(clock=ManualClock(), programs={}).genesis_hash for _ in range(2)}
    assert len(hashes) == 2


def test_the_faucet_gives_to_many(chain: EmbeddedChain) -> None:
    keys = [Pubkey.new_unique() for _ in range(3)]
    for key in keys:
        chain.airdrop(key, SOL)
    assert [chain.balance(key) for key in keys] == [SOL] * 3
