from dataclasses import replace

import pytest
from solders.hash import Hash
from solders.instruction import Instruction

from iog_client import addresses
from iog_client._generated.iog_staking.accounts import Node
from iog_client._generated.iog_staking.events import NodeRegistered
from iog_client.statements import registration_bytes
from registry_world import (
    ASK,
    CLASS_ENABLED,
    COOLING,
    GPUS,
    MULTIPLIER,
    NOBODY,
    SLUG,
    STAKE,
    Registry,
    copy,
    refused,
    signed,
)
from stages import HOUR
from world import START, create_tokens, swap, unsigned

CLASS = addresses.class_address(SLUG)


@pytest.fixture
def ready(registry: Registry) -> Registry:
    """The class exists."""
    return registry.classed()


def register(registry: Registry, *before: Instruction, **changes: object) -> list[object]:
    calls = before or (registry.agreement(),)
    result = registry.world.send(
        *calls, registry.node_register(**changes), signers=[registry.owner]
    )
    return registry.world.events(result)


def test_a_node_is_registered_by_owner_and_device(ready: Registry) -> None:
    seen = register(ready)
    assert ready.read_node() == Node(
        device=ready.device.pubkey(),
        owner=ready.owner.pubkey(),
        class_=CLASS,
        payee=ready.payee,
        prev_payee=ready.payee,
        costaker=NOBODY,
        ask=ASK,
        stake=0,
        prev_stake=0,
        costake=0,
        cooling=0,
        cooling_costake=0,
        offer_amount=0,
        cooling_until=0,
        costake_cooling_until=0,
        costake_leave_at=0,
        registered_at=START,
        payee_from_hour=0,
        stake_from_hour=0,
        active_from_hour=0,
        costake_from_hour=0,
        multiplier=MULTIPLIER,
        gpus=GPUS,
        busy=0,
        running=0,
        costake_share_bps=0,
        prev_costake_share_bps=0,
        offer_share_bps=0,
        case_open=0,
        state=0,
        bump=ready.read_node().bump,
    )
    assert seen == [
        NodeRegistered(
            node=ready.node,
            device=ready.device.pubkey(),
            owner=ready.owner.pubkey(),
            class_=CLASS,
            payee=ready.payee,
            gpus=GPUS,
            ask=ASK,
            multiplier=MULTIPLIER,
            requirement=STAKE,
            at=START,
        )
    ]


@pytest.mark.parametrize("gpus", [1, 1_024])
def test_the_fewest_and_the_most_gpus_are_accepted(ready: Registry, gpus: int) -> None:
    register(ready, ready.agreement(gpus=gpus), gpus=gpus, ask=0)
    assert (ready.read_node().gpus, ready.read_node().ask) == (gpus, 0)


@pytest.mark.parametrize("gpus", [0, 1_025])
def test_gpus_beyond_the_limits_are_refused(ready: Registry, gpus: int) -> None:
    with refused("GpusOutOfRange"):
        register(ready, ready.agreement(gpus=gpus), gpus=gpus)


def test_a_zero_payee_is_refused(ready: Registry) -> None:
    with refused("PayeeZero"):
        register(ready, payee=NOBODY)


def test_the_same_device_again_is_refused(ready: Registry) -> None:
    register(ready)
    with refused("NodeNotRetired"):
        register(ready)


def test_lamports_sent_to_its_address_before_stop_no_registration(ready: Registry) -> None:
    ready.world.svm.airdrop(ready.node, 1_000_000)
    register(ready)
    assert ready.read_node().owner == ready.owner.pubkey()


def test_a_paused_program_is_refused(ready: Registry) -> None:
    ready.pause_program()
    with refused("StakingPaused"):
        register(ready)


# --- once more, after it was retired --------------------------------------------------------------


def test_its_owner_registers_a_retired_device_anew(registry: Registry) -> None:
    registry.costaked().world.now += HOUR
    registry.act(registry.node_payee(registry.owner.pubkey()), registry.owner)
    registry.act(registry.stake_unstake(record=True), registry.owner)
    registry.world.now += COOLING
    registry.act(registry.stake_withdraw())
    registry.act(registry.costake_withdraw())
    with refused("NodeNotRetired"):
        register(registry)
    registry.act(registry.node_retire(), registry.owner)
    register(registry, registry.agreement(gpus=2), gpus=2, ask=3)
    other = replace(registry, device=registry.world.keypair())
    register(other, other.agreement(gpus=2), gpus=2, ask=3)
    again, new = registry.read_node(), other.read_node()
    assert again == replace(new, device=again.device, bump=again.bump)


def test_another_owner_needs_another_device(registry: Registry) -> None:
    """Else what the device once signed for a former owner would give the node back to it."""
    registry.retired()
    other = replace(registry, owner=registry.world.keypair())
    with refused("NotOwner"):
        register(other)


def test_a_disabled_class_is_refused(ready: Registry) -> None:
    ready.world.write(CLASS, CLASS_ENABLED, b"\0")
    with refused("ClassDisabled"):
        register(ready)


def test_an_announced_change_counts_from_its_hour(ready: Registry) -> None:
    ready.world.send(ready.class_set(multiplier=3_000, enabled=0), signers=[ready.net.authority])
    ready.world.now += 167 * HOUR + 3_599
    register(ready)
    assert ready.read_node().multiplier == MULTIPLIER
    ready.device = ready.world.keypair()
    ready.world.now += 1
    with refused("ClassDisabled"):
        register(ready)


# --- the device's signature -----------------------------------------------------------------------


def test_without_a_signature_before_it_is_refused(ready: Registry) -> None:
    with refused("SignatureMissing"):
        ready.world.send(ready.node_register(), signers=[ready.owner])


def test_a_signature_after_it_is_refused(ready: Registry) -> None:
    with refused("SignatureMissing"):
        ready.world.send(ready.node_register(), ready.agreement(), signers=[ready.owner])


def test_a_signature_not_right_before_is_refused(ready: Registry) -> None:
    with refused("SignatureMissing"):
        register(ready, ready.agreement(), create_tokens(ready.world.payer.pubkey(), ready.payee))


@pytest.mark.parametrize(
    "changes",
    [
        {"genesis_hash": Hash(bytes([1] * 32))},
        {"staking_program": addresses.JOBS},
        {"device": addresses.mint()},
        {"owner": addresses.mint()},
        {"class_address": addresses.class_address("other")},
        {"gpus": GPUS + 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_signature_of_another_registration_is_refused(
    ready: Registry, changes: dict[str, object]
) -> None:
    with refused("SignatureMessage"):
        register(ready, ready.agreement(**changes))


def test_a_signature_of_another_key_or_of_two_is_refused(ready: Registry) -> None:
    other = ready.world.keypair()
    message = registration_bytes(
        ready.genesis, addresses.STAKING, ready.device.pubkey(), ready.owner.pubkey(), CLASS, GPUS
    )
    with refused("SignatureKey"):
        register(ready, signed(message, other))
    with refused("SignatureKey"):
        register(ready, signed(message, ready.device, other))


def test_a_wrong_signature_fails_the_transaction(ready: Registry) -> None:
    good = ready.agreement()
    data = bytearray(good.data)
    data[48] ^= 1
    with refused("2"):  # the precompile's InvalidSignature
        register(ready, Instruction(good.program_id, bytes(data), []))


def test_data_that_point_to_another_instruction_are_refused(ready: Registry) -> None:
    """The precompile would check the first instruction's bytes, the program read the second's."""
    good = ready.agreement()
    pointing = bytearray(good.data)
    for index in (4, 8, 14):  # the three indexes of the only record
        pointing[index : index + 2] = (0).to_bytes(2, "little")
    with refused("SignatureLayout"):
        register(ready, good, Instruction(good.program_id, bytes(pointing), []))


# --- accounts -------------------------------------------------------------------------------------


def test_the_owner_must_sign(ready: Registry) -> None:
    with refused("MissingRequiredSignature"):
        ready.world.send(ready.agreement(), unsigned(ready.node_register(), ready.owner.pubkey()))


def test_foreign_accounts_are_refused(ready: Registry) -> None:
    world = ready.world
    wrong = {
        CLASS: (copy(world, CLASS, owner=addresses.JOBS), "IllegalOwner"),
        addresses.token_config(): (copy(world, CLASS), "IllegalOwner"),
        addresses.staking_config(): (copy(world, addresses.staking_config()), "InvalidSeeds"),
        addresses.INSTRUCTIONS_SYSVAR: (copy(world, CLASS), "InvalidArgument"),
        ready.node: (addresses.node(ready.owner.pubkey()), "InvalidSeeds"),
    }
    for right, (other, name) in wrong.items():
        with refused(name):
            world.send(
                ready.agreement(), swap(ready.node_register(), right, other), signers=[ready.owner]
            )


def test_an_account_of_another_type_is_refused_as_class(ready: Registry) -> None:
    with refused("InvalidAccountData"):
        ready.world.send(
            ready.agreement(class_address=addresses.staking_config()),
            swap(ready.node_register(), CLASS, copy(ready.world, addresses.staking_config())),
            signers=[ready.owner],
        )
