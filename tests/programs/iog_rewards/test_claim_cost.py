"""What a claim costs beside its token transfer, which today's clusters do for 76 units."""

import re

import pytest

from stages import Network, advance
from trees import DELAY, Branch, cheap_wallets
from world import World

MOST = 7_000
TRANSFER = 76
"""Units of p-token; the program of this SVM takes thousands."""


def cost(world: World, branch: Branch) -> int:
    result = world.send(branch.claim(world, 0))
    [spent] = [
        int(units)
        for line in result.logs()
        for units in re.findall(r"Program Token\w+ consumed (\d+)", line)
    ]
    return world.units - spent + TRANSFER


def live(net: Network, branch: Branch) -> None:
    """The branch's root is the live one, and its other wallet is paid."""
    world = net.world
    net.pass_hours()
    world.send(advance(), branch.propose(net), signers=[net.oracles[0]])
    world.now += DELAY
    world.send(branch.claim(world, 1))


@pytest.mark.parametrize("depth", [1, 20])
def test_a_later_claim_takes_at_most_7000_units(world: World, net: Network, depth: int) -> None:
    net.running()
    wallets = cheap_wallets()
    pair = (next(wallets), next(wallets))
    for wallet in pair:
        world.tokens(wallet)
    first, later = Branch(pair, 1, 1_000, depth), Branch(pair, 2, 2_000, depth)
    live(net, first)
    world.send(first.claim(world, 0))
    live(net, later)
    assert cost(world, later) <= MOST
