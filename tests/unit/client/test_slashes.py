"""A case takes stake out of a node; the arbiter, or the time, decides what becomes of it."""

from pathlib import Path

import pytest
from network_samples import HOUR, TestNetwork
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import costakes, nodes, slashes, stakes, times, tokens
from iog_client.amounts import IO
from iog_client.costakes import Terms
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.slashes import Charge

SECONDS = 30 * 24 * HOUR
POOR = Charge("poor_service", 500, bytes([7]) * 32)
FORGED = Charge("work_forged", 10_000, bytes([8]) * 32)


async def opened(
    net: TestNetwork, charge: Charge = POOR
) -> tuple[Keypair, Keypair, Keypair, Pubkey]:
    """Slasher, owner and device of a node with a case, and the case."""
    slasher = await net.judge("slasher")
    owner, device = await net.node()
    _, address = await slashes.open_(net.sender(slasher), slasher, device.pubkey(), charge)
    return slasher, owner, device, address


async def test_a_case_takes_its_share_and_makes_a_node_stop(net: TestNetwork) -> None:
    slasher, owner, device, address = await opened(net)
    node = await nodes.get(net.rpc, device.pubkey())
    assert (node.stake, node.case_open, nodes.state(node)) == (190 * IO, 1, "registered")
    found, case = await slashes.get(net.rpc, device.pubkey())
    assert (found, slashes.state(case), slashes.kind(case)) == (address, "open", "poor_service")
    assert (slashes.amount(case), case.own, case.bps) == (10 * IO, 10 * IO, 500)
    assert (case.owner, case.slasher) == (owner.pubkey(), slasher.pubkey())
    assert case.deadline == net.start + SECONDS
    assert await slashes.get(net.rpc, address) == (address, case)
    assert (await stakes.config(net.rpc)).frozen == 10 * IO


@pytest.mark.parametrize(
    ("charge", "kind", "said"),
    [
        (Charge("rudeness", 1, bytes(32)), UsageError, "no kind of case `rudeness`: hardware_"),
        (Charge("poor_service", 501, bytes(32)), UsageError, "takes 0.01% to 5% of the stake"),
        (Charge("overuse", 0, bytes(32)), UsageError, "takes 0.01% to 25% of the stake, not 0%"),
        (POOR, NotAllowed, "the slasher is "),
    ],
)
async def test_what_is_no_charge_or_not_by_the_slasher_is_refused(
    net: TestNetwork, charge: Charge, kind: type[Exception], said: str
) -> None:
    owner, device = await net.node()
    with pytest.raises(kind, match=said):
        await slashes.open_(net.sender(owner), owner, device.pubkey(), charge)


async def test_one_case_at_a_time_and_each_evidence_once(net: TestNetwork) -> None:
    slasher, _, device, address = await opened(net)
    key, sender = device.pubkey(), net.sender(slasher)
    with pytest.raises(Refused, match=f"a slash case against the node {key} is open"):
        await slashes.open_(sender, slasher, key, FORGED)
    await slashes.drop(sender, slasher, address)
    with pytest.raises(Refused, match=f"judged already: case {address} is dropped"):
        await slashes.open_(sender, slasher, key, POOR)
    with pytest.raises(NotFound, match=f"no slash case against the node {key} is open"):
        await slashes.get(net.rpc, key)
    net.write_staking(paused=1)
    with pytest.raises(Refused, match="staking is paused: no case is opened"):
        await slashes.open_(sender, slasher, key, FORGED)


async def test_nothing_is_taken_of_nothing(net: TestNetwork) -> None:
    slasher, owner, device = await net.judge("slasher"), await net.wallet(), Keypair()
    registration = await net.registration(owner, device)
    await nodes.register(net.sender(owner), owner, registration, 1, owner.pubkey())
    with pytest.raises(Refused, match="that could be taken"):
        await slashes.open_(net.sender(slasher), slasher, device.pubkey(), FORGED)


async def test_a_dropped_case_gives_back_and_the_node_is_active_again(net: TestNetwork) -> None:
    slasher, owner, device, address = await opened(net)
    with pytest.raises(NotAllowed, match="an open case is dropped by the slasher"):
        await slashes.drop(net.sender(owner), owner, address)
    await slashes.drop(net.sender(slasher), slasher, address)
    node = await nodes.get(net.rpc, device.pubkey())
    assert (node.stake, node.case_open, nodes.state(node)) == (200 * IO, 0, "active")
    with pytest.raises(Refused, match="the case is dropped, and only an open or appealed one"):
        await slashes.drop(net.sender(slasher), slasher, address)


async def test_the_arbiter_decides_what_was_appealed(net: TestNetwork) -> None:
    slasher, owner, device, address = await opened(net)
    arbiter, sender = await net.judge("arbiter"), net.sender(owner)
    with pytest.raises(Refused, match="the case is open, and only an appealed one is upheld"):
        await slashes.uphold(net.sender(arbiter), arbiter, address)
    with pytest.raises(NotAllowed, match=f"may be appealed by {owner.pubkey()}, the wallet is"):
        await slashes.appeal(net.sender(slasher), slasher, address)
    net.warp(100)
    await slashes.appeal(sender, owner, address)
    _, case = await slashes.get(net.rpc, address)
    assert (slashes.state(case), case.deadline) == ("appealed", net.start + 100 + SECONDS)
    with pytest.raises(Refused, match="the case is appealed, and only an open one is appealed"):
        await slashes.appeal(sender, owner, address)
    with pytest.raises(NotAllowed, match="an appealed case is dropped by the arbiter"):
        await slashes.drop(net.sender(slasher), slasher, address)
    supply = (await tokens.supply(net.rpc)).supply
    await slashes.uphold(net.sender(arbiter), arbiter, address)
    assert (await tokens.supply(net.rpc)).supply == supply - 10 * IO
    assert (await stakes.config(net.rpc)).frozen == 0
    assert (await nodes.get(net.rpc, device.pubkey())).stake == 190 * IO


async def test_the_co_staker_may_appeal_too(net: TestNetwork) -> None:
    slasher, friend = await net.judge("slasher"), await net.wallet(100 * IO)
    owner, device = await net.node()
    key = device.pubkey()
    await costakes.offer(net.sender(owner), owner, key, Terms(100 * IO, 3000))
    await costakes.accept(net.sender(friend), friend, key, Terms(100 * IO, 3000))
    _, address = await slashes.open_(net.sender(slasher), slasher, key, FORGED)
    _, case = await slashes.get(net.rpc, address)
    assert (case.own, case.costake, slashes.amount(case)) == (200 * IO, 100 * IO, 300 * IO)
    await slashes.appeal(net.sender(friend), friend, address)
    # the arbiter is silent: nobody loses anything
    net.warp(SECONDS)
    await slashes.close(net.sender(owner), address)
    node = await nodes.get(net.rpc, key)
    assert (node.stake, node.costake, nodes.state(node)) == (200 * IO, 100 * IO, "active")


async def test_an_owner_leaves_with_what_a_case_gives_back(net: TestNetwork) -> None:
    slasher, owner, device, address = await opened(net, FORGED)
    key = device.pubkey()
    await stakes.unstake(net.sender(owner), owner, key)
    net.warp(14 * 24 * HOUR)
    await slashes.drop(net.sender(slasher), slasher, address)
    node = await nodes.get(net.rpc, key)
    assert (node.stake, node.cooling) == (0, 200 * IO)
    await stakes.withdraw(net.sender(owner), key)


async def test_stake_does_not_leave_while_a_case_is_open(net: TestNetwork) -> None:
    slasher, owner, device, _ = await opened(net)
    key = device.pubkey()
    with pytest.raises(Refused, match="may be taken out at once: it is registered"):
        await stakes.reduce(net.sender(owner), owner, key, None)
    await stakes.unstake(net.sender(owner), owner, key)
    net.warp(14 * 24 * HOUR)
    with pytest.raises(Refused, match=f"case against the node {key} is open"):
        await stakes.withdraw(net.sender(owner), key)
    assert slasher


async def test_silence_upholds_what_nobody_appealed(net: TestNetwork) -> None:
    slasher, owner, _, address = await opened(net)
    anyone = net.sender(await net.wallet())
    with pytest.raises(Refused) as caught:
        await slashes.close(anyone, address)
    end = times.date(net.start + SECONDS)
    assert caught.value.message == f"the case may be appealed until {end} (in 12h)"
    net.warp(SECONDS)
    with pytest.raises(Refused, match=f"passed {end} .now.: `iog slash close` ends the case, uph"):
        await slashes.appeal(net.sender(owner), owner, address)
    with pytest.raises(Refused, match="ends the case, upheld, 10 IO"):
        await slashes.drop(net.sender(slasher), slasher, address)
    await slashes.close(anyone, address)
    _, case = await slashes.get(net.rpc, address)
    assert slashes.state(case) == "upheld"
    with pytest.raises(Refused, match="the case is upheld already"):
        await slashes.close(anyone, address)


async def test_cases_are_found_by_node(net: TestNetwork) -> None:
    _, _, device, address = await opened(net)
    _, _, _, other = await opened(net)
    assert {pair[0] for pair in await slashes.search(net.rpc)} == {address, other}
    assert [pair[0] for pair in await slashes.search(net.rpc, device.pubkey())] == [address]
    nobody = Keypair().pubkey()
    with pytest.raises(NotFound, match=f"{nobody} is neither a slash case nor the device of"):
        await slashes.get(net.rpc, nobody)


def test_evidence_is_named_by_its_sha256(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(b"abc")
    text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert slashes.evidence_hash(file).hex() == text
    assert slashes.parse_hash(text).hex() == text
    for wrong in ("", "ab", "x" * 64, text + "00"):
        with pytest.raises(UsageError, match="is not a sha256: one is 64 digits of hex"):
            slashes.parse_hash(wrong)
    with pytest.raises(NotFound, match="cannot be read: No such file"):
        slashes.evidence_hash(tmp_path / "none")
