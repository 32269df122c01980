"""What a device signs: job_start, job_join, job_finish and job_release of its own run, alone."""

import json
from pathlib import Path

import pytest
from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer

from iog_client import addresses
from iog_client.reasons import EndReason
from iog_client.statements import Statement, ed25519_instruction
from iog_worker.consent import Consent, Finish, MessageRefused
from iog_worker.testing import (
    device_instruction,
    join_instruction,
    message_of,
    prove_instruction,
)

GENESIS = Hash(bytes([3] * 32))
DEVICE, ORCHESTRATOR = Keypair(), Keypair()
JOB = Keypair().pubkey()
GANG = Keypair().pubkey()
PROGRAMS = {"iog_jobs": addresses.JOBS, "iog_staking": addresses.STAKING}
RESULT = bytes(range(32))
END = Finish(run=2, result_hash=RESULT, reason=EndReason.COMPLETED, seconds=41)
IDL = Path(__file__).parents[3] / "idl" / "iog_jobs.json"


@pytest.fixture
def consent() -> Consent:
    return Consent(DEVICE.pubkey(), ORCHESTRATOR.pubkey(), GENESIS, PROGRAMS)


def start(job: Pubkey = JOB, device: Pubkey | None = None) -> Instruction:
    return device_instruction("job_start", b"", device or DEVICE.pubkey(), job)


def finish(
    job: Pubkey = JOB, reason: EndReason = EndReason.COMPLETED, result: bytes = RESULT
) -> Instruction:
    return device_instruction("job_finish", result + bytes([reason]), DEVICE.pubkey(), job)


def release(reason: EndReason = EndReason.NODE_FAILED, job: Pubkey = JOB) -> Instruction:
    return device_instruction("job_release", bytes([reason]), DEVICE.pubkey(), job)


def statement(
    *, run: int = 2, counter: int = 9, seconds: int = 41, job: Pubkey = JOB, genesis: Hash = GENESIS
) -> Statement:
    return Statement.for_job(genesis, addresses.JOBS, DEVICE.pubkey(), job, run, counter, seconds)


def proof(
    said: Statement, device: Keypair = DEVICE, other: Keypair = ORCHESTRATOR
) -> list[Instruction]:
    signatures = [
        (DEVICE.pubkey(), said.sign(device)),
        (other.pubkey(), said.sign(other)),
    ]
    return [
        ed25519_instruction(said.to_bytes(), signatures),
        prove_instruction(JOB, said.counter, said.seconds),
    ]


def message(*instructions: Instruction, payer: Pubkey | None = None) -> bytes:
    return message_of(payer or ORCHESTRATOR.pubkey(), list(instructions))


def test_the_start_of_its_own_job_is_signed(consent: Consent) -> None:
    consent.start(message(start()), JOB)


def test_joining_its_own_gang_is_signed(consent: Consent) -> None:
    consent.join(message(join_instruction(DEVICE.pubkey(), JOB, GANG)), JOB, GANG)


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (join_instruction(DEVICE.pubkey(), JOB, Keypair().pubkey()), "other accounts"),
        (join_instruction(DEVICE.pubkey(), Keypair().pubkey(), GANG), "other accounts"),
        (start(), "other accounts"),
        (release(), "other accounts"),
    ],
)
def test_nothing_but_joining_that_gang_is_signed_as_a_join(
    consent: Consent, found: Instruction, line: str
) -> None:
    with pytest.raises(MessageRefused, match=line):
        consent.join(message(found), JOB, GANG)


def test_a_join_with_a_transfer_beside_it_is_refused(consent: Consent) -> None:
    join = join_instruction(DEVICE.pubkey(), JOB, GANG)
    paid = transfer(TransferParams(from_pubkey=ORCHESTRATOR.pubkey(), to_pubkey=JOB, lamports=1))
    with pytest.raises(MessageRefused, match="2 instructions, 1 were expected"):
        consent.join(message(join, paid), JOB, GANG)


def test_a_join_is_not_signed_as_a_start(consent: Consent) -> None:
    with pytest.raises(MessageRefused, match="other accounts"):
        consent.start(message(join_instruction(DEVICE.pubkey(), JOB, GANG)), JOB)


def test_an_old_form_of_message_is_read_too(consent: Consent) -> None:
    plain = Message.new_with_blockhash([start()], ORCHESTRATOR.pubkey(), Hash.default())
    consent.start(bytes(plain), JOB)


def test_limit_and_price_of_computing_are_the_payers_business(consent: Consent) -> None:
    consent.start(message(set_compute_unit_limit(50_000), set_compute_unit_price(7), start()), JOB)


def test_the_end_with_its_last_statement_is_signed(consent: Consent) -> None:
    consent.finish(message(*proof(statement()), finish()), JOB, END)


def test_an_end_that_pays_nothing_may_come_without_a_statement(consent: Consent) -> None:
    for end in (
        Finish(2, RESULT, EndReason.NODE_FAILED, 41),
        Finish(2, RESULT, EndReason.COMPLETED, 0),
    ):
        consent.finish(message(finish(reason=end.reason)), JOB, end)


@pytest.mark.parametrize("reason", ["NODE_FAILED", "NODE_STOPPED", "PLATFORM_FAILED"])
def test_a_run_that_pays_nothing_is_given_up(consent: Consent, reason: str) -> None:
    consent.release(message(release(EndReason[reason])), JOB, EndReason[reason])


@pytest.mark.parametrize("reason", ["COMPLETED", "COMMAND_FAILED", "CANCELLED", "NODE_LOST"])
def test_a_run_that_ended_otherwise_is_not_given_up(consent: Consent, reason: str) -> None:
    with pytest.raises(MessageRefused, match="is not given up"):
        consent.release(message(release(EndReason[reason])), JOB, EndReason[reason])


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (release(EndReason.NODE_STOPPED), "other data"),
        (release(job=Pubkey.default()), "other accounts"),
        (finish(reason=EndReason.NODE_FAILED), "other data"),
    ],
)
def test_another_release_than_the_one_it_reported_is_refused(
    consent: Consent, made: Instruction, why: str
) -> None:
    with pytest.raises(MessageRefused, match=why):
        consent.release(message(made), JOB, EndReason.NODE_FAILED)


def test_the_accounts_and_codes_are_those_of_the_program() -> None:
    known = {one["name"]: one for one in json.loads(IDL.read_text())["instructions"]}
    for name, made in (
        ("job_start", start()),
        ("job_finish", finish()),
        ("job_release", release()),
        ("job_prove", prove_instruction(JOB, 1, 2)),
    ):
        assert made.data[:8] == bytes(known[name]["discriminator"])
        assert [(meta.is_signer, meta.is_writable) for meta in made.accounts] == [
            (account.get("signer", False), account.get("writable", False))
            for account in known[name]["accounts"]
        ]


@pytest.mark.parametrize(
    ("instructions", "why"),
    [
        ([start(Keypair().pubkey())], "other accounts"),
        ([start(), start()], "2 instructions, 1 were expected"),
        ([finish()], "other data"),
        ([], "the signers"),
        (
            [
                start(),
                transfer(TransferParams(from_pubkey=DEVICE.pubkey(), to_pubkey=JOB, lamports=1)),
            ],
            "change the device's own account",
        ),
        (
            [
                start(),
                transfer(
                    TransferParams(from_pubkey=ORCHESTRATOR.pubkey(), to_pubkey=JOB, lamports=1)
                ),
            ],
            "2 instructions",
        ),
        (
            [Instruction(Pubkey(bytes([9] * 32)), start().data, start().accounts)],
            "the message calls",
        ),
        ([Instruction(start().program_id, start().data + b"\0", start().accounts)], "other data"),
        (
            [
                Instruction(
                    start().program_id,
                    start().data,
                    [*start().accounts, AccountMeta(Keypair().pubkey(), False, True)],
                )
            ],
            "other accounts",
        ),
        (
            [
                Instruction(
                    start().program_id,
                    start().data,
                    [*start().accounts, AccountMeta(Keypair().pubkey(), True, False)],
                )
            ],
            "the signers",
        ),
    ],
)
def test_anything_else_than_the_start_is_refused(
    consent: Consent, instructions: list[Instruction], why: str
) -> None:
    with pytest.raises(MessageRefused, match=why):
        consent.start(message(*instructions), JOB)


def test_a_budget_instruction_of_another_kind_is_refused(consent: Consent) -> None:
    odd = Instruction(addresses.COMPUTE_BUDGET, b"\x01\0\0\0\0", [])
    with pytest.raises(MessageRefused, match="2 instructions"):
        consent.start(message(odd, start()), JOB)


def test_the_device_never_pays_the_fee(consent: Consent) -> None:
    with pytest.raises(MessageRefused, match="the signers"):
        consent.start(message(start(), payer=DEVICE.pubkey()), JOB)


def test_another_payer_than_the_orchestrator_is_refused(consent: Consent) -> None:
    with pytest.raises(MessageRefused, match="the signers"):
        consent.start(message(start(), payer=Keypair().pubkey()), JOB)


@pytest.mark.parametrize("data", [b"", b"\x80", b"not a message", bytes(200), b"\xff" * 64])
def test_bytes_that_are_no_message_are_refused(consent: Consent, data: bytes) -> None:
    with pytest.raises(MessageRefused):
        consent.start(data, JOB)


@pytest.mark.parametrize(
    ("instructions", "why"),
    [
        ([finish()], "does not post"),
        ([*proof(statement()), finish(reason=EndReason.COMMAND_FAILED)], "other data"),
        ([*proof(statement()), finish(result=bytes(32))], "other data"),
        ([*proof(statement()), finish(job=Keypair().pubkey())], "other accounts"),
        ([*proof(statement()), start()], "other data"),
        ([*proof(statement(seconds=40)), finish()], "another statement"),
        ([*proof(statement(run=1)), finish()], "another statement"),
        ([*proof(statement(job=Keypair().pubkey())), finish()], "another statement"),
        ([*proof(statement(genesis=Hash(bytes(32)))), finish()], "another statement"),
        ([*proof(statement(), device=Keypair()), finish()], "another statement"),
        ([*proof(statement(), other=Keypair()), finish()], "other data"),
        (
            [proof(statement())[0], prove_instruction(JOB, 9, 40), finish()],
            "other data",
        ),
        ([proof(statement())[0], finish()], "2 instructions"),
        ([finish(), *proof(statement())], "does not post"),
        ([*proof(statement()), finish(), finish()], "4 instructions"),
    ],
)
def test_anything_else_than_the_end_it_reported_is_refused(
    consent: Consent, instructions: list[Instruction], why: str
) -> None:
    with pytest.raises(MessageRefused, match=why):
        consent.finish(message(*instructions), JOB, END)
