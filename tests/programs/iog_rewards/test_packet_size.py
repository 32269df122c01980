"""What fits a transaction's 1,232 bytes: the deepest proof, and an hour signed by all oracles."""

import pytest
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client.merkle import MAX_DEPTH, leaf, parent
from packets import LIMIT, PACKET, PRICE, size
from rewards_calls import distributor, set_oracles
from stages import Network, advance
from trees import DELAY, Hour, claim, cosigned, propose
from world import World, create_tokens, swap

WALLET = Pubkey.from_bytes(bytes([5]) * 32)
HOUR = Hour(1, {WALLET: 5})


def deepest(world: World, *others: Instruction) -> int:
    """Levels of the longest proof with which a claim fits beside the others."""
    return max(
        depth
        for depth in range(30)
        if size(world.payer.pubkey(), *others, with_proof(world, depth)) <= PACKET
    )


def with_proof(world: World, depth: int, **changes: object) -> Instruction:
    siblings = [bytes([level + 1]) * 32 for level in range(depth)]
    return claim(world, HOUR, WALLET, proof=siblings, **changes)


def root_of(depth: int) -> bytes:
    node = leaf(addresses.distributor(), WALLET, 5)
    for level in range(depth):
        node = parent(node, bytes([level + 1]) * 32)
    return node


def test_a_claim_takes_454_bytes_and_32_a_level(world: World) -> None:
    sizes = [size(world.payer.pubkey(), with_proof(world, depth)) for depth in (10, 20, 23, 24)]
    assert sizes == [774, 1_094, 1_190, 1_222]


@pytest.mark.parametrize(
    ("others", "levels"),
    [([], 24), ([LIMIT], 23), ([LIMIT, PRICE], 22)],
    ids=["alone", "with a compute limit", "with limit and price"],
)
def test_the_deepest_proof_that_fits(world: World, others: list[Instruction], levels: int) -> None:
    assert deepest(world, *others) == levels


def test_the_deepest_proof_beside_the_creation_of_the_token_account(world: World) -> None:
    created = create_tokens(world.payer.pubkey(), WALLET)
    assert deepest(world, LIMIT, created) == 20


def test_the_deepest_tree_is_paid_as_clients_send_it(world: World, net: Network) -> None:
    """With its compute limit in front, a claim on 2^23 leaves fills the packet."""
    net.running()
    net.pass_hours()
    world.send(advance())
    world.tokens(WALLET)
    root = root_of(MAX_DEPTH)
    count = 2**MAX_DEPTH
    world.send(propose(net, HOUR, root=root, count=count), signers=[net.oracles[0]])
    world.now += DELAY
    world.send(LIMIT, with_proof(world, MAX_DEPTH, expected_root=root))
    assert world.balance(addresses.tokens(WALLET)) == 5


def test_an_hour_signed_by_seven_oracles_is_one_transaction(world: World, net: Network) -> None:
    """The first oracle pays: seven signatures, the emission and the root."""
    net.running()
    net.pass_hours()
    oracles: list[Keypair] = [*net.oracles, *(world.keypair() for _ in range(4))]
    keys = [oracle.pubkey() for oracle in oracles]
    world.send(set_oracles(net, 7, keys), signers=[net.authority])
    root = cosigned(propose(net, Hour(1, {WALLET: 5})), oracles[1:])

    assert size(keys[0], LIMIT, advance(), root) == 1_122
    assert size(keys[0], LIMIT, PRICE, advance(), root) == 1_134
    world.send(LIMIT, advance(), root, signers=oracles, payer=oracles[0])
    assert distributor(world).pending_epoch == 1


def test_seven_oracles_and_another_payer_fit_too(world: World, net: Network) -> None:
    net.initialized().rewards()
    keys = [Keypair() for _ in range(7)]
    root = swap(propose(net, HOUR), net.oracles[0].pubkey(), keys[0].pubkey())
    root = cosigned(root, keys[1:])
    assert size(world.payer.pubkey(), LIMIT, PRICE, advance(), root) == 1_230
