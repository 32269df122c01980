"""The pool's share: announced for hours to come, taken back, and taken over once it is due."""

import pytest
from network_samples import TestNetwork
from solders.keypair import Keypair

from iog_client import networks, schedule, splits, tokens, wallets
from iog_client.errors import NotAllowed, Refused, UsageError
from iog_client.splits import Split
from iog_client.times import Now


@pytest.fixture
def authority(net: TestNetwork) -> Keypair:
    return networks.load_authority(net.record)


async def split(net: TestNetwork) -> Split:
    now = await Now.read(net.rpc)
    return splits.of(now.token, now)


async def test_a_share_is_announced_and_holds_from_its_hour_on(
    net: TestNetwork, authority: Keypair
) -> None:
    assert await split(net) == Split(1_000, None, None)
    await splits.announce(net.sender(authority), authority, 1_250, 3)
    assert await split(net) == Split(1_000, 1_250, 3)
    net.warp(2 * 60 - 1)
    assert await split(net) == Split(1_000, 1_250, 3)
    net.warp(1)
    assert await split(net) == Split(1_250, None, None)


async def test_without_an_hour_it_is_the_next_one(net: TestNetwork, authority: Keypair) -> None:
    net.warp(60)
    await splits.announce(net.sender(authority), authority, 0, None)
    assert await split(net) == Split(1_000, 0, 3)


async def test_a_share_that_is_due_is_taken_over_before_another_is_announced(
    net: TestNetwork, authority: Keypair
) -> None:
    await splits.announce(net.sender(authority), authority, 2_000, 2)
    net.warp(60)
    await splits.announce(net.sender(authority), authority, 3_000, 3)
    assert await split(net) == Split(2_000, 3_000, 3)
    config = await tokens.config(net.rpc)
    assert (config.pool_bps, config.split_from_hour, config.advanced_hour) == (2_000, 1, 1)


async def test_the_guardian_takes_an_announced_share_back(
    net: TestNetwork, authority: Keypair
) -> None:
    assert net.record.keys.guardian is not None
    guardian, stranger = wallets.load(net.record.keys.guardian), await net.wallet()
    await splits.announce(net.sender(authority), authority, 5_000, 4)
    with pytest.raises(NotAllowed, match=f"cancelled by the guardian {guardian.pubkey()} or"):
        await splits.cancel(net.sender(stranger), stranger)
    await splits.cancel(net.sender(stranger), guardian)
    assert await split(net) == Split(1_000, None, None)
    with pytest.raises(Refused, match="no share is announced; the pool gets 10%"):
        await splits.cancel(net.sender(stranger), guardian)


async def test_a_share_whose_hour_has_begun_is_not_taken_back(
    net: TestNetwork, authority: Keypair
) -> None:
    await splits.announce(net.sender(authority), authority, 5_000, 2)
    net.warp(60)
    with pytest.raises(Refused, match="the share of 50% holds since hour 2 and cannot be"):
        await splits.cancel(net.sender(authority), authority)


async def test_hours_that_have_begun_and_those_after_the_end_keep_their_share(
    net: TestNetwork, authority: Keypair
) -> None:
    sender = net.sender(authority)
    with pytest.raises(Refused, match="hour 1 runs: another share holds from hour 2 on"):
        await splits.announce(sender, authority, 1, 1)
    with pytest.raises(Refused, match=f"the emission ends with hour {schedule.HOURS}"):
        await splits.announce(sender, authority, 1, schedule.HOURS + 1)
    await splits.announce(sender, authority, 1, schedule.HOURS)


@pytest.mark.parametrize("bps", [-1, 10_001])
async def test_a_share_above_the_whole_is_refused(
    net: TestNetwork, authority: Keypair, bps: int
) -> None:
    with pytest.raises(UsageError, match="0 to 10000 are"):
        await splits.announce(net.sender(authority), authority, bps, 5)


async def test_only_the_authority_announces(net: TestNetwork) -> None:
    stranger = await net.wallet()
    with pytest.raises(NotAllowed, match="the authority of iog_token is"):
        await splits.announce(net.sender(stranger), stranger, 1, 5)
