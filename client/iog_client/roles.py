"""Who may do what in the programs: the keys they keep, and handing their roles on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, loader, records
from iog_client._generated.iog_jobs import accounts as jobs_accounts
from iog_client._generated.iog_jobs import instructions as jobs_calls
from iog_client._generated.iog_rewards import accounts as rewards_accounts
from iog_client._generated.iog_rewards import instructions as rewards_calls
from iog_client._generated.iog_staking import accounts as staking_accounts
from iog_client._generated.iog_staking import instructions as staking_calls
from iog_client._generated.iog_token import accounts as token_accounts
from iog_client._generated.iog_token import instructions as token_calls
from iog_client.amounts import BPS, format_share
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.rpc import Rpc
from iog_client.transactions import Sender, Sent

NOBODY = Pubkey.default()
MOST_ORACLES = 7
_SPECIAL = {"iog_rewards": ("oracles",), "iog_jobs": ("treasury",)}
"""Roles that are set together with something else."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a program keeps its keys, and its instructions.

    `record` is what these call that account, `roles` those of one key each, and `noun` what is
    paused; None where nothing can be.
    """

    kind: type[Any]
    address: Callable[[], Pubkey]
    calls: ModuleType
    roles: tuple[str, ...]
    noun: str | None
    record: str = "config"


SEATS = {
    "iog_token": Seat(
        token_accounts.Config, addresses.token_config, token_calls, ("guardian",), None
    ),
    "iog_staking": Seat(
        staking_accounts.Config,
        addresses.staking_config,
        staking_calls,
        ("guardian", "slasher", "arbiter"),
        "staking",
    ),
    "iog_rewards": Seat(
        rewards_accounts.Distributor,
        addresses.distributor,
        rewards_calls,
        ("guardian",),
        "rewards",
        "distributor",
    ),
    "iog_jobs": Seat(
        jobs_accounts.Config, addresses.jobs_config, jobs_calls, ("guardian", "arbiter"), "jobs"
    ),
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a role in a program, and who may take it over; None for nobody."""

    program: str
    role: str
    key: Pubkey | None
    pending: Pubkey | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the programs that are set up, and what is set besides them.

    `threshold` of the oracles sign a root, `burn_bps` of the fees are burned.
    """

    holders: tuple[Holder, ...]
    paused: tuple[str, ...]
    threshold: int | None = None
    burn_bps: int | None = None


async def keys(rpc: Rpc, programs: Mapping[str, Pubkey] = addresses.PROGRAMS) -> Keys:
    """Who has which role in these programs; nothing of those that are not set up yet."""
    holders: list[Holder] = []
    paused: list[str] = []
    threshold = burn_bps = None
    for program in programs:
        held = await records.find(rpc, SEATS[program].kind, SEATS[program].address())
        if held is None:
            continue
        pending = _somebody(held.pending_authority)
        holders.append(Holder(program, "authority", held.authority, pending))
        for role in SEATS[program].roles:
            holders.append(Holder(program, role, _somebody(getattr(held, role))))
        if program == "iog_rewards":
            threshold = held.threshold
            oracles = enumerate(held.oracles[: held.oracle_count], 1)
            holders += [Holder(program, f"oracle {number}", key) for number, key in oracles]
        if program == "iog_jobs":
            burn_bps = held.burn_bps
            holders.append(Holder(program, "treasury", _somebody(held.treasury)))
        if SEATS[program].noun and held.paused:
            paused.append(program)
    return Keys(tuple(holders), tuple(paused), threshold, burn_bps)


def propose_instruction(program: str, authority: Pubkey, new: Pubkey) -> Instruction:
    """Offers a program's authority to `new`; to nobody, which withdraws the offer."""
    return _call(program, "authority_propose", {"authority": authority}, {"new": new})


def accept_instruction(program: str, new: Pubkey) -> Instruction:
    """Takes a program's authority over that was offered."""
    return _call(program, "authority_accept", {"pending_authority": new})


def set_instruction(program: str, role: str, authority: Pubkey, key: Pubkey) -> Instruction:
    """Gives a role of one key to `key`."""
    return _call(program, f"{role}_set", {"authority": authority}, {role: key})


def oracles_instruction(
    authority: Pubkey, oracles: Sequence[Pubkey], threshold: int
) -> Instruction:
    """Replaces all oracles; `threshold` of them sign a root."""
    args = {"threshold": threshold, "oracles": list(oracles)}
    return _call("iog_rewards", "oracles_set", {"authority": authority}, args)


def treasury_instruction(authority: Pubkey, treasury: Pubkey, burn_bps: int) -> Instruction:
    """Says who gets the fees, less the part of them that is burned."""
    args = {"treasury": treasury, "burn_bps": burn_bps}
    return _call("iog_jobs", "treasury_set", {"authority": authority}, args)


def pause_instruction(program: str, stopper: Pubkey) -> Instruction:
    """Stops what comes into a program."""
    return _call(program, f"{SEATS[program].noun}_pause", {"stopper": stopper})


def resume_instruction(program: str, authority: Pubkey) -> Instruction:
    """Ends a pause."""
    return _call(program, f"{SEATS[program].noun}_resume", {"authority": authority})


async def propose(
    sender: Sender, authority: Keypair, program: str, new: Pubkey | None
) -> Sent | None:
    """Offer a program's authority to a key, or withdraw the offer; None when it is so already.

    Nothing changes until that key accepts.

    Raises:
        NotAllowed: another key is the authority.
        Refused: the key is the authority already.
        UsageError: the key is one that could never sign.
    """
    held = await _held(sender.rpc, program, authority.pubkey())
    if new is not None:
        _require_able(new)
    if new == held.authority:
        raise Refused(f"{new} is the authority of {program} already")
    if (new or NOBODY) == held.pending_authority:
        return None
    wanted = propose_instruction(program, authority.pubkey(), new or NOBODY)
    return await sender.send([wanted], signers=[authority])


async def accept(sender: Sender, new: Keypair, program: str) -> Sent:
    """Take over a program's authority that was offered to this key.

    Raises:
        NotAllowed: it was offered to another key.
        Refused: it was offered to nobody.
    """
    held = await _read(sender.rpc, program)
    if held.pending_authority == NOBODY:
        raise Refused(f"the authority of {program} is {held.authority}, and offered to nobody")
    if held.pending_authority != new.pubkey():
        raise NotAllowed(
            f"the authority of {program} is offered to {held.pending_authority}, "
            f"not to {new.pubkey()}"
        )
    return await sender.send([accept_instruction(program, new.pubkey())], signers=[new])


async def set_role(
    sender: Sender, authority: Keypair, program: str, role: str, key: Pubkey | None
) -> Sent | None:
    """Give a role of one key to a key, or to nobody; None when it is so already.

    Raises:
        NotAllowed: another key is the authority.
        NotFound: the program has no such role.
        UsageError: the key is one that could never sign.
    """
    if role not in SEATS[program].roles:
        known = ", ".join([*SEATS[program].roles, *_SPECIAL.get(program, ())])
        raise NotFound(f"{program} has no role {role!r} to set; there are {known}")
    held = await _held(sender.rpc, program, authority.pubkey())
    if key is not None:
        _require_able(key)
    if (key or NOBODY) == getattr(held, role):
        return None
    wanted = set_instruction(program, role, authority.pubkey(), key or NOBODY)
    return await sender.send([wanted], signers=[authority])


async def set_oracles(
    sender: Sender, authority: Keypair, oracles: Sequence[Pubkey], threshold: int | None
) -> Sent | None:
    """Replace the oracles; None when it is so already. Without a threshold the old one stays.

    Raises:
        NotAllowed: another key is the authority.
        UsageError: there are too few or too many of them, or one twice.
    """
    held = await _held(sender.rpc, "iog_rewards", authority.pubkey())
    count = len(oracles)
    if not 1 <= count <= MOST_ORACLES:
        raise UsageError(f"{count} oracles are not accepted; 1 to {MOST_ORACLES} are")
    for key in oracles:
        _require_able(key)
        if oracles.count(key) > 1:
            raise UsageError(f"the oracle {key} is named twice")
    wanted = held.threshold if threshold is None else threshold
    if not 1 <= wanted <= count:
        raise UsageError(f"{wanted} of {count} oracles cannot sign; say --threshold 1 to {count}")
    if list(oracles) == held.oracles[: held.oracle_count] and wanted == held.threshold:
        return None
    instruction = oracles_instruction(authority.pubkey(), oracles, wanted)
    return await sender.send([instruction], signers=[authority])


async def set_treasury(
    sender: Sender, authority: Keypair, treasury: Pubkey | None, burn_bps: int | None
) -> Sent | None:
    """Say who gets the fees, or nobody, and which part is burned; None when it is so already.

    Raises:
        NotAllowed: another key is the authority.
        UsageError: the part is more than all, or the treasury could never pay it on.
    """
    held = await _held(sender.rpc, "iog_jobs", authority.pubkey())
    if treasury is not None:
        _require_able(treasury)
    burned = held.burn_bps if burn_bps is None else burn_bps
    if not 0 <= burned <= BPS:
        raise UsageError(
            f"{burned} basis points are not accepted; 0 to {BPS} ({format_share(BPS)}) are"
        )
    if (treasury or NOBODY, burned) == (held.treasury, held.burn_bps):
        return None
    instruction = treasury_instruction(authority.pubkey(), treasury or NOBODY, burned)
    return await sender.send([instruction], signers=[authority])


async def pause(sender: Sender, stopper: Keypair, program: str) -> Sent | None:
    """Stop what comes into a program; None when it is paused already.

    Raises:
        NotAllowed: the key is neither the guardian nor the authority.
        Refused: the program has nothing to pause.
    """
    held = await _pausable(sender.rpc, program)
    if stopper.pubkey() not in (held.guardian, held.authority):
        raise NotAllowed(
            f"{program} is paused by its guardian {_shown(held.guardian)} or its authority "
            f"{held.authority}, not by {stopper.pubkey()}"
        )
    if held.paused:
        return None
    return await sender.send([pause_instruction(program, stopper.pubkey())], signers=[stopper])


async def resume(sender: Sender, authority: Keypair, program: str) -> Sent | None:
    """End a program's pause; None when it is not paused.

    Raises:
        NotAllowed: another key is the authority.
        Refused: the program has nothing to pause.
    """
    await _pausable(sender.rpc, program)
    held = await _held(sender.rpc, program, authority.pubkey())
    if not held.paused:
        return None
    instruction = resume_instruction(program, authority.pubkey())
    return await sender.send([instruction], signers=[authority])


async def _read(rpc: Rpc, program: str) -> Any:
    seat = SEATS[program]
    missing = f"{program} is not set up on this chain; `iog network init` does it"
    return await records.get(rpc, seat.kind, seat.address(), missing)


async def _held(rpc: Rpc, program: str, key: Pubkey) -> Any:
    """The program's record. Raises `NotAllowed` unless the key is its authority."""
    held = await _read(rpc, program)
    if held.authority != key:
        raise NotAllowed(f"the authority of {program} is {held.authority}, not {key}")
    return held


async def _pausable(rpc: Rpc, program: str) -> Any:
    if SEATS[program].noun is None:
        raise Refused(f"{program} has nothing to pause: only a coming split can be cancelled")
    return await _read(rpc, program)


def _require_able(key: Pubkey) -> None:
    """See that a key can sign, or be paid. Raises `UsageError`."""
    if key in {*addresses.PROGRAMS.values(), addresses.SYSTEM, loader.LOADER}:
        raise UsageError(f"{key} is a program; it cannot have a role")


def _somebody(key: Pubkey) -> Pubkey | None:
    return None if key == NOBODY else key


def _shown(key: Pubkey) -> str:
    return "(nobody)" if key == NOBODY else str(key)


def _call(
    program: str,
    name: str,
    signer: Mapping[str, Pubkey],
    args: Mapping[str, object] | None = None,
) -> Instruction:
    """An instruction of a program on its own record."""
    seat = SEATS[program]
    build: Callable[..., Instruction] = getattr(seat.calls, name)
    accounts = {**signer, seat.record: seat.address()}
    return build(accounts) if args is None else build(args, accounts)
