"""The fees of jobs are shared out by anyone: a part burned, the rest to the treasury."""

import pytest
from job_samples import finished
from network_samples import TestNetwork

from iog_client import fees, jobs, roles, tokens
from iog_client.errors import Refused
from iog_client.networks import load_authority

FEES = 300
"""Of 30 s on 2 GPUs at 1,000, 0.25% from each side."""


async def earned(net: TestNetwork) -> None:
    client, _, address = await finished(net, 30)
    await jobs.settle(net.sender(client), address)


async def test_fees_are_burned_in_part_and_paid_to_the_treasury(net: TestNetwork) -> None:
    await earned(net)
    owner, treasury, stranger = load_authority(net.record), await net.wallet(), await net.wallet()
    await roles.set_treasury(net.sender(owner), owner, treasury.pubkey(), 3_333)
    found = await fees.read(net.rpc)
    # 99.99 rounded up is burned
    assert (found.fees, found.burned, found.paid, found.burn_bps) == (FEES, 100, 200, 3_333)
    supply = (await tokens.supply(net.rpc)).supply
    await fees.collect(net.sender(stranger))
    assert await tokens.balance(net.rpc, treasury.pubkey()) == 200
    assert (await tokens.supply(net.rpc)).supply == supply - 100
    with pytest.raises(Refused, match="there are no fees to collect"):
        await fees.collect(net.sender(stranger))


async def test_without_a_treasury_only_fees_that_are_burned_whole_are_collected(
    net: TestNetwork,
) -> None:
    await earned(net)
    owner = load_authority(net.record)
    await roles.set_treasury(net.sender(owner), owner, None, 5_000)
    with pytest.raises(Refused, match=r"0.0000015 IO of the fees are the treasury's"):
        await fees.collect(net.sender(owner))
    await roles.set_treasury(net.sender(owner), owner, None, 10_000)
    await fees.collect(net.sender(owner))
    assert (await fees.read(net.rpc)).fees == 0
