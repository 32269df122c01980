"""What the chain says about a failed transaction, as one exception with a reason."""

import re

import pytest
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated import PROGRAMS
from iog_client.errors import (
    InsufficientSol,
    InsufficientTokens,
    ProgramError,
    TransactionFailed,
)
from iog_client.failures import explain, failing_program
from iog_client.hints import HINTS
from scripts.check_docs import check_iog

PAYER = Pubkey(bytes([5]) * 32)


def instruction(program: Pubkey, name: str = "") -> Instruction:
    known = PROGRAMS.get(program)
    heads = {} if known is None else {named: head for head, named in known.instructions.items()}
    return Instruction(program, heads.get(name, b"") + b"rest", [])


def failed(*programs: Pubkey) -> tuple[str, ...]:
    return tuple(f"Program {one} failed: custom program error: 0x1" for one in programs)


def custom(code: int, *instructions: Instruction, logs: tuple[str, ...] = ()) -> TransactionFailed:
    at = len(instructions) - 1
    failure = TransactionFailed({"InstructionError": [at, {"Custom": code}]}, logs)
    return explain(failure, instructions, PAYER)


def test_a_programs_own_error_comes_with_its_name_and_message() -> None:
    error = custom(6005, instruction(addresses.TOKEN, "genesis_seal"))
    assert isinstance(error, ProgramError)
    assert error.facts() == {
        "program": "iog_token",
        "instruction": "genesis_seal",
        "code": 6005,
        "name": "GenesisAlreadySealed",
    }
    assert error.message == (
        "iog_token refused genesis_seal: the genesis is sealed (GenesisAlreadySealed)"
    )


@pytest.mark.parametrize("program", list(PROGRAMS.values()), ids=lambda one: one.name)
def test_every_error_of_every_program_is_found(program: object) -> None:
    for code, (name, _) in program.errors.items():  # type: ignore[attr-defined]
        error = custom(code, instruction(program.address))  # type: ignore[attr-defined]
        assert isinstance(error, ProgramError)
        assert (error.program, error.name) == (program.name, name)  # type: ignore[attr-defined]


def test_the_program_that_was_called_is_blamed_not_the_caller() -> None:
    logs = failed(addresses.STAKING, addresses.JOBS)
    error = custom(6000, instruction(addresses.JOBS, "job_start"), logs=logs)
    assert isinstance(error, ProgramError)
    assert error.program == "iog_staking"
    assert error.instruction == "job_start"
    assert error.name == PROGRAMS[addresses.STAKING].errors[6000][0]


def test_too_few_tokens_are_called_that_even_deep_inside() -> None:
    logs = failed(addresses.SPL_TOKEN, addresses.JOBS)
    error = custom(1, instruction(addresses.JOBS, "job_open"), logs=logs)
    assert isinstance(error, InsufficientTokens)


def test_too_few_lamports_are_called_that_even_deep_inside() -> None:
    logs = failed(addresses.SYSTEM, addresses.JOBS)
    error = custom(1, instruction(addresses.JOBS, "job_open"), logs=logs)
    assert isinstance(error, InsufficientSol)
    assert str(PAYER) in error.message


def test_an_account_that_exists_already_is_called_that() -> None:
    logs = failed(addresses.SYSTEM, addresses.STAKING)
    error = custom(0, instruction(addresses.STAKING, "node_register"), logs=logs)
    assert "the account to be created exists already" in error.message


def test_a_framework_code_has_a_message() -> None:
    error = custom(2012, instruction(addresses.TOKEN))
    assert "an account has another address than the one required" in error.message
    assert "(ConstraintAddress)" in error.message


def test_a_wrong_signature_before_the_precompile_is_called_that() -> None:
    error = custom(2, instruction(addresses.ED25519))
    assert "a signature does not match its key and message" in error.message


def test_an_unknown_code_is_at_least_shown() -> None:
    assert "error 31337" in custom(31337, instruction(addresses.TOKEN)).message
    assert "error 5" in custom(5, instruction(Pubkey(bytes([7]) * 32))).message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("MissingRequiredSignature", "a signature is missing"),
        ("InvalidSeeds", "an account is not at the address derived for it"),
        ("NeverHeardOf", "it failed"),
    ],
)
def test_a_plain_program_error_has_a_message(name: str, message: str) -> None:
    failure = TransactionFailed({"InstructionError": [0, name]})
    error = explain(failure, [instruction(addresses.TOKEN, "genesis_seal")], PAYER)
    assert error.message == f"iog_token refused genesis_seal: {message} ({name})"
    assert isinstance(error, ProgramError)
    assert error.code is None


@pytest.mark.parametrize(
    "err",
    [
        "InsufficientFundsForFee",
        "AccountNotFound",
        {"InsufficientFundsForRent": {"account_index": 0}},
    ],
)
def test_a_payer_without_sol_is_named(err: object) -> None:
    error = explain(TransactionFailed(err), [], PAYER)
    assert isinstance(error, InsufficientSol)
    assert str(PAYER) in error.message


@pytest.mark.parametrize("err", ["SanitizeFailure", {"Odd": 1}, {}, None, 7])
def test_what_is_not_known_is_passed_on(err: object) -> None:
    failure = TransactionFailed(err)
    assert explain(failure, [], PAYER) is failure


def test_without_logs_no_program_is_blamed() -> None:
    assert failing_program(["Program log: failed: something"]) is None


def test_a_refusal_says_what_to_do_where_something_can_be_done() -> None:
    error = custom(6003, instruction(addresses.JOBS, "job_open"))
    assert isinstance(error, ProgramError)
    hint = "its authority ends that with `iog authority resume jobs`"
    assert error.message == f"iog_jobs refused job_open: opening of jobs is paused (Paused); {hint}"
    assert error.facts()["hint"] == error.hint == hint


@pytest.mark.parametrize(("program", "name"), list(HINTS))
def test_every_hint_is_of_an_error_that_a_program_has(program: str, name: str) -> None:
    [info] = [one for one in PROGRAMS.values() if one.name == program]
    assert name in {named for named, _ in info.errors.values()}


@pytest.mark.parametrize("hint", sorted(set(HINTS.values())))
def test_every_command_that_a_hint_names_exists(hint: str) -> None:
    for command in re.findall("`(iog [^`]+)`", hint):
        assert check_iog(command) is None, command
