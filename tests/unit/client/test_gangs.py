"""A gang has so many jobs, and so much time for all of them to be opened and to join."""

import pytest
from job_samples import FUNDED, terms
from network_samples import TestNetwork
from solders.keypair import Keypair

from iog_client import addresses, gangs, jobs, tokens
from iog_client.amounts import IO
from iog_client.errors import NotFound, Refused, UsageError


async def opened(net: TestNetwork, members: int = 2, wait: int = 60) -> Keypair:
    wallet = await net.wallet(IO)
    matcher = net.matcher.pubkey()
    number, _ = await gangs.open_gang(net.sender(wallet), wallet, members, wait, matcher)
    assert number == 0
    return wallet


async def join(net: TestNetwork, wallet: Keypair) -> None:
    number = await jobs.next_number(net.rpc, wallet.pubkey())
    place = addresses.gang(wallet.pubkey(), 0)
    wanted = terms(net.matcher.pubkey())
    await jobs.open_job(net.sender(wallet), wallet, number, wanted, place)


async def test_jobs_are_opened_into_a_gang_until_it_is_full(net: TestNetwork) -> None:
    wallet = await opened(net)
    now = await net.rpc.chain_time()
    gang = await gangs.get(net.rpc, wallet.pubkey(), 0)
    assert (gangs.state(gang, now), gang.members, gang.opened, gang.joined) == ("open", 2, 0, 0)
    assert gang.deadline == now + 60
    for _ in range(2):
        await gangs.require_room(net.rpc, wallet.pubkey(), 0)
        await join(net, wallet)
    gang = await gangs.get(net.rpc, wallet.pubkey(), 0)
    assert (gangs.state(gang, now), gang.opened) == ("waiting", 2)
    with pytest.raises(Refused, match="all 2 members of gang 0 are opened"):
        await gangs.require_room(net.rpc, wallet.pubkey(), 0)


async def test_a_gang_whose_time_is_over_is_incomplete_and_gives_all_back(
    net: TestNetwork,
) -> None:
    wallet = await opened(net)
    await join(net, wallet)
    assert await tokens.balance(net.rpc, wallet.pubkey()) == IO - FUNDED
    net.warp(60)
    gang = await gangs.get(net.rpc, wallet.pubkey(), 0)
    assert gangs.state(gang, gang.deadline) == "incomplete"
    with pytest.raises(Refused, match="the gang 0 was to start by "):
        await gangs.require_room(net.rpc, wallet.pubkey(), 0)
    stranger, address = await net.wallet(), addresses.job(wallet.pubkey(), 0)
    await jobs.expire(net.sender(stranger), address)
    view = jobs.view(await jobs.get(net.rpc, address), address)
    assert (view.state, view.reason, view.fault) == ("settled", "gang_incomplete", "network")
    assert await tokens.balance(net.rpc, wallet.pubkey()) == IO


async def test_gangs_are_numbered_and_found(net: TestNetwork) -> None:
    wallet = await opened(net)
    number, _ = await gangs.open_gang(net.sender(wallet), wallet, 64, 1)
    assert number == 1
    assert [one.number for one in await gangs.search(net.rpc, wallet.pubkey())] == [1, 0]
    with pytest.raises(NotFound, match=f"{wallet.pubkey()} has no gang 2"):
        await gangs.get(net.rpc, wallet.pubkey(), 2)


@pytest.mark.parametrize(
    ("members", "wait", "said"),
    [
        (1, 60, "a gang of 1 is not accepted; one has 2 to 64 jobs"),
        (65, 60, "a gang of 65 is not accepted"),
        (2, 0, "a wait of 0 s is not accepted"),
        (2, 30 * 86_400 + 1, "a wait of 2592001 s is not accepted"),
    ],
)
async def test_a_gang_out_of_range_is_refused(
    net: TestNetwork, members: int, wait: int, said: str
) -> None:
    wallet = await net.wallet()
    with pytest.raises(UsageError, match=said):
        await gangs.open_gang(net.sender(wallet), wallet, members, wait, net.matcher.pubkey())


async def test_a_gang_needs_a_wallet_that_lets_somebody_place(net: TestNetwork) -> None:
    wallet = await net.wallet()
    with pytest.raises(Refused, match="lets no orchestrator place its jobs yet"):
        await gangs.open_gang(net.sender(wallet), wallet, 2, 60)


async def test_a_gang_is_opened_whole_in_few_transactions(net: TestNetwork) -> None:
    wallet = await net.wallet(IO)
    wanted = terms(net.matcher.pubkey())
    gang, numbers = await gangs.open_whole(net.sender(wallet), wallet, wanted, 4, 60)
    assert (gang, numbers) == (0, [0, 1, 2, 3])
    found = await gangs.get(net.rpc, wallet.pubkey(), 0)
    assert (found.members, found.opened) == (4, 4)
    place = addresses.gang(wallet.pubkey(), 0)
    for number in numbers:
        job = await jobs.get(net.rpc, addresses.job(wallet.pubkey(), number))
        assert job.gang == place
    assert await tokens.balance(net.rpc, wallet.pubkey()) == IO - 4 * FUNDED


async def test_three_jobs_of_a_gang_fit_one_transaction(net: TestNetwork) -> None:
    wallet = Keypair().pubkey()
    wanted = terms(net.matcher.pubkey())
    place = addresses.gang(wallet, 0)
    opened = [jobs.open_instruction(wallet, number, wanted, gang=place) for number in range(6)]
    batches = gangs.packed(wallet, [gangs.open_instruction(wallet, 0, 6, 60), *opened])
    assert [len(batch) for batch in batches] == [4, 3]


async def test_a_gang_that_the_wallet_cannot_pay_is_not_opened(net: TestNetwork) -> None:
    wallet = await net.wallet(4 * FUNDED - 1)
    with pytest.raises(Refused, match="the gang's escrow takes"):
        await gangs.open_whole(net.sender(wallet), wallet, terms(net.matcher.pubkey()), 4, 60)
    assert await gangs.search(net.rpc, wallet.pubkey()) == []


@pytest.mark.parametrize(("members", "wait"), [(1, 60), (65, 60), (2, 0), (2, 30 * 86_400 + 1)])
async def test_a_gang_of_another_size_is_refused(net: TestNetwork, members: int, wait: int) -> None:
    wallet = await net.wallet(IO)
    with pytest.raises(UsageError, match="is not accepted"):
        await gangs.open_whole(
            net.sender(wallet), wallet, terms(net.matcher.pubkey()), members, wait
        )
