"""Sending: once, whatever the node answers; signing in parts; exact refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from iog_client import errors, transactions
from iog_client.addresses import SYSTEM
from iog_client.embedded.chain import EmbeddedChain
from iog_client.rpc import Account, Outcome, Status
from iog_client.testing import EmbeddedRpc, ManualClock
from iog_client.transactions import Sender, assemble, compile_message, sign_message

PAYER = Keypair()
DONE = Status(7, None, "confirmed")


def pay(to: Pubkey | None = None, lamports: int = 1) -> Instruction:
    receiver = to or Keypair().pubkey()
    return transfer(
        TransferParams(from_pubkey=PAYER.pubkey(), to_pubkey=receiver, lamports=lamports)
    )


def signature_of(raw: bytes) -> Signature:
    return VersionedTransaction.from_bytes(raw).signatures[0]


class Node:
    """A node that answers as told: each poll takes the next answer, the last one stays."""

    def __init__(self, *answers: Status | Exception | None) -> None:
        self.answers = list(answers)
        self.sent: list[bytes] = []
        self.preflights: list[bool] = []
        self.refusal: Exception | None = None
        self.height = 0
        self.blockhashes = 0
        self.grow: Callable[[], None] = lambda: None
        self.logs: tuple[str, ...] = ()
        self.held: int | None = None

    async def latest_blockhash(self) -> tuple[Hash, int]:
        self.blockhashes += 1
        return Hash(bytes([self.blockhashes]) * 32), self.height + 150

    async def block_height(self) -> int:
        return self.height

    async def send(self, transaction: bytes, *, preflight: bool = True) -> Signature:
        self.sent.append(transaction)
        self.preflights.append(preflight)
        if self.refusal is not None:
            raise self.refusal
        return signature_of(transaction)

    async def statuses(self, signatures: Sequence[Signature]) -> list[Status | None]:
        self.grow()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return [answer]

    async def transaction(self, signature: Signature) -> Outcome | None:
        return Outcome(7, None, self.logs, 0)

    async def accounts(self, addresses: Sequence[Pubkey]) -> list[Account | None]:
        if self.held is None:
            raise errors.Unreachable("http://x", "gone")
        return [Account(self.held, b"", SYSTEM), None][: len(addresses)]


def sender(node: Node) -> tuple[Sender, list[float]]:
    naps: list[float] = []

    async def sleep(seconds: float) -> None:
        naps.append(seconds)

    return Sender(node, PAYER, sleep=sleep), naps  # type: ignore[arg-type]


async def test_a_transaction_found_at_once_costs_no_wait() -> None:
    node = Node(DONE)
    subject, naps = sender(node)
    sent = await subject.send([pay()])
    assert sent.slot == 7
    assert naps == []
    assert len(node.sent) == 1


async def test_polling_starts_at_fifty_milliseconds_and_backs_off() -> None:
    subject, naps = sender(Node(None, None, Status(1, None, "processed"), DONE))
    await subject.send([pay()])
    assert naps == pytest.approx([0.05, 0.075, 0.1125])


async def test_the_same_bytes_are_sent_again_without_preflight_until_seen() -> None:
    node = Node(*[None] * 12, DONE)
    subject, _ = sender(node)
    await subject.send([pay()])
    assert len(node.sent) > 1
    assert len(set(node.sent)) == 1
    assert node.preflights == [True, *[False] * (len(node.sent) - 1)]


async def test_a_new_blockhash_is_taken_only_once_the_old_one_has_run_out() -> None:
    node = Node(*[None] * 20, DONE)

    def grow() -> None:
        node.height += 30

    node.grow = grow
    subject, _ = sender(node)
    await subject.send([pay()])
    different = list(dict.fromkeys(node.sent))
    assert len(different) == node.blockhashes == 2


async def test_a_status_that_lags_behind_the_height_is_asked_for_again() -> None:
    node = Node(*[None] * 40, DONE)
    node.grow = lambda: setattr(node, "height", 150 + transactions.MARGIN)
    subject, _ = sender(node)
    await subject.send([pay()])
    assert node.blockhashes == 1


async def test_absences_count_only_in_a_row() -> None:
    seen = Status(1, None, "processed")
    node = Node(*[None, None, seen] * 12, DONE)
    node.grow = lambda: setattr(node, "height", 1000)
    subject, _ = sender(node)
    await subject.send([pay()])
    assert node.blockhashes == 1


async def test_a_transaction_seen_but_not_confirmed_is_not_signed_anew_after_its_last_block() -> (
    None
):
    node = Node(*[Status(1, None, "processed")] * 15, DONE)
    node.height = 0
    node.grow = lambda: setattr(node, "height", 1000)
    subject, _ = sender(node)
    await subject.send([pay()])
    assert node.blockhashes == 1


async def test_one_that_keeps_running_out_is_given_up_as_expired() -> None:
    node = Node(None)
    node.grow = lambda: setattr(node, "height", node.height + 100)
    subject, _ = sender(node)
    with pytest.raises(errors.Expired):
        await subject.send([pay()])
    assert node.blockhashes == transactions.ATTEMPTS


async def test_a_node_that_goes_away_while_waiting_is_asked_again() -> None:
    node = Node(errors.Unreachable("http://x", "gone"), None, DONE)
    subject, _ = sender(node)
    assert (await subject.send([pay()])).slot == 7
    assert node.blockhashes == 1


async def test_a_node_that_stays_away_after_it_was_handed_one_may_have_carried_it_out() -> None:
    node = Node(errors.Unreachable("http://x", "gone"))
    subject, naps = sender(node)
    with pytest.raises(errors.OutcomeUnknown, match="it may still be carried out") as unknown:
        await subject.send([pay()])
    assert unknown.value.facts() == {"signature": str(signature_of(node.sent[0]))}
    assert sum(naps) <= transactions.PATIENCE + transactions.LAST_DELAY
    assert node.blockhashes == 1


async def test_no_outcome_at_all_times_out_saying_it_may_still_happen() -> None:
    subject, _ = sender(Node(None))
    with pytest.raises(errors.TimedOut, match="it may still be carried out"):
        await subject.send([pay()])


async def test_an_answer_lost_on_the_way_does_not_make_one_pay_twice() -> None:
    class Cut(EmbeddedRpc):
        async def send(self, transaction: bytes, *, preflight: bool = True) -> Signature:
            await super().send(transaction, preflight=preflight)
            raise errors.Unreachable("http://x", "no answer in time")

    chain = EmbeddedChain(clock=ManualClock(), programs={})
    chain.airdrop(PAYER.pubkey(), 10**10)
    to, rpc = Keypair().pubkey(), Cut(chain)
    sent = await Sender(rpc, PAYER).send([pay(to, 10**6)])
    assert (await rpc.statuses([sent.signature]))[0] is not None
    assert await rpc.balance(to) == 10**6


async def test_one_that_broke_off_and_is_not_there_is_sent_again_and_then_signed_anew() -> None:
    node = Node(*[None] * 20, DONE)
    node.refusal = errors.Unreachable("http://x", "no answer in time")
    node.grow = lambda: setattr(node, "height", node.height + 30)
    subject, _ = sender(node)
    await subject.send([pay()])
    assert len(set(node.sent)) == node.blockhashes == 2


async def test_a_node_that_was_never_connected_to_is_unreachable_at_once() -> None:
    node = Node(None)
    node.refusal = errors.Unreachable("http://x", "connection refused", asked=False)
    subject, naps = sender(node)
    with pytest.raises(errors.Unreachable):
        await subject.send([pay()])
    assert (len(node.sent), naps) == (1, [])


async def test_a_failure_is_told_even_when_its_logs_cannot_be_read() -> None:
    class Forgetful(Node):
        async def transaction(self, signature: Signature) -> Outcome | None:
            raise errors.Unreachable("http://x", "gone")

    subject, _ = sender(Forgetful(Status(7, {"InstructionError": [1, {"Custom": 1}]}, "confirmed")))
    with pytest.raises(errors.TransactionFailed):
        await subject.send([pay()])


async def test_delivering_the_same_transaction_again_finds_it_done() -> None:
    node = Node(DONE)
    subject, _ = sender(node)
    signed = await subject.sign([pay()])
    node.refusal = errors.TransactionFailed("AlreadyProcessed")
    assert (await subject.deliver(signed)).signature == signed.signature


def poor(*logs: str) -> tuple[Sender, Node]:
    """A sender of what fails on chain for want of SOL, and its node."""
    node = Node(Status(7, {"InstructionError": [1, {"Custom": 1}]}, "confirmed"))
    node.logs = (*logs, f"Program {SYSTEM} failed: custom program error: 0x1")
    return sender(node)[0], node


async def test_a_failure_found_later_is_explained_from_its_logs() -> None:
    subject, _ = poor()
    with pytest.raises(errors.InsufficientSol, match="too little SOL"):
        await subject.send([pay()])


async def test_too_little_sol_is_told_with_what_is_held_and_what_is_needed() -> None:
    chain = EmbeddedChain(clock=ManualClock(), programs={})
    chain.airdrop(PAYER.pubkey(), 2_000_000)
    with pytest.raises(errors.InsufficientSol) as poor:
        await Sender(EmbeddedRpc(chain), PAYER).send([pay(lamports=10**6), pay(lamports=10**9)])
    assert poor.value.message == (
        f"{PAYER.pubkey()} has too little SOL: it holds 0.002 SOL, at least 1.001005 SOL are "
        "needed: 0.000005 SOL are the fee, the rest is rent or sent"
    )
    assert poor.value.facts() == {
        "payer": str(PAYER.pubkey()),
        "held": "2000000",
        "needed": "1001005000",
    }


async def test_the_fee_that_a_failure_took_is_needed_again() -> None:
    subject, node = poor("Transfer: insufficient lamports 100, need 700")
    node.held = 100
    with pytest.raises(errors.InsufficientSol) as caught:
        await subject.send([pay()])
    assert (caught.value.held, caught.value.needed) == (100, 5700)


async def test_a_balance_that_cannot_be_read_leaves_the_failure_as_it_is() -> None:
    subject, _ = poor("Transfer: insufficient lamports 100, need 700")
    with pytest.raises(errors.InsufficientSol, match="has too little SOL for what") as caught:
        await subject.send([pay()])
    assert caught.value.facts() == {}


@pytest.mark.parametrize(
    ("held", "lamports", "line"),
    [
        (
            0,
            1,
            "{payer} has too little SOL: it holds 0 SOL, at least 0.00089588 SOL are needed "
            "for the fee and its own rent",
        ),
        (
            10**9,
            10**9 - 5001,
            "{payer} has too little SOL: it holds 1 SOL, 1.00089088 SOL are enough: what is left "
            "has to be nothing or at least 0.00089088 SOL",
        ),
        (
            10**9,
            1,
            "{receiver} would hold less SOL than an account keeps: at least 0.00089088 SOL, "
            "more where it has data",
        ),
    ],
)
async def test_an_account_without_its_rent_is_named(held: int, lamports: int, line: str) -> None:
    chain = EmbeddedChain(clock=ManualClock(), programs={})
    if held:
        chain.airdrop(PAYER.pubkey(), held)
    receiver = Keypair().pubkey()
    with pytest.raises(errors.TransactionFailed) as caught:
        await Sender(EmbeddedRpc(chain), PAYER).send([pay(receiver, lamports)])
    assert caught.value.message == line.format(payer=PAYER.pubkey(), receiver=receiver)


async def test_two_equal_payments_meant_twice_are_two_transactions() -> None:
    chain = EmbeddedChain(clock=ManualClock(), programs={})
    chain.airdrop(PAYER.pubkey(), 10**10)
    to = Keypair().pubkey()
    rpc = EmbeddedRpc(chain)
    subject = Sender(rpc, PAYER)
    first = await subject.send([pay(to, 10**6)])
    second = await subject.send([pay(to, 10**6)])
    assert first.signature != second.signature
    assert await rpc.balance(to) == 2 * 10**6


async def test_a_refusal_before_sending_is_explained_at_once() -> None:
    chain = EmbeddedChain(clock=ManualClock(), programs={})
    with pytest.raises(errors.InsufficientSol, match=f"{PAYER.pubkey()} has too little SOL"):
        await Sender(EmbeddedRpc(chain), PAYER).send([pay()])


def signing(*keys: Keypair) -> Instruction:
    metas = [AccountMeta(key.pubkey(), is_signer=True, is_writable=False) for key in keys]
    return Instruction(Pubkey(bytes([9]) * 32), b"x", metas)


def test_the_signers_are_listed_with_the_payer_first() -> None:
    device = Keypair()
    message = compile_message(PAYER.pubkey(), [signing(device)], Hash.default())
    assert transactions.required_signers(message) == [PAYER.pubkey(), device.pubkey()]


async def test_a_device_signs_apart_from_the_payer() -> None:
    device = Keypair()
    subject, _ = sender(Node(DONE))
    draft = await subject.draft([signing(device)])
    given = {device.pubkey(): sign_message(draft.message, device)}
    signed = subject.complete(draft, signatures=given)
    transaction = VersionedTransaction.from_bytes(signed.raw)
    assert transaction.verify_with_results() == [True, True]
    assert signed.signature == transaction.signatures[0]


async def test_a_missing_signature_is_refused_by_name() -> None:
    device = Keypair()
    subject, _ = sender(Node(DONE))
    draft = await subject.draft([signing(device)])
    with pytest.raises(errors.UsageError, match=f"the signature of {device.pubkey()} is missing"):
        subject.complete(draft)


def test_a_signature_over_something_else_is_refused() -> None:
    device = Keypair()
    message = compile_message(PAYER.pubkey(), [signing(device)], Hash.default())
    signatures = {
        PAYER.pubkey(): sign_message(message, PAYER),
        device.pubkey(): device.sign_message(b"something else"),
    }
    with pytest.raises(errors.UsageError, match="does not match the transaction"):
        assemble(message, signatures)


def test_a_key_that_is_not_asked_does_not_sign() -> None:
    message = compile_message(PAYER.pubkey(), [signing()], Hash.default())
    with pytest.raises(errors.UsageError, match="is not among the signers"):
        sign_message(message, Keypair())


def test_a_transaction_too_long_for_the_network_is_refused_with_its_length() -> None:
    long = Instruction(Pubkey(bytes([9]) * 32), bytes(1300), [])
    with pytest.raises(errors.Refused, match=r"would be \d+ bytes long; at most 1232 are sent"):
        compile_message(PAYER.pubkey(), [long], Hash.default())
