"""reward_claim: a wallet is paid what the live root gives it and it has not had."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.accounts import Distributor, Recipient
from iog_client._generated.iog_rewards.events import RewardClaimed, RootActivated
from iog_client.merkle import leaf, parent
from stages import Network, advance, network
from trees import DELAY, Hour, claim, propose, publish
from world import ProgramFailed, World, create_tokens, swap

EMISSION = 4 * (456_621_004_566 - 45_662_100_457)
"""Less than four hours bring to rewards."""


@pytest.fixture
def wallets(net: Network) -> list[Pubkey]:
    """Five wallets with token accounts, on a network whose first four hours are minted."""
    ready(net)
    made = [Pubkey.new_unique() for _ in range(5)]
    for wallet in made:
        net.world.tokens(wallet)
    return made


def ready(net: Network) -> None:
    net.running()
    net.pass_hours(4)
    net.world.send(advance())


def hour_of(wallets: list[Pubkey], epoch: int = 1) -> Hour:
    return Hour(epoch, {wallet: epoch * 100 * (at + 1) for at, wallet in enumerate(wallets)})


def claimed(world: World) -> int:
    return world.account(Distributor, addresses.distributor()).claimed


def test_pays_the_wallet_and_records_it(world: World, net: Network, wallets: list[Pubkey]) -> None:
    hour = hour_of(wallets)
    publish(net, hour)
    wallet = wallets[2]
    before = world.balance(addresses.rewards_vault())
    result = world.send(claim(world, hour, wallet))

    assert world.balance(addresses.tokens(wallet)) == 300
    assert world.balance(addresses.rewards_vault()) == before - 300
    assert claimed(world) == 300
    bump = Pubkey.find_program_address([b"recipient", bytes(wallet)], addresses.REWARDS)[1]
    assert world.account(Recipient, addresses.recipient(wallet)) == Recipient(
        wallet=wallet, claimed=300, bump=bump
    )
    assert world.events(result) == [
        RootActivated(epoch=1, root=hour.tree.root, total=hour.total),
        RewardClaimed(wallet=wallet, epoch=1, amount=300, cumulative=300, claimed=300),
    ]


def test_everyone_can_claim_and_the_sum_is_the_total(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    hour = hour_of(wallets)
    publish(net, hour)
    for wallet in wallets:
        world.send(claim(world, hour, wallet))
    assert claimed(world) == hour.total == 1_500
    assert [world.balance(addresses.tokens(wallet)) for wallet in wallets] == [
        100, 200, 300, 400, 500,
    ]  # fmt: skip


def test_a_later_root_pays_the_difference(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    first, third = hour_of(wallets), hour_of(wallets, 3)
    publish(net, first)
    world.send(claim(world, first, wallets[0]))
    publish(net, third)
    result = world.send(claim(world, third, wallets[0]))

    assert world.balance(addresses.tokens(wallets[0])) == 300
    assert world.events(result)[-1] == RewardClaimed(
        wallet=wallets[0], epoch=3, amount=200, cumulative=300, claimed=300
    )


def test_a_wallet_may_claim_for_itself(world: World, net: Network) -> None:
    ready(net)
    owner: Keypair = world.keypair()
    world.tokens(owner.pubkey())
    hour = Hour(1, {owner.pubkey(): 7})
    publish(net, hour)
    instruction = swap(claim(world, hour, owner.pubkey()), world.payer.pubkey(), owner.pubkey())
    world.send(instruction, payer=owner)
    assert world.balance(addresses.tokens(owner.pubkey())) == 7


def test_a_missing_token_account_is_created_in_the_same_transaction(
    world: World, net: Network
) -> None:
    ready(net)
    wallet = Pubkey.new_unique()
    hour = Hour(1, {wallet: 7})
    publish(net, hour)
    with pytest.raises(ProgramFailed):
        world.send(claim(world, hour, wallet))
    world.send(create_tokens(world.payer.pubkey(), wallet), claim(world, hour, wallet))
    assert world.balance(addresses.tokens(wallet)) == 7


def test_the_whole_emission_can_be_claimed_at_once(world: World, net: Network) -> None:
    ready(net)
    wallet = Pubkey.new_unique()
    world.tokens(wallet)
    whole = world.balance(addresses.rewards_vault())
    hour = Hour(4, {wallet: whole})
    publish(net, hour)
    world.send(claim(world, hour, wallet))
    assert world.balance(addresses.rewards_vault()) == 0
    assert world.balance(addresses.tokens(wallet)) == whole


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.accident("double claim")
def test_a_second_claim_is_refused(world: World, net: Network, wallets: list[Pubkey]) -> None:
    hour = hour_of(wallets)
    publish(net, hour)
    world.send(claim(world, hour, wallets[0]))
    with pytest.raises(ProgramFailed, match="NothingToClaim"):
        world.send(claim(world, hour, wallets[0]))
    assert world.balance(addresses.tokens(wallets[0])) == 100


def test_a_root_that_gives_a_wallet_no_more_pays_it_nothing(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    first = hour_of(wallets)
    less = Hour(2, {wallets[0]: 99, wallets[1]: 10_000})
    publish(net, first)
    world.send(claim(world, first, wallets[0]))
    publish(net, less)
    with pytest.raises(ProgramFailed, match="NothingToClaim"):
        world.send(claim(world, less, wallets[0]))


def test_a_leaf_of_nothing_is_refused(world: World, net: Network, wallets: list[Pubkey]) -> None:
    hour = Hour(1, {wallets[0]: 0, wallets[1]: 5})
    publish(net, hour)
    with pytest.raises(ProgramFailed, match="NothingToClaim"):
        world.send(claim(world, hour, wallets[0]))


@pytest.mark.parametrize("waited", [0, DELAY - 1])
def test_a_pending_root_is_not_the_live_one(
    world: World, net: Network, wallets: list[Pubkey], waited: int
) -> None:
    hour = hour_of(wallets)
    publish(net, hour, live=False)
    world.now += waited
    with pytest.raises(ProgramFailed, match="StaleRoot"):
        world.send(claim(world, hour, wallets[0]))


@pytest.mark.accident("stale root")
def test_an_older_root_is_refused_before_anything_else(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    first = hour_of(wallets)
    publish(net, first)
    publish(net, hour_of(wallets, 2))
    long = [bytes(32)] * 24
    with pytest.raises(ProgramFailed, match="StaleRoot"):
        world.send(claim(world, first, wallets[0], proof=long))


def test_before_any_root_the_empty_one_is_refused(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    with pytest.raises(ProgramFailed, match="StaleRoot"):
        world.send(claim(world, hour_of(wallets), wallets[0], expected_root=bytes(32), proof=[]))


@pytest.mark.parametrize("change", [-1, 1])
def test_another_amount_is_refused(
    world: World, net: Network, wallets: list[Pubkey], change: int
) -> None:
    hour = hour_of(wallets)
    publish(net, hour)
    with pytest.raises(ProgramFailed, match="WrongProof"):
        world.send(claim(world, hour, wallets[0], cumulative=100 + change))


@pytest.mark.parametrize("damage", ["short", "long", "swapped", "bit"])
def test_a_damaged_proof_is_refused(
    world: World, net: Network, wallets: list[Pubkey], damage: str
) -> None:
    hour = hour_of(wallets)
    publish(net, hour)
    wallet = max(wallets, key=lambda one: len(hour.tree.proof(one)))
    proof = hour.tree.proof(wallet)
    damaged = {
        "short": proof[:-1],
        "long": [*proof, bytes(32)],
        "swapped": [proof[1], proof[0], *proof[2:]],
        "bit": [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]],
    }[damage]
    with pytest.raises(ProgramFailed, match="WrongProof"):
        world.send(claim(world, hour, wallet, proof=damaged))


def test_the_proof_of_another_wallet_is_refused(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    hour = hour_of(wallets)
    publish(net, hour)
    thief = world.keypair()
    world.tokens(thief.pubkey())
    stolen = claim(world, hour, thief.pubkey(), cumulative=100, proof=hour.tree.proof(wallets[0]))
    with pytest.raises(ProgramFailed, match="WrongProof"):
        world.send(stolen)


def test_an_inner_node_does_not_pass_for_a_leaf(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    """The root itself with an empty proof: the one inner node an attacker need not search for."""
    hour = hour_of(wallets)
    publish(net, hour)
    with pytest.raises(ProgramFailed, match="WrongProof"):
        world.send(claim(world, hour, wallets[0], proof=[]))


def test_a_proof_of_23_levels_is_accepted_and_of_24_refused(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    siblings = [bytes([level]) * 32 for level in range(24)]
    node = leaf(addresses.distributor(), wallets[0], 5)
    for sibling in siblings[:23]:
        node = parent(node, sibling)
    hour = hour_of(wallets)
    world.send(propose(net, hour, root=node), signers=[net.oracles[0]])
    world.now += DELAY
    deep = {"expected_root": node, "cumulative": 5}
    with pytest.raises(ProgramFailed, match="ProofTooLong"):
        world.send(claim(world, hour, wallets[0], proof=siblings, **deep))
    world.send(claim(world, hour, wallets[0], proof=siblings[:23], **deep))
    assert world.balance(addresses.tokens(wallets[0])) == 5


def test_claims_beyond_the_total_are_refused(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    """A root may lie about its total; what is paid stays within it."""
    hour = hour_of(wallets)
    world.send(propose(net, hour, total=450), signers=[net.oracles[0]])
    world.now += DELAY
    world.send(claim(world, hour, wallets[3]))
    with pytest.raises(ProgramFailed, match="TotalExceeded"):
        world.send(claim(world, hour, wallets[0]))
    assert claimed(world) == 400


# --- accounts -------------------------------------------------------------------------------------


def test_a_token_account_of_someone_else_is_refused(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    hour = hour_of(wallets)
    publish(net, hour)
    instruction = claim(world, hour, wallets[0])
    other = addresses.tokens(wallets[1])
    with pytest.raises(ProgramFailed, match="WrongDestination"):
        world.send(swap(instruction, addresses.tokens(wallets[0]), other))


def test_the_recipient_account_of_another_wallet_is_refused(
    world: World, net: Network, wallets: list[Pubkey]
) -> None:
    hour = hour_of(wallets)
    publish(net, hour)
    world.send(claim(world, hour, wallets[0]))
    for other in (addresses.recipient(wallets[1]), addresses.recipient(wallets[2])):
        instruction = swap(claim(world, hour, wallets[0]), addresses.recipient(wallets[0]), other)
        with pytest.raises(ProgramFailed, match="InvalidSeeds"):
            world.send(instruction)


def test_another_vault_is_refused(world: World, net: Network, wallets: list[Pubkey]) -> None:
    hour = hour_of(wallets)
    publish(net, hour)
    other = world.tokens(world.payer.pubkey())
    with pytest.raises(ProgramFailed, match="ConstraintAddress"):
        world.send(swap(claim(world, hour, wallets[0]), addresses.rewards_vault(), other))


def test_another_distributor_is_refused(world: World, net: Network, wallets: list[Pubkey]) -> None:
    hour = hour_of(wallets)
    publish(net, hour)
    forged = Pubkey.new_unique()
    world.svm.set_account(forged, world.svm.get_account(addresses.distributor()))
    with pytest.raises(ProgramFailed, match="InvalidSeeds"):
        world.send(swap(claim(world, hour, wallets[0]), addresses.distributor(), forged))


@pytest.mark.accident("double claim")
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_in_any_order_of_hours_and_claims_everyone_gets_exactly_the_last_root_claimed(
    data: st.DataObject,
) -> None:
    net = network(World())
    ready(net)
    world = net.world
    wallets = [Pubkey.new_unique() for _ in range(data.draw(st.integers(1, 6)))]
    had = dict.fromkeys(wallets, 0)
    given_now = dict.fromkeys(wallets, 0)
    for epoch in range(1, 5):
        for wallet in wallets:
            given_now[wallet] += data.draw(st.integers(0, EMISSION // 4 // len(wallets)))
        hour = Hour(epoch, dict(given_now))
        publish(net, hour)
        for wallet in data.draw(st.lists(st.sampled_from(wallets), max_size=6)):
            world.tokens(wallet)
            if given_now[wallet] == had[wallet]:
                with pytest.raises(ProgramFailed, match="NothingToClaim"):
                    world.send(claim(world, hour, wallet))
            else:
                world.send(claim(world, hour, wallet))
                had[wallet] = given_now[wallet]
        assert {w: world.balance(addresses.tokens(w)) for w in wallets} == had
        assert claimed(world) == sum(had.values()) <= hour.total
