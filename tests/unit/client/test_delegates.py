"""A delegate opens and extends jobs with a wallet's IO, within the limits that the wallet set."""

from dataclasses import replace

import pytest
from job_samples import FUNDED, terms
from network_samples import TestNetwork
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, delegates, job_changes, jobs, tokens
from iog_client._generated.iog_jobs.accounts import Delegate
from iog_client.amounts import HOUR, IO, U64_MAX
from iog_client.delegates import Allowance, Standing
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError

PER_JOB, PER_DAY = 2 * FUNDED, 3 * FUNDED


async def delegated(net: TestNetwork, allowed: int | None = None) -> tuple[Keypair, Keypair]:
    """A wallet with 1 IO and its delegate, who has none."""
    wallet, key = await net.wallet(IO), await net.wallet()
    await delegates.set_limits(
        net.sender(wallet),
        wallet,
        key.pubkey(),
        PER_JOB,
        PER_DAY,
        matcher=net.matcher.pubkey(),
        allowed=allowed,
    )
    return wallet, key


async def spend(net: TestNetwork, wallet: Keypair, key: Keypair, **changes: object) -> Pubkey:
    number = await jobs.next_number(net.rpc, wallet.pubkey())
    wanted = terms(net.matcher.pubkey(), **changes)
    await delegates.open_job(net.sender(key), key, wallet.pubkey(), number, wanted)
    return addresses.job(wallet.pubkey(), number)


async def standing(net: TestNetwork, wallet: Keypair, key: Keypair) -> Standing:
    record = await delegates.get(net.rpc, wallet.pubkey(), key.pubkey())
    return delegates.standing(record, await net.rpc.chain_time())


async def test_a_delegate_spends_the_wallets_io_and_its_own_sol(net: TestNetwork) -> None:
    wallet, key = await delegated(net)
    lamports = await net.rpc.balance(wallet.pubkey())
    address = await spend(net, wallet, key)
    job = await jobs.get(net.rpc, address)
    assert (job.client, job.payer, job.funded) == (wallet.pubkey(), key.pubkey(), FUNDED)
    assert await tokens.balance(net.rpc, wallet.pubkey()) == IO - FUNDED
    assert await net.rpc.balance(wallet.pubkey()) == lamports
    assert await delegates.allowance(net.rpc, wallet.pubkey()) == Allowance(30 * PER_DAY - FUNDED)
    assert await standing(net, wallet, key) == Standing(
        wallet.pubkey(), key.pubkey(), PER_JOB, PER_DAY, FUNDED, 2 * FUNDED
    )


async def test_what_comes_back_is_the_wallets_alone(net: TestNetwork) -> None:
    wallet, key = await delegated(net)
    address = await spend(net, wallet, key)
    with pytest.raises(NotAllowed, match=f"the job belongs to {wallet.pubkey()}"):
        await jobs.cancel(net.sender(key), key, address)
    await jobs.cancel(net.sender(wallet), wallet, address)
    assert await tokens.balance(net.rpc, wallet.pubkey()) == IO
    assert await tokens.balance(net.rpc, key.pubkey()) == 0


async def test_a_delegate_extends_within_its_limits(net: TestNetwork) -> None:
    wallet, key = await delegated(net)
    address = await spend(net, wallet, key)
    await job_changes.extend(net.sender(key), key, address, 600)
    assert (await jobs.get(net.rpc, address)).funded == 2 * FUNDED
    with pytest.raises(Refused, match=r"the delegate may put 0.02406 IO into one"):
        await job_changes.extend(net.sender(key), key, address, 1)


async def test_more_than_the_limit_of_a_job_or_a_day_is_refused(net: TestNetwork) -> None:
    wallet, key = await delegated(net)
    with pytest.raises(Refused, match=r"the job takes 0.03609 IO, and the delegate may put"):
        await spend(net, wallet, key, max_seconds=1_800)
    await spend(net, wallet, key, max_seconds=1_200)
    await spend(net, wallet, key)
    said = r"has spent 0.03609 IO of 0.03609 IO in 24 hours, .* enough is free .* \(in "
    with pytest.raises(Refused, match=said):
        await spend(net, wallet, key)
    net.warp(25 * HOUR)
    await spend(net, wallet, key)


async def test_the_wallet_has_to_hold_and_to_approve_it(net: TestNetwork) -> None:
    wallet, key = await delegated(net, allowed=FUNDED - 1)
    with pytest.raises(Refused, match=r"has approved 0.01202999 IO for its delegates"):
        await spend(net, wallet, key)
    other = await net.wallet()
    await tokens.send_io(net.sender(wallet), wallet, other.pubkey(), IO)
    await delegates.set_limits(net.sender(wallet), wallet, key.pubkey(), PER_JOB, PER_DAY)
    with pytest.raises(Refused, match="holds 0 IO, the job's escrow takes"):
        await spend(net, wallet, key)


async def test_another_matcher_is_the_wallets_to_allow(net: TestNetwork) -> None:
    wallet, key = await delegated(net)
    other = Keypair().pubkey()
    with pytest.raises(Refused, match=f"does not let {other} place its jobs"):
        await delegates.open_job(net.sender(key), key, wallet.pubkey(), 0, terms(other))


async def test_a_stranger_spends_nothing(net: TestNetwork) -> None:
    wallet, _ = await delegated(net)
    stranger = await net.wallet()
    with pytest.raises(NotAllowed, match=f"{stranger.pubkey()} is no delegate of"):
        await spend(net, wallet, stranger)


async def test_new_limits_count_what_was_spent(net: TestNetwork) -> None:
    wallet, key = await delegated(net)
    await spend(net, wallet, key)
    await delegates.set_limits(net.sender(wallet), wallet, key.pubkey(), FUNDED, FUNDED)
    assert (await standing(net, wallet, key)).left == 0


async def test_the_approval_covers_all_delegates_and_ends_with_the_last(net: TestNetwork) -> None:
    wallet, first = await delegated(net)
    second, sender = Keypair().pubkey(), net.sender(wallet)
    await delegates.set_limits(sender, wallet, second, 1, 100)
    assert await delegates.allowance(net.rpc, wallet.pubkey()) == Allowance(30 * (PER_DAY + 100))
    found = await delegates.search(net.rpc, wallet.pubkey())
    assert {one.key for one in found} == {first.pubkey(), second}
    assert [one.wallet for one in await delegates.search(net.rpc, key=second)] == [wallet.pubkey()]
    await delegates.close(sender, wallet, first.pubkey())
    assert (await delegates.allowance(net.rpc, wallet.pubkey())).amount > 0
    with pytest.raises(NotAllowed):
        await spend(net, wallet, first)
    await delegates.close(sender, wallet, second)
    assert await delegates.allowance(net.rpc, wallet.pubkey()) == Allowance(0)
    with pytest.raises(NotFound, match=f"{second} is no delegate of {wallet.pubkey()}"):
        await delegates.close(sender, wallet, second)


async def test_the_greatest_limits_are_approved_as_far_as_64_bits_go(net: TestNetwork) -> None:
    wallet, key = await delegated(net)
    await delegates.set_limits(net.sender(wallet), wallet, key.pubkey(), U64_MAX, U64_MAX)
    assert await delegates.allowance(net.rpc, wallet.pubkey()) == Allowance(U64_MAX)


async def test_an_approval_for_somebody_else_is_not_replaced(net: TestNetwork) -> None:
    wallet, other = await net.wallet(IO), Keypair().pubkey()
    approve = delegates.approve_instruction(wallet.pubkey(), 5)
    metas = [approve.accounts[0], replace_key(approve, other), approve.accounts[2]]
    await net.sender(wallet).send([Instruction(addresses.SPL_TOKEN, bytes(approve.data), metas)])
    assert await delegates.allowance(net.rpc, wallet.pubkey()) == Allowance(0, other)
    with pytest.raises(Refused, match=f"are approved for {other} already"):
        await delegates.set_limits(
            net.sender(wallet), wallet, other, 1, 1, matcher=net.matcher.pubkey()
        )


def replace_key(instruction: Instruction, key: Pubkey) -> object:
    meta = instruction.accounts[1]
    return type(meta)(key, is_signer=meta.is_signer, is_writable=meta.is_writable)


@pytest.mark.parametrize(("per_job", "per_day"), [(0, 5), (6, 5)])
async def test_limits_that_let_nothing_through_are_refused(
    net: TestNetwork, per_job: int, per_day: int
) -> None:
    wallet = await net.wallet(IO)
    with pytest.raises(UsageError, match="more than 0 IO a job, and no less a day"):
        await delegates.set_limits(net.sender(wallet), wallet, Keypair().pubkey(), per_job, per_day)
    with pytest.raises(UsageError, match="is the wallet itself"):
        await delegates.set_limits(net.sender(wallet), wallet, wallet.pubkey(), 1, 1)
    with pytest.raises(Refused, match="lets no orchestrator place its jobs yet"):
        await delegates.set_limits(net.sender(wallet), wallet, Keypair().pubkey(), 1, 1)


RECORD = Delegate(
    wallet=Pubkey.default(),
    key=Pubkey.default(),
    per_job=100,
    per_day=100,
    spent=[*range(1, 26)],
    last_hour=50,
    bump=0,
)
"""In hour 50 it has spent 1, in hours 26 to 49 what is 2 to 25."""


@pytest.mark.parametrize(
    ("hour", "left"), [(50, 325), (51, 323), (52, 320), (73, 26), (74, 1), (75, 0), (9_999, 0)]
)
def test_hours_are_forgotten_as_the_program_forgets_them(hour: int, left: int) -> None:
    assert delegates.spent(RECORD, hour * HOUR + 7) == left


def test_it_is_said_when_enough_is_free_again() -> None:
    assert delegates.free_at(RECORD, 99, 50 * HOUR) == 74 * HOUR
    assert delegates.free_at(RECORD, 100, 50 * HOUR + 5) == 75 * HOUR
    assert delegates.free_at(RECORD, 101, 50 * HOUR) is None
    assert delegates.free_at(replace(RECORD, spent=[0] * 25), 100, 1) == 1
