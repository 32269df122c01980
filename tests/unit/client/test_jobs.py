"""Jobs are opened with their whole cost in escrow, and come back in full when nothing was done."""

import pytest
from job_samples import FUNDED, opened, running, terms
from network_samples import TestNetwork
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, jobs, tokens
from iog_client.amounts import IO
from iog_client.cli import job_text
from iog_client.errors import NotAllowed, NotFound, ProgramError, Refused
from iog_client.jobs import STATES, Terms
from iog_client.jobspec import JobSpec, Resources


@pytest.mark.parametrize(
    ("gross", "fee"), [(0, 0), (1, 1), (400, 1), (401, 2), (2**64 - 1, 46_116_860_184_273_880)]
)
def test_a_fee_is_a_quarter_percent_rounded_up(gross: int, fee: int) -> None:
    assert jobs.fee_of(gross, 25) == fee


def test_a_quote_is_what_the_escrow_takes() -> None:
    quote = jobs.quote(1000, 2, 600, 25)
    assert (quote.gross, quote.fee, quote.funded) == (1_200_000, 3000, FUNDED)


def test_a_quote_beyond_64_bits_is_refused() -> None:
    with pytest.raises(Refused, match="more than any wallet can hold"):
        jobs.quote(2**62, 1024, 600, 25)


async def test_a_job_takes_its_most_possible_cost_into_escrow(net: TestNetwork) -> None:
    client, address = await opened(net)
    view = jobs.view(await jobs.get(net.rpc, address), address, "x")
    assert (view.state, view.number, view.reason, view.funded) == ("open", 0, "none", FUNDED)
    assert (view.max_price, view.gpus, view.max_seconds) == (1000, 2, 600)
    shown = job_text.plain(view)
    assert (shown["name"], shown["max_runs"]) == ("x", 1)
    # what only the orchestrator knows
    assert not {"log_bytes", "created_at", "outputs", "waiting"} & shown.keys()
    assert await tokens.balance(net.rpc, client.pubkey()) == IO - FUNDED
    assert await jobs.next_number(net.rpc, client.pubkey()) == 1


async def test_a_second_matcher_is_added_in_the_same_transaction(net: TestNetwork) -> None:
    client, _ = await opened(net)
    other = Keypair().pubkey()
    await jobs.open_job(net.sender(client), client, 1, terms(other, gpu_class=None))
    await jobs.open_job(net.sender(client), client, 2, terms(net.matcher.pubkey()))
    found = await jobs.search(net.rpc, client.pubkey())
    assert [job.number for _, job in found] == [2, 1, 0]
    assert [job.class_ == jobs.NONE for _, job in found] == [False, True, False]


async def test_a_cancelled_open_job_gives_all_of_its_escrow_back(net: TestNetwork) -> None:
    client, address = await opened(net)
    await jobs.cancel(net.sender(client), client, address)
    view = jobs.view(await jobs.get(net.rpc, address), address)
    assert (view.state, view.reason, view.fault) == ("settled", "cancelled", "client")
    assert (view.refunded, view.node_paid, view.fees) == (FUNDED, 0, 0)
    assert await tokens.balance(net.rpc, client.pubkey()) == IO


async def test_a_job_cancelled_while_it_runs_is_the_matchers_to_settle_at_first(
    net: TestNetwork,
) -> None:
    client, _, address = await running(net)
    stranger = await net.wallet()
    await jobs.cancel(net.sender(client), client, address)
    view = jobs.view(await jobs.get(net.rpc, address), address)
    # ten minutes of an hour of 60 s, and never under 20 s
    assert (view.state, view.deadline) == ("cancelled", (view.ended_at or 0) + 20)
    assert await tokens.balance(net.rpc, client.pubkey()) == IO - FUNDED
    net.warp(19)
    only = f"for another 1 s only the matcher {net.matcher.pubkey()} may settle the job"
    with pytest.raises(NotAllowed, match=only):
        await jobs.cancel(net.sender(client), client, address)
    with pytest.raises(NotAllowed, match=only):
        await jobs.settle(net.sender(stranger), address)
    net.warp(1)
    await jobs.cancel(net.sender(client), client, address)
    assert STATES[(await jobs.get(net.rpc, address)).state] == "settled"
    assert await tokens.balance(net.rpc, client.pubkey()) == IO


async def test_the_matcher_settles_a_cancelled_run_at_once(net: TestNetwork) -> None:
    client, _, address = await running(net)
    await jobs.cancel(net.sender(client), client, address)
    await jobs.settle(net.sender(net.matcher), address)
    assert await tokens.balance(net.rpc, client.pubkey()) == IO


async def test_a_token_account_that_was_given_away_is_paid_into_all_the_same(
    net: TestNetwork,
) -> None:
    client, address = await opened(net)
    account, other = addresses.tokens(client.pubkey()), Keypair().pubkey()
    metas = [
        AccountMeta(account, is_signer=False, is_writable=True),
        AccountMeta(client.pubkey(), is_signer=True, is_writable=False),
    ]
    given = Instruction(addresses.SPL_TOKEN, b"\6\2\1" + bytes(other), metas)
    await net.sender(client).send([given])
    assert await tokens.create_missing(net.rpc, other, [client.pubkey()]) == []
    assert len(await tokens.create_missing(net.rpc, other, [other, client.pubkey()])) == 1
    await jobs.cancel(net.sender(client), client, address)
    assert await tokens.balance(net.rpc, client.pubkey()) == IO


async def test_a_job_that_nobody_placed_expires_by_anyones_hand(net: TestNetwork) -> None:
    client, address = await opened(net)
    stranger = await net.wallet()
    with pytest.raises(Refused, match="the job can expire in 80 s"):
        await jobs.expire(net.sender(stranger), address)
    net.warp(80)
    await jobs.expire(net.sender(stranger), address)
    view = jobs.view(await jobs.get(net.rpc, address), address)
    assert (view.state, view.reason, view.fault) == ("settled", "not_placed", "network")
    assert await tokens.balance(net.rpc, client.pubkey()) == IO


async def test_only_the_client_cancels_and_only_once(net: TestNetwork) -> None:
    client, address = await opened(net)
    stranger = await net.wallet()
    with pytest.raises(NotAllowed, match=f"belongs to {client.pubkey()}, the wallet is"):
        await jobs.cancel(net.sender(stranger), stranger, address)
    with pytest.raises(Refused, match="the job is open and cannot be settled"):
        await jobs.settle(net.sender(stranger), address)
    await jobs.cancel(net.sender(client), client, address)
    with pytest.raises(Refused, match="the job is settled and cannot be cancelled"):
        await jobs.cancel(net.sender(client), client, address)
    with pytest.raises(Refused, match="the job is settled and cannot expire"):
        await jobs.expire(net.sender(client), address)
    with pytest.raises(NotFound, match="there is no job"):
        await jobs.cancel(net.sender(client), client, client.pubkey())


async def test_too_little_io_is_refused_before_anything_is_sent(net: TestNetwork) -> None:
    client = await net.wallet(FUNDED - 1)
    with pytest.raises(Refused, match=r"holds 0.01202999 IO, the job's escrow takes 0.01203 IO"):
        await jobs.open_job(net.sender(client), client, 0, terms(net.matcher.pubkey()))
    assert await jobs.next_number(net.rpc, client.pubkey()) == 0


async def test_a_number_that_is_not_the_next_opens_nothing(net: TestNetwork) -> None:
    client, _ = await opened(net)
    with pytest.raises(ProgramError):
        await jobs.open_job(net.sender(client), client, 0, terms(net.matcher.pubkey()))
    assert await tokens.balance(net.rpc, client.pubkey()) == IO - FUNDED


@pytest.mark.parametrize(
    ("retries", "duration", "hour", "seconds"),
    [
        (0, 3_600, 3_600, 600),
        (1, 3_600, 3_600, 600 + 3_600 + 600),
        (2, 60, 60, 600 + 2 * (60 + 20)),
        (10, 2_592_000, 3_600, 2_592_000),
    ],
)
def test_a_job_that_may_be_retried_may_be_placed_for_longer(
    retries: int, duration: int, hour: int, seconds: int
) -> None:
    spec = JobSpec(
        name="job",
        command=["true"],
        env={},
        inputs=[],
        outputs=[],
        resources=Resources(gpus=1),
        duration_seconds=duration,
        price=1,
        retries=retries,
    )
    assert jobs.placing_time(spec, hour) == seconds
    opened = Terms.of(spec, Pubkey.default(), window=0, wait=seconds)
    assert (opened.wait, opened.runs) == (seconds, 1 + retries)
