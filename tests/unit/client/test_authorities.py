"""Who may change the programs: what is read, and what is refused before anything is sent."""

from __future__ import annotations

import struct

import pytest
from chain_samples import SOL
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, authorities, loader
from iog_client.embedded import EmbeddedChain
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.testing import EmbeddedRpc, ManualClock


class ClusterRpc(EmbeddedRpc):
    """The embedded chain passing for another; it keeps what would be sent."""

    async def version(self) -> str:
        return "4.2.2"


@pytest.fixture
def chain() -> EmbeddedChain:
    return EmbeddedChain(clock=ManualClock(), programs={})


@pytest.fixture
def owner() -> Keypair:
    return Keypair()


def place(chain: EmbeddedChain, authority: Pubkey | None, *names: str) -> None:
    for name in names or addresses.PROGRAMS:
        data = loader.program_data_account(loader.ProgramData(0, authority, b"\7" * 100))
        address = loader.program_data_address(addresses.PROGRAMS[name])
        chain.set_account(address, Account(SOL, data, loader.LOADER))


async def change(
    chain: EmbeddedChain, owner: Keypair, to: Pubkey | Keypair | None
) -> list[authorities.Upgradeable]:
    return await authorities.change(ClusterRpc(chain), owner, owner, to)


def test_an_unknown_program_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="no program 'iog_tokn'; there are iog_token, iog_staking"):
        authorities.chosen(["iog_tokn"])


async def test_reading_says_who_may_change_each_program(
    chain: EmbeddedChain, owner: Keypair
) -> None:
    place(chain, owner.pubkey())
    place(chain, None, "iog_jobs")
    found = await authorities.read(ClusterRpc(chain))
    assert [one.name for one in found] == list(addresses.PROGRAMS)
    assert [one.authority for one in found] == [owner.pubkey()] * 3 + [None]


async def test_a_missing_program_is_named(chain: EmbeddedChain, owner: Keypair) -> None:
    place(chain, owner.pubkey(), "iog_token", "iog_staking", "iog_rewards")
    with pytest.raises(NotFound, match=f"iog_jobs \\({addresses.JOBS}\\) is not on this chain"):
        await authorities.read(ClusterRpc(chain))


async def test_another_key_than_the_authoritys_is_refused(
    chain: EmbeddedChain, owner: Keypair
) -> None:
    place(chain, owner.pubkey())
    other = Keypair()
    with pytest.raises(NotAllowed, match=f"by {owner.pubkey()} only, not by {other.pubkey()}"):
        await change(chain, other, Keypair().pubkey())
    assert chain.transaction_count == 0


async def test_one_program_of_another_authority_stops_all(
    chain: EmbeddedChain, owner: Keypair
) -> None:
    place(chain, owner.pubkey())
    place(chain, Keypair().pubkey(), "iog_jobs")
    with pytest.raises(NotAllowed, match="iog_jobs"):
        await change(chain, owner, None)
    assert chain.transaction_count == 0


async def test_a_right_that_was_given_up_does_not_come_back(
    chain: EmbeddedChain, owner: Keypair
) -> None:
    place(chain, None)
    with pytest.raises(Refused, match="nobody may change iog_token"):
        await change(chain, owner, owner.pubkey())


@pytest.mark.parametrize("final", [False, True])
async def test_what_is_so_already_is_left_alone(
    chain: EmbeddedChain, owner: Keypair, final: bool
) -> None:
    to = None if final else Keypair().pubkey()
    place(chain, to)
    assert await change(chain, owner, to) == []
    assert chain.transaction_count == 0


@pytest.mark.parametrize("to", [addresses.SYSTEM, addresses.TOKEN, loader.LOADER])
async def test_a_program_is_no_authority(chain: EmbeddedChain, owner: Keypair, to: Pubkey) -> None:
    place(chain, owner.pubkey())
    with pytest.raises(UsageError, match="is a program"):
        await change(chain, owner, to)


async def test_the_embedded_chain_is_refused(chain: EmbeddedChain, owner: Keypair) -> None:
    place(chain, owner.pubkey())
    with pytest.raises(Refused, match="takes no deployments"):
        await authorities.change(EmbeddedRpc(chain), owner, owner, None)


def test_the_loader_is_told_who_is_next_or_nobody(owner: Keypair) -> None:
    program, new = Keypair().pubkey(), Keypair().pubkey()
    code = loader.program_data_address(program)
    handed = loader.set_authority(program, owner.pubkey(), new)
    dropped = loader.set_authority(program, owner.pubkey(), None)
    checked = loader.set_authority_checked(program, owner.pubkey(), new)
    assert [bytes(one.data) for one in (handed, dropped, checked)] == [
        struct.pack("<I", number) for number in (4, 4, 7)
    ]
    assert [meta.pubkey for meta in handed.accounts] == [code, owner.pubkey(), new]
    assert [meta.pubkey for meta in dropped.accounts] == [code, owner.pubkey()]
    assert [meta.is_signer for meta in handed.accounts] == [False, True, False]
    assert [meta.is_signer for meta in checked.accounts] == [False, True, True]
