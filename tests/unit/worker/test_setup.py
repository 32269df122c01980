"""`iog node init`: what it writes, and what it refuses before anything is written."""

import stat
from pathlib import Path

import pytest
from solders.keypair import Keypair

from iog_client import addresses, interfaces, wallets
from iog_client.errors import Mismatch, NotAllowed, NotFound, Refused, Unreachable, UsageError
from iog_client.registration import Registration
from iog_worker import setup
from iog_worker.fake_orchestrator import GENESIS
from iog_worker.folder import NodeFacts, NodeFolder

URL = "http://orchestrator.invalid"
OWNER = Keypair().pubkey()
KEY = str(Keypair().pubkey())
OTHER = {**interfaces.HASHES, "iog_jobs": "0" * 64}


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
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
    monkeypatch.setattr(setup, "get_json", lambda url, path: said)
    return said


@pytest.fixture
def folder(tmp_path: Path) -> NodeFolder:
    return NodeFolder(tmp_path / "node")


def init(folder: NodeFolder, simulate: str = "8xh100-pcie", **more: str) -> None:
    setup.init(folder, URL, OWNER, simulate=simulate, **more)


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
    init(folder, "2xl4")
    assert folder.key() == first
    assert folder.facts().gpus == 2


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
    with pytest.raises(NotAllowed, match=f"holds the key {other.key().pubkey()}, and this node is"):
        folder.identity()
