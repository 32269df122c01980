"""A node is registered with its device's consent, or refused before anything is sent."""

import json
from pathlib import Path
from typing import Any

import pytest
from network_samples import TestNetwork
from solders.keypair import Keypair

from iog_client import funds, nodes
from iog_client._generated.iog_staking.accounts import Class, Node
from iog_client.amounts import format_sol
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
    with pytest.raises(Refused, match="has no class gtx-1; it has a100-40, a100-80-pcie,"):
        await nodes.register(net.sender(owner), owner, registration, 1000, owner.pubkey())


async def test_a_node_is_registered_once(net: TestNetwork) -> None:
    owner, device = await net.node()
    again = await net.registration(owner, device)
    with pytest.raises(Refused, match=f"the node {device.pubkey()} is registered already"):
        await nodes.register(net.sender(owner), owner, again, 1000, owner.pubkey())


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
        ({"gpus": 0}, "gpus: Input should be greater than or equal to 1"),
        ({"gpus": 1025}, "gpus: Input should be less than or equal to 1024"),
        ({"gpu_class": "x" * 17}, "gpu_class: String should have at most 16 characters"),
        ({"device": "0"}, "device: String should"),
        ({"more": 1}, "more: Extra inputs are not permitted"),
    ],
)
def test_another_file_is_no_registration(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = tmp_path / "registration.json"
    path.write_text(json.dumps({**REGISTRATION.model_dump(), **changes}))
    with pytest.raises(UsageError, match=f"is not a registration: {message}"):
        Registration.load(path)


def test_a_missing_registration_says_what_writes_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="does not exist; `iog node init` writes one"):
        Registration.load(tmp_path / "registration.json")
