"""Roles in the programs: shown, handed on in two steps, given by the authority, and paused."""

import pytest
from network_samples import TestNetwork
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, networks, roles, wallets
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.roles import Holder

PROGRAMS = tuple(addresses.PROGRAMS)
PAUSABLE = ("iog_staking", "iog_rewards", "iog_jobs")
SINGLE = [(program, role) for program, seat in roles.SEATS.items() for role in seat.roles]


def authority(net: TestNetwork) -> Keypair:
    return networks.load_authority(net.record)


def guardian(net: TestNetwork) -> Keypair:
    assert net.record.keys.guardian is not None
    return wallets.load(net.record.keys.guardian)


async def held(net: TestNetwork, program: str, role: str) -> Holder:
    keys = await roles.keys(net.rpc, {program: addresses.PROGRAMS[program]})
    [found] = [one for one in keys.holders if one.role == role]
    return found


async def test_all_roles_of_all_programs_are_read(net: TestNetwork) -> None:
    keys = await roles.keys(net.rpc)
    assert [(one.program, one.role) for one in keys.holders] == [
        ("iog_token", "authority"),
        ("iog_token", "guardian"),
        ("iog_staking", "authority"),
        ("iog_staking", "guardian"),
        ("iog_staking", "slasher"),
        ("iog_staking", "arbiter"),
        ("iog_rewards", "authority"),
        ("iog_rewards", "guardian"),
        ("iog_rewards", "oracle 1"),
        ("iog_jobs", "authority"),
        ("iog_jobs", "guardian"),
        ("iog_jobs", "arbiter"),
        ("iog_jobs", "treasury"),
    ]
    assert {one.key for one in keys.holders if one.role == "authority"} == {authority(net).pubkey()}
    assert (keys.paused, keys.threshold) == ((), 1)


@pytest.mark.parametrize("program", PROGRAMS)
async def test_an_authority_changes_hands_in_two_steps(net: TestNetwork, program: str) -> None:
    old, new = authority(net), await net.wallet()
    assert await roles.propose(net.sender(old), old, program, new.pubkey())
    assert await roles.propose(net.sender(old), old, program, new.pubkey()) is None
    assert await held(net, program, "authority") == Holder(
        program, "authority", old.pubkey(), new.pubkey()
    )
    with pytest.raises(NotAllowed, match=f"is offered to {new.pubkey()}, not to"):
        await roles.accept(net.sender(old), old, program)
    await roles.accept(net.sender(new), new, program)
    assert await held(net, program, "authority") == Holder(program, "authority", new.pubkey())
    with pytest.raises(NotAllowed, match=f"is {new.pubkey()}, not {old.pubkey()}"):
        await roles.propose(net.sender(old), old, program, old.pubkey())


async def test_an_offer_is_withdrawn_and_then_accepted_by_nobody(net: TestNetwork) -> None:
    old, new = authority(net), await net.wallet()
    assert await roles.propose(net.sender(old), old, "iog_jobs", None) is None
    await roles.propose(net.sender(old), old, "iog_jobs", new.pubkey())
    await roles.propose(net.sender(old), old, "iog_jobs", None)
    assert (await held(net, "iog_jobs", "authority")).pending is None
    with pytest.raises(Refused, match="offered to nobody"):
        await roles.accept(net.sender(new), new, "iog_jobs")


async def test_what_cannot_take_an_authority_over_is_refused(net: TestNetwork) -> None:
    old = authority(net)
    with pytest.raises(Refused, match="is the authority of iog_token already"):
        await roles.propose(net.sender(old), old, "iog_token", old.pubkey())
    for key in (addresses.TOKEN, addresses.SYSTEM):
        with pytest.raises(UsageError, match="is a program; it cannot have a role"):
            await roles.propose(net.sender(old), old, "iog_token", key)


@pytest.mark.parametrize(("program", "role"), SINGLE)
async def test_a_role_is_given_to_a_key_and_to_nobody(
    net: TestNetwork, program: str, role: str
) -> None:
    key, owner = Keypair().pubkey(), authority(net)
    assert await roles.set_role(net.sender(owner), owner, program, role, key)
    assert (await held(net, program, role)).key == key
    assert await roles.set_role(net.sender(owner), owner, program, role, key) is None
    assert await roles.set_role(net.sender(owner), owner, program, role, None)
    assert (await held(net, program, role)).key is None


@pytest.mark.parametrize(("program", "role"), SINGLE)
async def test_only_the_authority_gives_a_role(net: TestNetwork, program: str, role: str) -> None:
    stopper, payer = guardian(net), await net.wallet()
    with pytest.raises(NotAllowed, match=f"the authority of {program} is"):
        await roles.set_role(net.sender(payer), stopper, program, role, Keypair().pubkey())


async def test_a_role_that_a_program_lacks_is_named_with_those_it_has(net: TestNetwork) -> None:
    owner = authority(net)
    with pytest.raises(NotFound, match="no role 'slasher' to set; there are guardian, oracles"):
        await roles.set_role(net.sender(owner), owner, "iog_rewards", "slasher", None)


async def test_the_oracles_are_replaced_together(net: TestNetwork) -> None:
    owner, wanted = authority(net), [Keypair().pubkey() for _ in range(7)]
    assert await roles.set_oracles(net.sender(owner), owner, wanted, 4)
    keys = await roles.keys(net.rpc)
    found = [one.key for one in keys.holders if one.role.startswith("oracle")]
    assert (found, keys.threshold) == (wanted, 4)
    assert await roles.set_oracles(net.sender(owner), owner, wanted, None) is None
    assert await roles.set_oracles(net.sender(owner), owner, wanted[:4], None)


@pytest.mark.parametrize(
    ("count", "threshold", "said"),
    [
        (0, 1, "0 oracles are not accepted; 1 to 7 are"),
        (8, 1, "8 oracles are not accepted; 1 to 7 are"),
        (2, 3, "3 of 2 oracles cannot sign; say --threshold 1 to 2"),
        (2, 0, "0 of 2 oracles cannot sign; say --threshold 1 to 2"),
    ],
)
async def test_oracles_that_could_not_agree_are_refused(
    net: TestNetwork, count: int, threshold: int, said: str
) -> None:
    owner, wanted = authority(net), [Keypair().pubkey() for _ in range(count)]
    with pytest.raises(UsageError, match=said):
        await roles.set_oracles(net.sender(owner), owner, wanted, threshold)


async def test_an_oracle_named_twice_is_refused(net: TestNetwork) -> None:
    owner, key = authority(net), Keypair().pubkey()
    with pytest.raises(UsageError, match=f"the oracle {key} is named twice"):
        await roles.set_oracles(net.sender(owner), owner, [key, key], 1)


async def test_the_treasury_and_the_burned_part_are_set_together(net: TestNetwork) -> None:
    owner, key = authority(net), Keypair().pubkey()
    assert await roles.set_treasury(net.sender(owner), owner, key, 2_500)
    assert (await held(net, "iog_jobs", "treasury")).key == key
    assert (await roles.keys(net.rpc)).burn_bps == 2_500
    assert await roles.set_treasury(net.sender(owner), owner, key, None) is None
    assert await roles.set_treasury(net.sender(owner), owner, None, 10_000)
    with pytest.raises(UsageError, match="10001 basis points are not accepted"):
        await roles.set_treasury(net.sender(owner), owner, key, 10_001)


@pytest.mark.parametrize("program", PAUSABLE)
async def test_the_guardian_pauses_and_the_authority_resumes(
    net: TestNetwork, program: str
) -> None:
    owner, stopper, stranger = authority(net), guardian(net), await net.wallet()
    with pytest.raises(NotAllowed, match=f"by its guardian {stopper.pubkey()} or its authority"):
        await roles.pause(net.sender(stranger), stranger, program)
    assert await roles.pause(net.sender(owner), stopper, program)
    assert await roles.pause(net.sender(owner), owner, program) is None
    assert (await roles.keys(net.rpc)).paused == (program,)
    with pytest.raises(NotAllowed, match=f"the authority of {program} is {owner.pubkey()}"):
        await roles.resume(net.sender(owner), stopper, program)
    assert await roles.resume(net.sender(owner), owner, program)
    assert await roles.resume(net.sender(owner), owner, program) is None
    assert (await roles.keys(net.rpc)).paused == ()


async def test_the_token_has_nothing_to_pause(net: TestNetwork) -> None:
    owner = authority(net)
    with pytest.raises(Refused, match="iog_token has nothing to pause"):
        await roles.pause(net.sender(owner), owner, "iog_token")


async def test_a_guardian_that_pays_nothing_signs_for_what_another_wallet_pays(
    net: TestNetwork,
) -> None:
    owner, poor, payer = authority(net), Keypair(), await net.wallet()
    await roles.set_role(net.sender(owner), owner, "iog_jobs", "guardian", poor.pubkey())
    assert await roles.pause(net.sender(payer), poor, "iog_jobs")


def test_the_zero_address_stands_for_nobody() -> None:
    assert Pubkey.default() == roles.NOBODY
