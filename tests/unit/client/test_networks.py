"""Creating networks on the embedded chain: once, resumed, and refused when they differ."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from solders.keypair import Keypair

from iog_client import addresses, networkfile, networks, onchain, prebuilt, tokens, wallets
from iog_client.embedded.chain import EmbeddedChain
from iog_client.errors import Mismatch, NotAllowed, NotFound, ProgramError, Refused, UsageError
from iog_client.networkfile import NetworkFile
from iog_client.networks import NetworkRecord
from iog_client.testing import EmbeddedRpc, ManualClock

LOCAL = Path(__file__).parents[3] / "networks" / "local.yaml"
STEPS = [
    "iog_token initialized",
    "5 genesis buckets",
    "genesis sealed",
    "iog_staking initialized",
    "35 classes",
    "iog_rewards initialized",
    "iog_jobs initialized",
]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def rpc(clock: ManualClock) -> EmbeddedRpc:
    return EmbeddedRpc(EmbeddedChain(clock=clock))


@pytest.fixture
def file() -> NetworkFile:
    return networkfile.load(LOCAL)


@pytest.fixture
async def record(rpc: EmbeddedRpc, file: NetworkFile, tmp_path: Path) -> NetworkRecord:
    return await networks.create(rpc, file, tmp_path)


def differing(file: NetworkFile, **changed: Any) -> NetworkFile:
    return file.model_copy(update=changed)


async def test_a_network_is_created_once_and_found_done_again(
    rpc: EmbeddedRpc, file: NetworkFile, tmp_path: Path
) -> None:
    said: list[str] = []
    first = await networks.create(rpc, file, tmp_path, report=said.append)
    assert said == STEPS
    again: list[str] = []
    assert await networks.create(rpc, file, tmp_path, report=again.append) == first
    assert again == [f"{step} already" for step in STEPS]


async def test_the_chain_then_has_what_the_file_says(
    rpc: EmbeddedRpc, file: NetworkFile, record: NetworkRecord
) -> None:
    found = await onchain.read_chain(rpc)
    assert found.hour_length == 60
    assert found.pool_bps == 1000
    assert found.fee_bps == 25
    assert found.sealed
    assert found.start == 0
    assert found.oracles == record.oracles
    assert len(found.classes) == len(file.classes)
    assert found.classes[0].slug == "b200"
    assert all(one.shipped for one in found.programs)
    assert (await tokens.supply(rpc)).supply == 500_000_000 * 10**8


async def test_the_record_reads_back_the_same(record: NetworkRecord, tmp_path: Path) -> None:
    networks.write_record(tmp_path / "network.json", record)
    assert networks.read_record(tmp_path / "network.json") == record


async def test_an_interrupted_creation_is_resumed(
    rpc: EmbeddedRpc, file: NetworkFile, tmp_path: Path
) -> None:
    def interrupt(step: str) -> None:
        if step == "genesis sealed":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await networks.create(rpc, file, tmp_path, report=interrupt)
    said: list[str] = []
    await networks.create(rpc, file, tmp_path, report=said.append)
    assert said == [f"{step} already" for step in STEPS[:3]] + STEPS[3:]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"pool_bps": 5}, "pool_bps is 1000 on chain, and 5 was asked for"),
        ({"hour_length": 61}, "hour_length is 60 on chain, and 61 was asked for"),
    ],
)
@pytest.mark.usefixtures("record")
async def test_another_value_than_the_chains_is_refused_naming_both(
    rpc: EmbeddedRpc, file: NetworkFile, tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(Mismatch) as refusal:
        await networks.create(rpc, differing(file, **changed), tmp_path)
    assert refusal.value.message == said


@pytest.mark.usefixtures("record")
async def test_another_multiplier_is_refused(
    rpc: EmbeddedRpc, file: NetworkFile, tmp_path: Path
) -> None:
    first = file.classes[0].model_copy(update={"multiplier": 1})
    changed = differing(file, classes=(first, *file.classes[1:]))
    with pytest.raises(
        Mismatch, match=r"class b200 .* is \(30000, 0, 1\) on chain, and \(1, 0, 1\)"
    ):
        await networks.create(rpc, changed, tmp_path)


@pytest.mark.usefixtures("record")
async def test_another_beneficiary_is_refused(
    rpc: EmbeddedRpc, file: NetworkFile, tmp_path: Path
) -> None:
    first = file.genesis[0].model_copy(update={"beneficiary": str(Keypair().pubkey())})
    changed = differing(file, genesis=(first, *file.genesis[1:]))
    with pytest.raises(Mismatch, match="genesis bucket 0"):
        await networks.create(rpc, changed, tmp_path)


@pytest.mark.usefixtures("record")
async def test_another_authority_is_refused(
    rpc: EmbeddedRpc, file: NetworkFile, tmp_path: Path
) -> None:
    keys = file.keys.model_copy(update={"authority": "keys/other.json"})
    with pytest.raises(Mismatch, match="the authority of iog_token is"):
        await networks.create(rpc, differing(file, keys=keys), tmp_path)


async def test_an_authority_that_is_only_an_address_cannot_create(
    rpc: EmbeddedRpc, file: NetworkFile, tmp_path: Path
) -> None:
    keys = file.keys.model_copy(update={"authority": str(Keypair().pubkey())})
    with pytest.raises(UsageError, match="authority is an address, and has to be a key file"):
        await networks.create(rpc, differing(file, keys=keys), tmp_path)


async def test_off_local_chains_keys_are_not_made(
    rpc: EmbeddedRpc, file: NetworkFile, tmp_path: Path
) -> None:
    with pytest.raises(NotFound, match=r"authority key file .* does not exist"):
        await networks.create(rpc, differing(file, local=False), tmp_path)


async def test_without_the_id_keys_nothing_is_initialized(
    rpc: EmbeddedRpc, file: NetworkFile, tmp_path: Path
) -> None:
    with pytest.raises(
        NotFound, match=r"iog_token\.json is missing: the id key of iog_token signs"
    ):
        await networks.create(rpc, file, tmp_path, program_keys=tmp_path)
    assert await rpc.account(addresses.token_config()) is None


async def test_another_key_in_place_of_an_id_key_is_refused(
    rpc: EmbeddedRpc, file: NetworkFile, tmp_path: Path
) -> None:
    wallets.create(tmp_path / "iog_token.json")
    with pytest.raises(Mismatch, match="the id of iog_token is CDc1nT27"):
        await networks.create(rpc, file, tmp_path, program_keys=tmp_path)


async def test_a_chain_without_the_programs_is_refused(
    clock: ManualClock, file: NetworkFile, tmp_path: Path
) -> None:
    bare = EmbeddedRpc(EmbeddedChain(clock=clock, programs={}))
    with pytest.raises(NotFound, match=r"the chain has no program iog_token .*; `iog deploy`"):
        await networks.create(bare, file, tmp_path)
    with pytest.raises(NotFound, match="the chain has no program iog_token"):
        await onchain.read_chain(bare)


async def test_a_chain_with_another_program_is_refused_with_both_hashes(
    clock: ManualClock, file: NetworkFile, tmp_path: Path
) -> None:
    code = {name: prebuilt.load(name, "v0") for name in addresses.PROGRAMS}
    programs = {address: code[name].code for name, address in addresses.PROGRAMS.items()}
    programs[addresses.JOBS] = code["iog_token"].code
    other = EmbeddedRpc(EmbeddedChain(clock=clock, programs=programs))
    with pytest.raises(Mismatch) as refusal:
        await networks.create(other, file, tmp_path)
    assert code["iog_jobs"].sha256 in refusal.value.message
    assert "the sha256 of iog_jobs is " in refusal.value.message


async def test_programs_that_cannot_be_compared_are_refused(
    rpc: EmbeddedRpc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOG_PROGRAMS", str(tmp_path))
    with pytest.raises(NotFound, match=r"iog_token\.v3\.so is missing; build it"):
        await onchain.program_hashes(rpc)


async def test_before_a_network_is_created_there_is_none(rpc: EmbeddedRpc) -> None:
    with pytest.raises(NotFound, match="there is no network on this chain"):
        await onchain.read_chain(rpc)


async def test_emission_starts_once(rpc: EmbeddedRpc, record: NetworkRecord) -> None:
    authority = networks.load_authority(record)
    at = await rpc.chain_time() + 100
    assert await networks.start(rpc, authority, at) == at
    assert await networks.start(rpc, authority, at) == at
    assert await networks.start(rpc, authority) == at
    with pytest.raises(Mismatch, match=f"the start of emission is {at} on chain"):
        await networks.start(rpc, authority, at + 1)


async def test_emission_started_now_starts_within_seconds(
    rpc: EmbeddedRpc, record: NetworkRecord
) -> None:
    now = await rpc.chain_time()
    assert now < await networks.start(rpc, networks.load_authority(record)) <= now + 5


async def test_emission_does_not_start_in_the_past(rpc: EmbeddedRpc, record: NetworkRecord) -> None:
    with pytest.raises(ProgramError, match="the start lies in the past"):
        await networks.start(rpc, networks.load_authority(record), await rpc.chain_time() - 1)


async def test_only_the_authority_starts_emission(
    rpc: EmbeddedRpc, record: NetworkRecord, tmp_path: Path
) -> None:
    other = wallets.load(record.keys.matcher or tmp_path)
    with pytest.raises(Refused, match="iog_token refused emission_start"):
        await networks.start(rpc, other)


async def test_a_record_of_another_chain_is_told_apart(
    clock: ManualClock, record: NetworkRecord
) -> None:
    other = EmbeddedRpc(EmbeddedChain(clock=clock, programs={}))
    with pytest.raises(Mismatch, match=r"the network's is .*: this is another chain, or"):
        await onchain.require_chain(other, record.genesis_hash)


async def test_a_record_of_programs_with_other_interfaces_is_refused_with_both_hashes(
    record: NetworkRecord, tmp_path: Path
) -> None:
    path, ours = tmp_path / "network.json", record.idl_hashes["iog_rewards"]
    others = {**record.idl_hashes, "iog_rewards": "0" * 64}
    networks.write_record(path, record.model_copy(update={"idl_hashes": others}))
    with pytest.raises(Refused) as refusal:
        networks.read_record(path)
    assert refusal.value.message == (
        f"{path} has the interface {'0' * 64} of iog_rewards, and this iog was made for {ours}; "
        "use the iog that belongs to that network"
    )


async def test_a_record_of_programs_at_other_addresses_is_refused(
    record: NetworkRecord, tmp_path: Path
) -> None:
    path = tmp_path / "network.json"
    programs = {**record.programs, "iog_jobs": record.mint}
    networks.write_record(path, record.model_copy(update={"programs": programs}))
    with pytest.raises(Refused, match=f"has iog_jobs at {record.mint}, and this iog was made for"):
        networks.read_record(path)


def test_a_missing_record_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="`iog network init` writes it"):
        networks.read_record(tmp_path / "network.json")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"name": 1}'])
def test_what_is_not_a_record_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "network.json").write_text(text)
    with pytest.raises(UsageError, match="is not what `iog network init` wrote"):
        networks.read_record(tmp_path / "network.json")


def test_a_folder_is_not_a_record(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder; name the network"):
        networks.read_record(tmp_path)


def test_a_record_that_cannot_be_read_is_not_allowed(tmp_path: Path) -> None:
    loop = tmp_path / "network.json"
    loop.symlink_to(loop)  # root reads whatever its mode is
    with pytest.raises(NotAllowed, match="cannot be read"):
        networks.read_record(loop)


async def test_the_folder_of_a_network_can_be_moved(
    rpc: EmbeddedRpc, file: NetworkFile, record: NetworkRecord, tmp_path: Path
) -> None:
    moved = tmp_path.parent / "moved"
    shutil.copytree(tmp_path, moved)
    assert (await networks.create(rpc, file, moved)).authority == record.authority
