"""`iog node init`: what it writes, and what it refuses before anything is written."""

import stat
from pathlib import Path
from typing import Any

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, interfaces, wallets
from iog_client.errors import Mismatch, NotAllowed, NotFound, Refused, Unreachable, UsageError
from iog_client.registration import Registration
from iog_worker import setup
from iog_worker.fake_orchestrator import GENESIS
from iog_worker.folder import NodeFacts, NodeFolder

URL = "http://orchestrator.invalid"
OWNER = Keypair.from_seed(bytes([1] * 32)).pubkey()
KEY = str(Keypair().pubkey())
OTHER_OWNER = Keypair.from_seed(bytes([2] * 32)).pubkey()
OTHER = {**interfaces.HASHES, "iog_jobs": "0" * 64}


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, registered: dict[str, object]) -> dict[str, object]:
    """What /v1/network says; a test may change it."""
    said: dict[str, object] = {
        "genesis_hash": str(GENESIS),
        "programs": {name: str(key) for name, key in addresses.PROGRAMS.items()},
        "idl_hashes": dict(interfaces.HASHES),
        "mint": str(addresses.mint()),
        "orchestrator": KEY,
        "hour_length": 60,
        "start": 0,
        "allow_simulated": True,
        "protocol": 1,
    }

    def get(url: str, path: str) -> dict[str, object]:
        if path == "/v1/network":
            return said
        if not registered:
            raise NotFound("no such node")
        return registered

    monkeypatch.setattr(setup, "get_json", get)
    return said


@pytest.fixture
def registered() -> dict[str, object]:
    """What /v1/nodes/DEVICE says: nothing of a node that is not registered; a test fills it."""
    return {}


@pytest.fixture
def folder(tmp_path: Path) -> NodeFolder:
    return NodeFolder(tmp_path / "node")


def init(
    folder: NodeFolder,
    simulate: str = "8xh100-pcie",
    *,
    url: str = URL,
    owner: Pubkey = OWNER,
    change: bool = False,
    **more: str,
) -> bool:
    """Whether it changed anything."""
    return setup.init(folder, url, owner, simulate=simulate, change=change, **more).changed


def node_view(device: str, **of_it: object) -> dict[str, object]:
    """What an orchestrator says of a registered node."""
    keys = {"device": device, "address": KEY, "owner": str(OWNER), "payee": str(OWNER)}
    numbers = dict.fromkeys(
        ["multiplier", "busy", "ask", "stake", "requirement", "active_from_hour"], 0
    )
    return {**keys, **numbers, "state": "active", "connected": True, **of_it}


def contents(folder: NodeFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.path.iterdir()}


def test_the_registration_is_one_that_the_owner_can_send(
    folder: NodeFolder, answer: dict[str, object]
) -> None:
    init(folder)
    sent = Registration.load(folder.registration)
    sent.check(GENESIS, OWNER)
    assert (sent.gpu_class, sent.gpus, sent.simulated) == ("h100-pcie", 8, True)


def test_the_key_is_for_this_user_only_and_is_made_once(
    folder: NodeFolder, answer: dict[str, object]
) -> None:
    init(folder)
    first = folder.key()
    assert stat.S_IMODE(folder.device.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert init(folder, "2xl4", change=True)
    assert folder.key() == first
    assert folder.facts().gpus == 2


@pytest.mark.usefixtures("answer")
def test_the_same_settings_change_nothing(folder: NodeFolder) -> None:
    assert init(folder, country="DE")
    before = contents(folder)
    assert not init(folder, country="DE")
    assert not init(folder, country="DE", change=True)
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"simulate": "2xl4"}, "GPUs 8x simulated h100-pcie, now 2x simulated l4"),
        ({"owner": OTHER_OWNER}, f"owner {OWNER}, now {OTHER_OWNER}"),
        ({"country": ""}, "country DE, now not said"),
        ({"url": f"{URL}:1"}, f"orchestrator {URL}, now {URL}:1"),
    ],
)
@pytest.mark.usefixtures("answer")
def test_other_settings_are_named_and_written_only_when_asked_for(
    folder: NodeFolder, other: dict[str, Any], said: str
) -> None:
    usual = {"country": "DE"}
    init(folder, **usual)
    before = contents(folder)
    with pytest.raises(Refused) as refusal:
        init(folder, **{**usual, **other})
    device = folder.key().pubkey()
    assert refusal.value.message == (
        f"{folder.path} is set up already, as node {device}: {said}. --change writes what is "
        "named now and keeps the key; another --folder makes another node"
    )
    assert contents(folder) == before
    assert init(folder, **{**usual, **other}, change=True)
    assert contents(folder)["device.json"] == before["device.json"]
    assert not init(folder, **{**usual, **other})


@pytest.mark.usefixtures("answer")
def test_the_gpus_of_a_registered_node_stay(
    folder: NodeFolder, registered: dict[str, object]
) -> None:
    init(folder)
    before = contents(folder)
    registered |= node_view(str(folder.key().pubkey()), gpus=8, gpu_class="h100-pcie")
    with pytest.raises(Refused, match=f"which {OWNER} has registered with 8x h100-pcie: its GPUs"):
        init(folder, "2xl4", change=True)
    assert contents(folder) == before
    assert init(folder, country="DE", change=True)
    # what it is registered with may be written into a folder that says something else
    registered["gpus"] = 4
    assert init(folder, "4xh100-pcie", country="DE", change=True)
    # a retired node is registered anew, with whatever its device then consents to
    registered["state"] = "retired"
    assert init(folder, "2xl4", change=True)


@pytest.mark.usefixtures("answer")
def test_a_node_whose_key_is_gone_gets_no_other_one(folder: NodeFolder) -> None:
    init(folder)
    kept = folder.device.rename(folder.path / "kept")
    for change in (False, True):
        with pytest.raises(NotFound, match=f"{folder.device} is gone, without which no machine"):
            init(folder, change=change)
    assert not folder.device.exists()
    kept.rename(folder.device)
    assert not init(folder)


@pytest.mark.parametrize("text", [None, "{", "{}"])
@pytest.mark.usefixtures("answer")
def test_a_registration_that_got_lost_is_made_again(folder: NodeFolder, text: str | None) -> None:
    init(folder)
    before = contents(folder)
    folder.registration.unlink()
    if text is not None:
        folder.registration.write_text(text)
    assert init(folder)
    assert contents(folder) == before


def test_the_network_is_pinned(folder: NodeFolder, answer: dict[str, object]) -> None:
    init(folder)
    facts = folder.facts()
    assert (facts.orchestrator, facts.genesis_hash) == (KEY, str(GENESIS))
    assert facts.programs["iog_jobs"] == str(addresses.JOBS)


@pytest.mark.parametrize("name", ["orchestrator", "genesis_hash"])
def test_a_folder_pinned_to_another_network_is_refused(
    folder: NodeFolder, answer: dict[str, object], name: str
) -> None:
    init(folder)
    before = folder.registration.read_bytes()
    answer[name] = str(Keypair().pubkey())
    with pytest.raises(Refused, match="is pinned to the"):
        init(folder)
    assert folder.registration.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "value", "kind", "why"),
    [
        ("allow_simulated", False, Refused, "takes no simulated GPUs"),
        ("protocol", 2, Refused, "version 2 of the protocol, this node 1"),
        ("programs", {}, Mismatch, "the id of iog_staking"),
        (
            "idl_hashes",
            OTHER,
            Refused,
            f"the interface {'0' * 64} of iog_jobs",
        ),
        ("orchestrator", "x", Unreachable, "no usable orchestrator"),
        ("genesis_hash", None, Unreachable, "no usable genesis_hash"),
    ],
)
def test_an_unfit_network_is_refused_before_a_key_is_made(
    folder: NodeFolder,
    answer: dict[str, object],
    name: str,
    value: object,
    kind: type[Exception],
    why: str,
) -> None:
    answer[name] = value
    with pytest.raises(kind, match=why):
        init(folder)
    assert not folder.path.exists()


def test_a_wrong_simulation_is_refused_before_the_network_is_asked(folder: NodeFolder) -> None:
    with pytest.raises(UsageError):
        init(folder, "many")
    assert not folder.path.exists()


def test_another_class_than_asked_for_is_refused(
    folder: NodeFolder, answer: dict[str, object]
) -> None:
    with pytest.raises(UsageError, match="not h200"):
        init(folder, gpu_class="h200")
    assert not folder.registration.exists()


def test_gpus_that_changed_since_are_refused(folder: NodeFolder, answer: dict[str, object]) -> None:
    init(folder)
    facts = folder.facts().model_copy(update={"gpus": 7})
    with pytest.raises(Refused, match="8xh100-pcie now and 7xh100-pcie when"):
        setup.hardware(facts, setup.source(facts.simulated, folder.key()))


def test_a_folder_that_was_never_set_up_is_named(folder: NodeFolder) -> None:
    with pytest.raises(NotFound, match="`iog node init` makes one"):
        folder.key()
    with pytest.raises(NotFound, match="`iog node init` writes it"):
        folder.facts()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"device": 1}'])
def test_a_damaged_node_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "node.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"node\.json is not usable"):
        NodeFacts.load(path, "iog node init")


def test_another_users_device_key_is_not_shown(folder: NodeFolder) -> None:
    folder.make()
    folder.device.write_text("[1, 2, 3]")
    with pytest.raises(UsageError, match="device key file"):
        folder.key()
    assert wallets.BYTES == 64


@pytest.mark.usefixtures("answer")
def test_a_refused_init_leaves_nothing_behind(folder: NodeFolder) -> None:
    with pytest.raises(UsageError):
        init(folder, "1xh100-pcie", gpu_class="t4")
    assert not folder.path.exists()


@pytest.mark.usefixtures("answer")
def test_another_nodes_device_key_is_refused_by_name(folder: NodeFolder, tmp_path: Path) -> None:
    init(folder)
    other = NodeFolder(tmp_path / "other")
    init(other)
    folder.device.write_text(other.device.read_text())
    named = f"holds the key {other.key().pubkey()}, and this node is"
    with pytest.raises(NotAllowed, match=named):
        folder.identity()
    with pytest.raises(NotAllowed, match=named):
        init(folder, change=True)
