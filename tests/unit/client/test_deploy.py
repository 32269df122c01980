"""Deployment: what is refused before anything is sent, and what is compared."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from chain_samples import SOL
from solders.account import Account
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import deploy, loader
from iog_client.deploy import Deployer, ProgramFile, refuse_public_keys
from iog_client.embedded import EmbeddedChain
from iog_client.errors import InsufficientSol, NotAllowed, NotFound, Refused
from iog_client.prebuilt import LOCAL_KEYS
from iog_client.testing import EmbeddedRpc, ManualClock
from iog_client.transactions import MAX_BYTES, compile_message

HERE = "http://127.0.0.1:8899"
GENESIS = Hash.new_unique()
DEVNET = Hash.from_string("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG")
PUBLIC = sorted(deploy.LOCAL_IDS, key=str)


class ClusterRpc(EmbeddedRpc):
    """The embedded chain passing for another, so that deployments are planned on it."""

    async def version(self) -> str:
        return "4.2.2"


@pytest.fixture
def chain() -> EmbeddedChain:
    return EmbeddedChain(clock=ManualClock(), programs={})


def a_program(code: bytes = b"\7" * 5000) -> ProgramFile:
    return ProgramFile("iog_token", Keypair().pubkey(), "v3", Path("iog_token.v3.so"), code)


def place(chain: EmbeddedChain, program: Pubkey, code: bytes, authority: Pubkey | None) -> None:
    data = loader.program_data_account(loader.ProgramData(0, authority, code))
    chain.set_account(loader.program_data_address(program), Account(SOL, data, loader.LOADER))
    pointer = loader.program_account(program)
    chain.set_account(program, Account(SOL, pointer, loader.LOADER))


def deployer(rpc: EmbeddedRpc, authority: Keypair | None = None) -> Deployer:
    payer = Keypair()
    return Deployer(rpc, payer, authority or payer)


def test_the_repositorys_ids_are_known_as_public() -> None:
    keys = [json.loads(path.read_text()) for path in LOCAL_KEYS.glob("*.json")]
    assert {Keypair.from_bytes(bytes(key)).pubkey() for key in keys} == deploy.LOCAL_IDS


@pytest.mark.parametrize("url", [HERE, "http://localhost:1", "http://[::1]:8899"])
def test_public_keys_are_good_enough_on_this_machine(url: str) -> None:
    refuse_public_keys(GENESIS, url, PUBLIC)


@pytest.mark.parametrize(
    ("genesis", "url", "said"),
    [
        (GENESIS, "https://rpc.example.org", "is not on this machine"),
        (GENESIS, "http://10.0.0.7:8899", "is not on this machine"),
        (DEVNET, HERE, "is devnet"),
        (DEVNET, "https://rpc.example.org", "is devnet"),
    ],
)
def test_public_keys_are_refused_anywhere_else(genesis: Hash, url: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as caught:
        refuse_public_keys(genesis, url, [Keypair().pubkey(), PUBLIC[0]])
    assert "make programs KEYS=" in caught.value.message


def test_ones_own_keys_go_anywhere() -> None:
    refuse_public_keys(DEVNET, "https://rpc.example.org", [Keypair().pubkey()])


def test_an_unknown_program_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="no program 'iog_tokn'; there are iog_token, iog_staking"):
        deploy.chosen(["iog_tokn"], "v0")


@pytest.mark.parametrize(
    ("on_chain", "action"),
    [(b"\7" * 5000, "same"), (b"\7" * 5000 + bytes(9), "same"), (b"\7" * 4999, "differs")],
)
async def test_on_the_embedded_chain_hashes_are_compared(
    chain: EmbeddedChain, on_chain: bytes, action: str
) -> None:
    program = a_program()
    place(chain, program.id, on_chain, None)
    [step] = await deployer(EmbeddedRpc(chain)).plan([program])
    assert step.action == action
    assert (step.on_chain == program.sha256) == (action == "same")


async def test_on_the_embedded_chain_a_missing_program_is_said_to_be(chain: EmbeddedChain) -> None:
    [step] = await deployer(EmbeddedRpc(chain)).plan([a_program()])
    assert (step.action, step.on_chain) == ("absent", None)


async def test_an_absent_program_is_planned_with_its_price(chain: EmbeddedChain) -> None:
    [step] = await deployer(ClusterRpc(chain)).plan([a_program()])
    rent = 6960 * (128 + 5045) + 6960 * (128 + 36)
    chunks = 6
    assert (step.action, step.lamports) == ("deploy", rent + 5000 * (chunks + 8))


async def test_code_that_is_there_is_left_alone(chain: EmbeddedChain) -> None:
    program = a_program()
    place(chain, program.id, program.code, None)
    [step] = await deployer(ClusterRpc(chain)).plan([program])
    assert (step.action, step.lamports) == ("same", 0)


async def test_other_code_is_upgraded_by_its_authority_only(chain: EmbeddedChain) -> None:
    program, authority = a_program(), Keypair()
    place(chain, program.id, b"\1" * 5000, authority.pubkey())
    [step] = await deployer(ClusterRpc(chain), authority).plan([program])
    assert step.action == "upgrade"
    with pytest.raises(NotAllowed, match=str(authority.pubkey())):
        await deployer(ClusterRpc(chain)).plan([program])


async def test_other_code_of_a_final_program_is_refused(chain: EmbeddedChain) -> None:
    program = a_program()
    place(chain, program.id, b"\1" * 5000, None)
    with pytest.raises(Refused, match="nobody may change it"):
        await deployer(ClusterRpc(chain)).plan([program])


async def test_an_address_that_is_no_program_is_refused(chain: EmbeddedChain) -> None:
    program = a_program()
    place(chain, program.id, program.code, None)
    chain.airdrop(program.id, SOL)
    chain.set_account(program.id, Account(SOL, b"", Keypair().pubkey()))
    with pytest.raises(Refused, match="not a program of the upgradeable loader"):
        await deployer(ClusterRpc(chain)).plan([program])


async def test_too_little_sol_is_refused_before_the_first_write(chain: EmbeddedChain) -> None:
    rpc, payer, identity = ClusterRpc(chain), Keypair(), Keypair()
    chain.airdrop(payer.pubkey(), 37_000_000)
    code = b"\7" * 5000
    program = ProgramFile("iog_token", identity.pubkey(), "v3", Path("x"), code)
    work = Deployer(rpc, payer, payer)
    steps = await work.plan([program])
    before = chain.transaction_count
    with pytest.raises(InsufficientSol, match=r"holds 0\.037000 SOL; the deployment needs 0\.037"):
        await work.run(steps, {identity.pubkey(): identity})
    assert chain.transaction_count == before


async def test_a_missing_id_key_is_refused_before_the_first_write(chain: EmbeddedChain) -> None:
    work = deployer(ClusterRpc(chain))
    steps = await work.plan([a_program()])
    with pytest.raises(NotFound, match="the id key of iog_token"):
        await work.run(steps, {})


@pytest.mark.parametrize(("data", "arch"), [(b"\1" + bytes(8), "v3"), (b"\0", "v0"), (None, "v0")])
async def test_the_clusters_features_choose_the_instruction_set(
    chain: EmbeddedChain, data: bytes | None, arch: str
) -> None:
    if data is not None:
        feature = Pubkey.from_string("Feature111111111111111111111111111111111111")
        chain.set_account(deploy.SBPF_V3, Account(SOL, data, feature))
    assert await deploy.architecture(ClusterRpc(chain)) == arch


def test_a_buffer_is_found_again_by_the_same_payer_and_code_alone(chain: EmbeddedChain) -> None:
    payer, other, program = Keypair(), Keypair(), a_program()
    rpc = ClusterRpc(chain)
    same = {Deployer(rpc, payer, key).buffer_key(program).pubkey() for key in (payer, other)}
    assert len(same) == 1
    changed = ProgramFile(program.name, program.id, "v3", program.path, program.code + b"!")
    more = {
        Deployer(rpc, other, other).buffer_key(program).pubkey(),
        Deployer(rpc, payer, payer).buffer_key(changed).pubkey(),
    }
    assert len(same | more) == 3


@pytest.mark.parametrize("apart", [False, True])
def test_chunks_fill_transactions_and_cover_the_code(chain: EmbeddedChain, apart: bool) -> None:
    payer = Keypair()
    authority = Keypair() if apart else payer
    work, program = Deployer(ClusterRpc(chain), payer, authority), a_program(bytes(range(250)) * 20)
    chunks = list(work._chunks(program))
    assert b"".join(part for _, part in chunks) == program.code
    sizes = set()
    for offset, part in chunks[:-1]:
        write = loader.write(Keypair().pubkey(), authority.pubkey(), offset, part)
        message = compile_message(payer.pubkey(), [write], Hash.default())
        sizes.add(len(bytes(message)) + 1 + 64 * message.header.num_required_signatures)
    assert sizes == {MAX_BYTES}


@pytest.mark.parametrize("authority", [None, Keypair().pubkey()])
def test_program_data_is_read_as_written(authority: Pubkey | None) -> None:
    data = loader.ProgramData(7, authority, b"code")
    assert loader.read_program_data(loader.program_data_account(data)) == data


@pytest.mark.parametrize("data", [b"", bytes(45), struct.pack("<I", 2) + bytes(60)])
def test_accounts_of_another_kind_are_not_read(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a program's code"):
        loader.read_program_data(data)
    with pytest.raises(ValueError, match="not a buffer"):
        loader.read_buffer(data)
