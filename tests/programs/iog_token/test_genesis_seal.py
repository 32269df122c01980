"""genesis_seal: the whole genesis supply is minted into the vesting vault, once."""

import pytest
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_token.accounts import Config
from iog_client._generated.iog_token.events import GenesisSealed
from stages import GENESIS, Network, allocate, seal
from world import ProgramFailed, World, swap, unsigned


def test_mints_exactly_the_genesis_supply_into_the_vesting_vault(
    world: World, net: Network
) -> None:
    net.allocated()
    result = world.send(seal(net), signers=[net.authority])

    assert world.supply() == GENESIS
    assert world.balance(addresses.vesting_vault()) == GENESIS
    assert world.account(Config, addresses.token_config()).sealed == 1
    assert world.events(result) == [GenesisSealed(amount=GENESIS, buckets=1)]


def test_a_second_seal_is_refused(world: World, net: Network) -> None:
    net.sealed()
    with pytest.raises(ProgramFailed, match="GenesisAlreadySealed"):
        world.send(seal(net), signers=[net.authority])
    assert world.supply() == GENESIS


@pytest.mark.parametrize("amount", [0, GENESIS - 1, GENESIS + 1])
def test_any_other_sum_is_refused(world: World, net: Network, amount: int) -> None:
    net.initialized()
    world.send(allocate(net, amount=amount), signers=[net.authority])
    with pytest.raises(ProgramFailed, match="GenesisSumWrong"):
        world.send(seal(net), signers=[net.authority])


def test_several_buckets_may_make_up_the_sum(world: World, net: Network) -> None:
    net.initialized()
    for index, amount in enumerate([GENESIS // 2, GENESIS // 2 - 1, 1]):
        world.send(allocate(net, index=index, amount=amount), signers=[net.authority])
    world.send(seal(net), signers=[net.authority])
    assert world.balance(addresses.vesting_vault()) == GENESIS


def test_another_signer_is_refused(world: World, net: Network) -> None:
    net.allocated()
    stranger = world.keypair()
    with pytest.raises(ProgramFailed, match="WrongAuthority"):
        world.send(swap(seal(net), net.authority.pubkey(), stranger.pubkey()), signers=[stranger])


def test_the_authority_unsigned_is_refused(world: World, net: Network) -> None:
    net.allocated()
    with pytest.raises(ProgramFailed, match="MissingRequiredSignature"):
        world.send(unsigned(seal(net), net.authority.pubkey()))


def test_another_vault_or_mint_is_refused(world: World, net: Network) -> None:
    net.allocated()
    own = world.tokens(net.authority.pubkey())
    for pinned, other in [
        (addresses.vesting_vault(), own),
        (addresses.mint(), Pubkey.new_unique()),
    ]:
        with pytest.raises(ProgramFailed, match="ConstraintAddress"):
            world.send(swap(seal(net), pinned, other), signers=[net.authority])


def test_another_token_program_is_refused(world: World, net: Network) -> None:
    net.allocated()
    instruction = swap(seal(net), addresses.SPL_TOKEN, addresses.SYSTEM)
    with pytest.raises(ProgramFailed, match="IncorrectProgramId"):
        world.send(instruction, signers=[net.authority])
