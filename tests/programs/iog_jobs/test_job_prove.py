import pytest
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_jobs.events import JobProved
from jobs_world import GRACE, STATES, Jobs
from registry_world import copy, refused, signed
from world import create_tokens, swap


@pytest.fixture
def running(jobs: Jobs) -> Jobs:
    """Running for 60 of its 100 seconds, nothing proven."""
    jobs.running()
    jobs.world.now += 60
    return jobs


def post(jobs: Jobs, message: bytes, *keys: Keypair, counter: int = 1, seconds: int = 1) -> None:
    jobs.world.send(signed(message, *keys), jobs.job_prove(counter, seconds))


@pytest.mark.parametrize("cosigner", ["matcher", "wallet"])
def test_device_and_matcher_or_client_prove_seconds(running: Jobs, cosigner: str) -> None:
    keys = (running.device, getattr(running, cosigner))
    message = signed(running.statement(5, 42), *keys)
    result = running.world.send(message, running.job_prove(5, 42))
    job = running.read()
    assert (job.state, job.counter, job.proven_seconds) == (STATES["running"], 5, 42)
    assert running.world.events(result) == [
        JobProved(job=running.job, run=1, counter=5, seconds=42)
    ]


def test_a_second_run_signs_its_own_number(jobs: Jobs) -> None:
    jobs.open().assign()
    jobs.world.now += 600
    jobs.assign().start()
    with refused("SignatureMessage"):
        post(jobs, jobs.statement(run=1), jobs.device, jobs.matcher)
    post(jobs, jobs.statement(run=2), jobs.device, jobs.matcher)
    assert jobs.read().proven_seconds == 1


# --- what the numbers may be ----------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, 61])
def test_from_nothing_to_a_second_beyond_the_elapsed_is_accepted(
    running: Jobs, seconds: int
) -> None:
    assert running.prove(1, seconds).read().proven_seconds == seconds


def test_more_than_a_second_beyond_the_elapsed_is_refused(running: Jobs) -> None:
    with refused("SecondsAhead"):
        running.prove(1, 62)


def test_the_maximum_of_the_job_is_the_limit(running: Jobs) -> None:
    running.world.now += 100
    with refused("SecondsAboveMaximum"):
        running.prove(1, 101)
    assert running.prove(1, 100).read().proven_seconds == 100


@pytest.mark.accident("statement replayed")
def test_a_statement_is_not_accepted_twice(running: Jobs) -> None:
    running.prove(3, 10)
    with refused("CounterOld"):
        running.prove(3, 10)
    with refused("CounterOld"):
        running.prove(2, 20)
    running.prove(2**64 - 1, 10)
    with refused("CounterOld"):
        running.prove(2**64 - 1, 11)


def test_a_counter_of_zero_is_refused(running: Jobs) -> None:
    with refused("CounterOld"):
        running.prove(0, 1)


def test_seconds_never_become_fewer(running: Jobs) -> None:
    running.prove(1, 10)
    with refused("SecondsFewer"):
        running.prove(2, 9)
    assert running.read().counter == 1


@pytest.mark.parametrize("state", [s for s in STATES if s != "running"])
def test_other_states_are_refused(jobs: Jobs, state: str) -> None:
    jobs.reach(state)
    job = jobs.read()
    # before a device is assigned the zero key cannot sign at all
    expected = "WrongState" if job.run else "SignatureMessage"
    with refused(expected):
        post(jobs, jobs.statement(2, 1), jobs.device, jobs.matcher, counter=2)


# --- after a cancel -------------------------------------------------------------------------------


@pytest.mark.parametrize("cosigner", ["matcher", "wallet"])
def test_what_a_cancelled_run_did_until_then_is_proven_within_ten_minutes(
    running: Jobs, cosigner: str
) -> None:
    running.cancel()
    running.world.now += GRACE - 1
    with refused("SecondsAhead"):
        running.prove(1, 62)
    message = running.statement(1, 61)
    post(running, message, running.device, getattr(running, cosigner), seconds=61)
    job = running.read()
    assert (job.state, job.counter, job.proven_seconds) == (STATES["cancelled"], 1, 61)
    with refused("CounterOld"):
        running.prove(1, 61)


def test_ten_minutes_after_a_cancel_nothing_is_proven_any_more(running: Jobs) -> None:
    running.cancel()
    running.world.now += GRACE
    with refused("DeadlinePassed"):
        running.prove(1, 60)


def test_a_cancelled_run_proves_at_most_the_job_s_maximum(jobs: Jobs) -> None:
    jobs.running()
    jobs.world.now += 200
    jobs.cancel()
    with refused("SecondsAboveMaximum"):
        jobs.prove(1, 101)
    assert jobs.prove(1, 100).read().proven_seconds == 100


def test_a_job_cancelled_before_its_start_proves_nothing(jobs: Jobs) -> None:
    jobs.open().assign().cancel(node=False)
    with refused("DeadlinePassed"):
        jobs.prove(1, 0)


# --- what was signed, and by whom -----------------------------------------------------------------


@pytest.mark.accident("statement replayed")
@pytest.mark.parametrize(
    "changes",
    [
        {"genesis_hash": Hash(bytes([1] * 32))},
        {"jobs_program": addresses.STAKING},
        {"device": addresses.mint()},
        {"job": addresses.job(addresses.mint(), 0)},
        {"run": 0},
        {"run": 2},
        {"counter": 2},
        {"seconds": 2},
    ],
    ids=str,
)
def test_a_statement_about_anything_else_is_refused(
    running: Jobs, changes: dict[str, object]
) -> None:
    said = {"counter": 1, "seconds": 1} | changes
    with refused("SignatureMessage"):
        post(running, running.statement(**said), running.device, running.matcher)


def test_an_hour_statement_is_refused(running: Jobs) -> None:
    message = bytearray(running.statement())
    message[112] = 1
    with refused("SignatureMessage"):
        post(running, bytes(message), running.device, running.matcher)


def test_the_device_alone_is_refused(running: Jobs) -> None:
    with refused("SignatureKey"):
        post(running, running.statement(), running.device)


def test_matcher_and_client_without_the_device_are_refused(running: Jobs) -> None:
    for keys in [(running.matcher,), (running.matcher, running.wallet)]:
        with refused("SignatureKey"):
            post(running, running.statement(), *keys)


def test_the_keys_in_the_other_order_are_refused(running: Jobs) -> None:
    with refused("SignatureKey"):
        post(running, running.statement(), running.matcher, running.device)


def test_a_third_party_s_signature_is_refused(running: Jobs) -> None:
    stranger = running.world.keypair()
    for keys in [
        (running.device, stranger),
        (stranger, running.matcher),
        (running.device, running.device),
        (running.device, running.registry.owner),
    ]:
        with refused("SignatureKey"):
            post(running, running.statement(), *keys)


def test_three_signatures_are_refused(running: Jobs) -> None:
    with refused("SignatureLayout"):
        post(running, running.statement(), running.device, running.matcher, running.wallet)


def test_a_wrong_signature_fails_the_transaction(running: Jobs) -> None:
    good = signed(running.statement(), running.device, running.matcher)
    for at in (2 + 28 + 32, 2 + 28 + 96 + 32):
        data = bytearray(good.data)
        data[at] ^= 1
        with refused("2"):  # the precompile's InvalidSignature
            running.world.send(Instruction(good.program_id, bytes(data), []), running.job_prove())


# --- where the signatures stand -------------------------------------------------------------------


def test_without_the_precompile_it_is_refused(running: Jobs) -> None:
    with refused("SignatureMissing"):
        running.world.send(running.job_prove())


def test_a_precompile_after_it_is_refused(running: Jobs) -> None:
    message = signed(running.statement(), running.device, running.matcher)
    with refused("SignatureMissing"):
        running.world.send(running.job_prove(), message)


def test_a_precompile_not_right_before_is_refused(running: Jobs) -> None:
    message = signed(running.statement(), running.device, running.matcher)
    between = create_tokens(running.world.payer.pubkey(), running.registry.payee)
    with refused("SignatureMissing"):
        running.world.send(message, between, running.job_prove())


def test_one_precompile_proves_one_statement(running: Jobs) -> None:
    message = signed(running.statement(), running.device, running.matcher)
    with refused("SignatureMissing"):
        running.world.send(message, running.job_prove(), running.job_prove(2, 2))


def test_another_program_s_instruction_with_the_same_data_is_refused(running: Jobs) -> None:
    good = signed(running.statement(), running.device, running.matcher)
    noop = Instruction(addresses.COMPUTE_BUDGET, b"\2" + (1_000_000).to_bytes(4, "little"), [])
    assert good.data != noop.data
    with refused("SignatureMissing"):
        running.world.send(noop, running.job_prove())


@pytest.mark.parametrize("at", [2 + 2, 2 + 6, 2 + 12, 16 + 2, 16 + 6, 16 + 12])
def test_an_index_that_points_to_another_instruction_is_refused(running: Jobs, at: int) -> None:
    """The precompile would check that instruction's bytes, the program read this one's."""
    good = signed(running.statement(), running.device, running.matcher)
    data = bytearray(good.data)
    data[at : at + 2] = bytes(2)
    pointing = Instruction(good.program_id, bytes(data), [])
    with refused("SignatureLayout"):
        running.world.send(good, pointing, running.job_prove())


def test_bytes_after_the_message_are_refused(running: Jobs) -> None:
    good = signed(running.statement(), running.device, running.matcher)
    with refused("SignatureMessage"):
        running.world.send(
            Instruction(good.program_id, bytes(good.data) + b"\0", []), running.job_prove()
        )


def test_foreign_accounts_are_refused(running: Jobs) -> None:
    world = running.world
    message = signed(running.statement(), running.device, running.matcher)
    config = addresses.jobs_config()
    wrong = [
        (running.job, copy(world, running.job, owner=addresses.STAKING), "IllegalOwner"),
        (running.job, copy(world, running.job), "SignatureMessage"),
        (config, copy(world, config, owner=addresses.STAKING), "IllegalOwner"),
        (addresses.INSTRUCTIONS_SYSVAR, copy(world, config), "InvalidArgument"),
    ]
    for right, other, name in wrong:
        with refused(name):
            world.send(message, swap(running.job_prove(), right, other))
