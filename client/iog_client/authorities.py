"""Who may change the code of the programs: reading it, handing it on, giving it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, loader
from iog_client.deploy import is_embedded
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.rpc import Rpc
from iog_client.transactions import Sender


@dataclass(frozen=True)
class Upgradeable:
    """A program, and who may change its code; `authority` None when nobody can."""

    name: str
    id: Pubkey
    authority: Pubkey | None


def chosen(names: Sequence[str]) -> dict[str, Pubkey]:
    """The programs of these names (none: all four); `jobs` is `iog_jobs`. Raises `NotFound`."""
    names = [f"iog_{name}" if f"iog_{name}" in addresses.PROGRAMS else name for name in names]
    unknown = sorted(set(names) - set(addresses.PROGRAMS))
    if unknown:
        known = ", ".join(addresses.PROGRAMS)
        raise NotFound(f"there is no program {unknown[0]!r}; there are {known}")
    return {name: id for name, id in addresses.PROGRAMS.items() if not names or name in names}


async def read(rpc: Rpc, programs: Mapping[str, Pubkey] = addresses.PROGRAMS) -> list[Upgradeable]:
    """Who may change these programs. Raises `NotFound` for one that is not on the chain."""
    codes = [loader.program_data_address(address) for address in programs.values()]
    found = []
    for (name, address), account in zip(programs.items(), await rpc.accounts(codes), strict=True):
        if account is None:
            raise NotFound(f"{name} ({address}) is not on this chain")
        authority = loader.read_program_data(account.data).authority
        found.append(Upgradeable(name, address, authority))
    return found


async def change(
    rpc: Rpc,
    payer: Keypair,
    authority: Keypair,
    to: Pubkey | Keypair | None,
    programs: Mapping[str, Pubkey] = addresses.PROGRAMS,
) -> list[Upgradeable]:
    """Lets `to` change the programs instead of `authority`, all in one transaction.

    A key signs for itself, so a mistake cannot lock everybody out; an address, as of a multisig,
    is believed. None gives the right up for good. Returns the programs that this changed.

    Raises:
        NotAllowed: a program is changed by another key.
        Refused: nobody may change one of them, or the chain takes no such transactions.
        UsageError: the address is one that could never use the right.
    """
    new = to.pubkey() if isinstance(to, Keypair) else to
    if new in {*addresses.PROGRAMS.values(), addresses.SYSTEM, loader.LOADER}:
        raise UsageError(f"{new} is a program; it cannot change another")
    if await is_embedded(rpc):
        raise Refused("the embedded chain takes no deployments; its programs cannot be changed")
    left = [one for one in await read(rpc, programs) if one.authority != new]
    for one in left:
        _require(one, authority.pubkey())
    if left:
        signers = [authority, to] if isinstance(to, Keypair) else [authority]
        instructions = [_instruction(one.id, authority.pubkey(), to) for one in left]
        others = [key for key in signers if key != payer]
        await Sender(rpc, payer).send(instructions, signers=others)
    return left


def _require(program: Upgradeable, key: Pubkey) -> None:
    shown = f"{program.name} ({program.id})"
    if program.authority is None:
        raise Refused(f"nobody may change {shown} any more")
    if program.authority != key:
        raise NotAllowed(f"{shown} may be changed by {program.authority} only, not by {key}")


def _instruction(program: Pubkey, authority: Pubkey, to: Pubkey | Keypair | None) -> Instruction:
    if isinstance(to, Keypair):
        return loader.set_authority_checked(program, authority, to.pubkey())
    return loader.set_authority(program, authority, to)
