"""A node is registered with its device's consent, or refused before anything is sent."""

import json
from pathlib import Path
from typing import Any

import pytest
from network_samples import HOUR, TestNetwork
from solders.keypair import Keypair

from iog_client import funds, nodes, stakes
from iog_client._generated.iog_staking.accounts import Class, Node
from iog_client.amounts import IO, format_sol
from iog_client.errors import InsufficientSol, NotAllowed, NotFound, Refused, UsageError
from iog_client.registration import Registration
from iog_client.rpc import SIGNATURE_FEE

HASH = "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM"
REGISTRATION = Registration(
    device=str(Keypair.from_seed(bytes([1] * 32)).pubkey()),
    owner=str(Keypair.from_seed(bytes([2] * 32)).pubkey()),
    gpu_class="rtx-3070",
    gpus=1,
    genesis_hash=HASH,
    staking_program=HASH,
    signature="1" * 64,
)


async def test_a_node_is_registered_for_its_owner(net: TestNetwork) -> None:
    owner, device, payee = await net.wallet(), Keypair(), Keypair().pubkey()
    registration = await net.registration(owner, device, gpus=3)
    await nodes.register(net.sender(owner), owner, registration, 9722, payee)
    node = await nodes.get(net.rpc, device.pubkey())
    assert (node.device, node.owner, node.payee) == (device.pubkey(), owner.pubkey(), payee)
    assert (node.gpus, node.ask, nodes.state(node)) == (3, 9722, "registered")
    assert nodes.required(node) == 600 * 10**8


async def test_an_owner_without_sol_for_the_rent_is_told_what_it_takes(net: TestNetwork) -> None:
    owner, device = Keypair(), Keypair()
    await net.rpc.airdrop(owner.pubkey(), 1_000_000)
    registration = await net.registration(owner, device)
    with pytest.raises(InsufficientSol) as poor:
        await nodes.register(net.sender(owner), owner, registration, 1000, owner.pubkey())
    rent = await funds.rent_rate(net.rpc)
    needed = rent(Node.size) + SIGNATURE_FEE + SIGNATURE_FEE  # the device's signature has its own
    assert (poor.value.held, poor.value.needed) == (1_000_000, needed)
    assert f"it holds 0.001 SOL, at least {format_sol(needed)} are needed" in poor.value.message


@pytest.mark.parametrize(
    ("begins", "hour", "expected"),
    [
        (0, 0, (2_500, True)),
        (0, 500, (2_500, True)),
        (169, 168, (2_500, True)),
        (169, 169, (3_000, False)),
    ],
)
def test_what_was_announced_of_a_class_counts_from_its_hour_on(
    begins: int, hour: int, expected: tuple[int, bool]
) -> None:
    record = Class(
        slug=list(b"h100-pcie".ljust(16, b"\0")),
        multiplier=2_500,
        next_multiplier=3_000,
        next_from_hour=begins,
        pool=0,
        enabled=1,
        next_enabled=0,
        bump=255,
    )
    assert nodes.class_at(record, hour) == expected


async def test_nodes_are_found_by_owner(net: TestNetwork) -> None:
    owner, device = await net.node()
    await net.node()
    assert len(await nodes.search(net.rpc)) == 2
    [mine] = await nodes.search(net.rpc, owner.pubkey())
    assert mine.device == device.pubkey()
    classes = await nodes.classes(net.rpc)
    assert nodes.slug(classes[mine.class_]) == "rtx-3070"


async def test_what_the_chain_would_refuse_is_refused_before(net: TestNetwork) -> None:
    owner, device = await net.wallet(), Keypair()
    good = await net.registration(owner, device)
    bad: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"genesis_hash": HASH}, Refused, f"for the chain {HASH}, this one is"),
        ({"staking_program": HASH}, Refused, f"for iog_staking {HASH}"),
        ({"owner": HASH}, NotAllowed, f"names {HASH} as owner, the wallet is"),
        ({"gpus": 2}, Refused, "signature is not the device's"),
        ({"gpu_class": "h100-pcie"}, Refused, "signature is not the device's"),
        ({"signature": "1" * 70}, Refused, "signature is not the device's"),
    ]
    for changes, kind, message in bad:
        changed = good.model_copy(update=changes)
        with pytest.raises(kind, match=message):
            await nodes.register(net.sender(owner), owner, changed, 1000, owner.pubkey())
    assert await nodes.search(net.rpc) == []


async def test_a_class_that_the_network_lacks_is_refused_with_those_it_has(
    net: TestNetwork,
) -> None:
    owner = await net.wallet()
    registration = await net.registration(owner, Keypair(), slug="gtx-1")
    with pytest.raises(
        Refused, match="no class `gtx-1` on this network; it has a100-40, a100-80-pcie,"
    ):
        await nodes.register(net.sender(owner), owner, registration, 1000, owner.pubkey())


async def test_a_node_is_registered_once(net: TestNetwork) -> None:
    owner, device = await net.node()
    again = await net.registration(owner, device)
    with pytest.raises(Refused, match=f"the node {device.pubkey()} is registered already"):
        await nodes.register(net.sender(owner), owner, again, 1000, owner.pubkey())


async def test_a_price_is_changed_and_taken_away_by_the_owner_alone(net: TestNetwork) -> None:
    owner, device = await net.node(ask=1000)
    key, sender = device.pubkey(), net.sender(owner)
    await nodes.set_ask(sender, owner, key, 2000)
    assert (await nodes.get(net.rpc, key)).ask == 2000
    await nodes.set_ask(sender, owner, key, 0)
    assert (await nodes.get(net.rpc, key)).ask == 0
    other = await net.wallet()
    with pytest.raises(NotAllowed, match=f"belongs to {owner.pubkey()}, the wallet is"):
        await nodes.set_ask(net.sender(other), other, key, 1)


async def test_another_payee_counts_from_the_next_hour(net: TestNetwork) -> None:
    owner, device = await net.node()
    key, sender = device.pubkey(), net.sender(owner)
    first, second = Keypair().pubkey(), Keypair().pubkey()
    await nodes.set_payee(sender, owner, key, first)
    await nodes.set_payee(sender, owner, key, second)
    node = await nodes.get(net.rpc, key)
    assert (node.payee, node.prev_payee) == (second, owner.pubkey())
    assert node.payee_from_hour == 2
    with pytest.raises(UsageError, match="nobody's address"):
        await nodes.set_payee(sender, owner, key, nodes.NOBODY)


async def test_a_node_is_paused_and_resumed_from_the_next_hour(net: TestNetwork) -> None:
    owner, device = await net.node()
    key, sender = device.pubkey(), net.sender(owner)
    with pytest.raises(Refused, match=f"the node {key} is active from hour 2"):
        await nodes.resume(sender, owner, key)
    await nodes.pause(sender, owner, key)
    node = await nodes.get(net.rpc, key)
    assert (nodes.state(node), node.active_from_hour) == ("paused", 0)
    with pytest.raises(Refused, match=f"the node {key} is paused, and only an active one is"):
        await nodes.pause(sender, owner, key)
    net.warp(2 * HOUR)
    await nodes.resume(sender, owner, key)
    node = await nodes.get(net.rpc, key)
    assert (nodes.state(node), node.active_from_hour) == ("active", 4)


async def test_a_node_whose_stake_is_missing_is_not_resumed(net: TestNetwork) -> None:
    owner, device = await net.wallet(100 * IO), Keypair()
    registration = await net.registration(owner, device)
    sender, key = net.sender(owner), device.pubkey()
    await nodes.register(sender, owner, registration, 1000, owner.pubkey())
    await stakes.add(sender, owner, key, 80 * IO)
    with pytest.raises(Refused) as caught:
        await nodes.resume(sender, owner, key)
    assert caught.value.message == (
        f"the node {key} has 80 IO of its own and 0 IO co-staked of 200 IO: "
        f"120 IO are missing (`iog stake add {key} --required`)"
    )


async def test_a_node_is_retired_once_nothing_is_left_and_its_owner_registers_it_anew(
    net: TestNetwork,
) -> None:
    owner, device = await net.node()
    key, sender = device.pubkey(), net.sender(owner)
    with pytest.raises(Refused, match="cannot be retired: 200 IO are staked"):
        await nodes.retire(sender, owner, key)
    await stakes.unstake(sender, owner, key)
    with pytest.raises(Refused, match="cannot be retired: 200 IO of its stake are cooling"):
        await nodes.retire(sender, owner, key)
    net.warp(14 * 24 * HOUR)
    await stakes.withdraw(sender, key)
    await nodes.retire(sender, owner, key)
    assert nodes.state(await nodes.get(net.rpc, key)) == "retired"
    with pytest.raises(Refused, match="is retired; `iog node register` registers it anew"):
        await nodes.set_ask(sender, owner, key, 1)

    thief = await net.wallet()
    theirs = await net.registration(thief, device)
    with pytest.raises(NotAllowed, match=f"was a node of {owner.pubkey()}, the wallet is"):
        await nodes.register(net.sender(thief), thief, theirs, 1000, thief.pubkey())
    again = await net.registration(owner, device, gpus=2)
    await nodes.register(sender, owner, again, 3000, owner.pubkey())
    node = await nodes.get(net.rpc, key)
    assert (nodes.state(node), node.gpus, node.ask) == ("registered", 2, 3000)


async def test_a_device_that_nobody_registered_is_not_found(net: TestNetwork) -> None:
    with pytest.raises(NotFound, match="no node is registered with the device"):
        await nodes.get(net.rpc, Keypair().pubkey())


def test_a_registration_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "registration.json"
    path.write_text(REGISTRATION.model_dump_json())
    assert Registration.load(path) == REGISTRATION


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gpus": 0}, "gpus: `0` is not accepted; accepted: a whole number, 1 to 1024"),
        ({"gpus": 1025}, "gpus: `1025` is not accepted; accepted: a whole number, 1 to 1024"),
        ({"gpu_class": "x" * 17}, "gpu_class: `x{17}` is not accepted; accepted: a class's slug"),
        ({"device": "0"}, "device: `0` is not accepted; accepted: the device's key, 32 to 44"),
        ({"simulated": "perhaps"}, "simulated: `perhaps` is not accepted; accepted: true or fal"),
        ({"more": 1}, "more: not a key of a registration; accepted: device, owner, gpu_class, g"),
    ],
)
def test_another_file_is_no_registration(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = tmp_path / "registration.json"
    path.write_text(json.dumps({**REGISTRATION.model_dump(), **changes}))
    with pytest.raises(UsageError, match=f"is not a registration: {message}"):
        Registration.load(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"not JSON \(EOF while parsing a value at line 1 column 0\); accepted: an object of "),
        ("[1]", "a list is not a registration; accepted: an object of device, owner, gpu_class"),
        ("{}", r"device: missing; accepted: the device's key, .* \(also wrong: owner, gpu_class, "),
    ],
)
def test_a_file_of_another_kind_is_no_registration(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "registration.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=f"is not a registration: {message}"):
        Registration.load(path)


def test_a_missing_registration_says_what_writes_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="does not exist; `iog node init` writes one"):
        Registration.load(tmp_path / "registration.json")
