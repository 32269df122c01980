"""`iog authority`: who may do what in the programs, and who may change their code."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, authorities, roles, wallets
from iog_client.amounts import format_share
from iog_client.authorities import Upgradeable
from iog_client.cli import options, output, session
from iog_client.cli.options import (
    JsonOption,
    RpcOption,
    SignerOption,
    WalletOption,
    YesOption,
    connection,
)
from iog_client.errors import UsageError
from iog_client.roles import Holder, Keys
from iog_client.transactions import Sent

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Say who may do what, and who may change the programs.",
    epilog="Example: iog authority show",
)

NOBODY = "none"
SAME = "as it should be; nothing was changed"
ProgramArgument = Annotated[
    str, typer.Argument(metavar="PROGRAM", help="token, staking, rewards or jobs.")
]

ProgramOption = Annotated[
    list[str] | None,
    typer.Option("--program", metavar="NAME", help="Only this one; may be given several times."),
]


@app.command(epilog="Example: iog authority show --json")
def show(program: ProgramOption = None, rpc: RpcOption = None, as_json: JsonOption = False) -> None:
    """Who has which role in each program, what is offered to whom, and who may change the code."""
    wanted = authorities.chosen(program or [])
    keys, codes = output.run(_show(wanted, rpc))
    code = [Holder(one.name, "upgrade", one.authority) for one in codes]
    rows = [
        _shown(holder)
        for name in wanted
        for holder in (*keys.holders, *code)
        if holder.program == name
    ]
    if as_json:
        about = {"threshold": keys.threshold, "burn_bps": keys.burn_bps}
        output.emit({"roles": rows, "paused": list(keys.paused), **about}, True)
        return
    output.emit(rows, False)
    for line in _notes(keys):
        output.note(line)


async def _show(wanted: Mapping[str, Pubkey], rpc: str | None) -> tuple[Keys, list[Upgradeable]]:
    async with connection(rpc) as node:
        codes = await authorities.read(node, wanted)
        return await roles.keys(node, wanted), codes


def _shown(holder: Holder) -> dict[str, str | None]:
    return {
        "program": holder.program,
        "role": holder.role,
        "key": str(holder.key) if holder.key else None,
        "pending_key": str(holder.pending) if holder.pending else None,
    }


def _notes(keys: Keys) -> list[str]:
    lines = [f"{program} is paused" for program in keys.paused]
    if not keys.holders:
        lines.append("there is no network on this chain; `iog network init` creates one")
    oracles = sum(holder.role.startswith("oracle ") for holder in keys.holders)
    if keys.threshold is not None:
        lines.append(f"{keys.threshold} of {oracles} oracles sign a root of rewards")
    if keys.burn_bps is not None:
        lines.append(f"{format_share(keys.burn_bps)} of the fees are burned")
    return lines


@app.command(
    epilog="Example: iog authority propose jobs ADDRESS  or  iog authority propose jobs none"
)
def propose(
    program: ProgramArgument,
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="Who may accept it; `none` withdraws the offer.")
    ],
    signer: SignerOption = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Offer a program's authority to another key. Nothing changes until that key accepts."""
    name, new = _program(program), _key(key)
    output.confirm(f"Offer the authority of {name} to {new or 'nobody'}?", yes or as_json)

    async def go() -> tuple[Holder, Sent | None]:
        async with session.opened(rpc, wallet=wallet) as here:
            sent = await roles.propose(await here.sender(), here.signer(signer), name, new)
            return await _holder(here, name, "authority"), sent

    held, sent = output.run(go())
    offered = f"offered to {held.pending}" if held.pending else "offered to nobody"
    _report(held, sent, f"the authority of {name} is {held.key}, {offered}", as_json)


@app.command(epilog="Example: iog authority accept jobs --signer keys/new.json")
def accept(
    program: ProgramArgument,
    signer: SignerOption = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over a program's authority that was offered to this key."""
    name = _program(program)
    output.confirm(f"Take the authority of {name} over?", yes or as_json)

    async def go() -> tuple[Holder, Sent | None]:
        async with session.opened(rpc, wallet=wallet) as here:
            sent = await roles.accept(await here.sender(), here.signer(signer), name)
            return await _holder(here, name, "authority"), sent

    held, sent = output.run(go())
    _report(held, sent, f"the authority of {name} is {held.key}", as_json)


@app.command("set", epilog="Example: iog authority set rewards oracles KEY KEY KEY --threshold 2")
def set_role(
    program: ProgramArgument,
    role: Annotated[
        str, typer.Argument(metavar="ROLE", help="guardian, slasher, arbiter, oracles, treasury.")
    ],
    key: Annotated[
        list[str], typer.Argument(metavar="KEY", help="Who gets it; all oracles; `none`: nobody.")
    ],
    threshold: Annotated[
        int | None, typer.Option("--threshold", help="How many oracles sign a root.")
    ] = None,
    burn_bps: Annotated[
        int | None,
        typer.Option("--burn-bps", metavar="N", help="Part of the fees burned, in 1/10,000."),
    ] = None,
    signer: SignerOption = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a role in a program to a key. Its authority signs; what is not said stays as it is."""
    name, wanted = _program(program), [_key(one) for one in key]
    several = (name, role) == ("iog_rewards", "oracles")
    _check_options(role, wanted, several, threshold, burn_bps)
    who = ", ".join(str(one or "nobody") for one in wanted)
    output.confirm(f"Make {who} {role} of {name}?", yes or as_json)

    async def go() -> tuple[list[Holder], Sent | None]:
        async with session.opened(rpc, wallet=wallet) as here:
            sender, authority = await here.sender(), here.signer(signer)
            if several:
                oracles = [one for one in wanted if one]
                sent = await roles.set_oracles(sender, authority, oracles, threshold)
            elif (name, role) == ("iog_jobs", "treasury"):
                sent = await roles.set_treasury(sender, authority, wanted[0], burn_bps)
            else:
                sent = await roles.set_role(sender, authority, name, role, wanted[0])
            return await _holders(here, name), sent

    _report_role(role, name, *output.run(go()), as_json)


@app.command(epilog="Example: iog authority pause jobs --signer keys/guardian.json")
def pause(
    program: ProgramArgument,
    signer: SignerOption = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop what comes into a program: stake, roots or jobs; what goes out is never stopped.

    Its guardian or its authority does this; only the authority resumes.
    """
    name = _program(program)
    output.confirm(f"Pause {name}?", yes or as_json)

    async def go() -> Sent | None:
        async with session.opened(rpc, wallet=wallet) as here:
            return await roles.pause(await here.sender(), here.signer(signer), name)

    _report_pause(name, True, output.run(go()), as_json)


@app.command(epilog="Example: iog authority resume jobs --signer keys/authority.json")
def resume(
    program: ProgramArgument,
    signer: SignerOption = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a program's pause. Its authority signs."""
    name = _program(program)
    output.confirm(f"Resume {name}?", yes or as_json)

    async def go() -> Sent | None:
        async with session.opened(rpc, wallet=wallet) as here:
            return await roles.resume(await here.sender(), here.signer(signer), name)

    _report_pause(name, False, output.run(go()), as_json)


def _program(text: str) -> str:
    """The whole name of a program. Raises `NotFound`."""
    [name] = authorities.chosen([text])
    return name


def _key(text: str) -> Pubkey | None:
    return None if text == NOBODY else addresses.parse(text)


def _check_options(
    role: str,
    wanted: list[Pubkey | None],
    several: bool,
    threshold: int | None,
    burn_bps: int | None,
) -> None:
    """Raises `UsageError` for what does not go with the role."""
    if threshold is not None and not several:
        raise UsageError("--threshold is for the oracles of rewards")
    if burn_bps is not None and role != "treasury":
        raise UsageError("--burn-bps is for the treasury of jobs")
    if several and None in wanted:
        raise UsageError("rewards need an oracle: `none` is not one")
    if not several and len(wanted) != 1:
        raise UsageError(f"one key is {role}; {len(wanted)} were given")


async def _holders(here: session.Session, program: str) -> list[Holder]:
    found = await roles.keys(here.rpc, {program: addresses.PROGRAMS[program]})
    return list(found.holders)


async def _holder(here: session.Session, program: str, role: str) -> Holder:
    [found] = [one for one in await _holders(here, program) if one.role == role]
    return found


def _report(held: Holder, sent: Sent | None, text: str, as_json: bool) -> None:
    _emit(dict(_shown(held)), sent, text, as_json)


def _report_role(
    role: str, program: str, holders: list[Holder], sent: Sent | None, as_json: bool
) -> None:
    now = [one for one in holders if one.role.split()[0] == role.removesuffix("s")]
    keys = ", ".join(str(one.key or "nobody") for one in now)
    _emit({"roles": [_shown(one) for one in now]}, sent, f"{role} of {program}: {keys}", as_json)


def _report_pause(program: str, paused: bool, sent: Sent | None, as_json: bool) -> None:
    text = f"{program} is {'paused' if paused else 'open'}"
    _emit({"program": program, "paused": paused}, sent, text, as_json)


def _emit(result: dict[str, Any], sent: Sent | None, text: str, as_json: bool) -> None:
    """What holds now, and the signature of the transaction; a note where there was none."""
    signed = {**result, "signature": str(sent.signature) if sent else None}
    output.emit(signed, as_json, output.signed(text, signed) if sent else text)
    if sent is None:
        output.note(SAME)


@app.command(epilog="Example: iog authority upgrade --to ADDRESS  or  iog authority upgrade --drop")
def upgrade(
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="ADDRESS", help="Who may change them, like a multisig."),
    ] = None,
    to_key: Annotated[
        Path | None,
        typer.Option("--to-key", metavar="FILE", help="The same by its key, which signs too."),
    ] = None,
    drop: Annotated[
        bool, typer.Option("--drop", help="Nobody may ever change them again.")
    ] = False,
    authority: Annotated[
        Path | None,
        typer.Option("--authority", metavar="FILE", help="Who may change them now (the wallet)."),
    ] = None,
    program: ProgramOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand the right to change the programs to another key, or give it up.

    Only who has it afterwards can undo this. All programs change in one transaction.
    """
    if (to is not None) + (to_key is not None) + drop != 1:
        raise UsageError("say one of --to ADDRESS, --to-key FILE and --drop")
    new: Pubkey | Keypair | None = addresses.parse(to) if to is not None else None
    if to_key is not None:
        new = wallets.load(to_key, "new authority")
    address = new.pubkey() if isinstance(new, Keypair) else new
    wanted = authorities.chosen(program or [])
    _ask(address, yes)
    changed = output.run(_change(new, authority, wanted, rpc, wallet))
    if changed or as_json:
        output.emit([_row(one, address) for one in changed], as_json)
    if not changed:
        output.note(SAME)


def _ask(address: Pubkey | None, yes: bool) -> None:
    """Has the person say yes; without one there, `--yes` has to be given."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone from here; say --yes")
    what = f"Only {address} may change the programs" if address else "Nobody may ever change them"
    output.confirm(f"{what}. Go on?", sure=False)


async def _change(
    new: Pubkey | Keypair | None,
    authority: Path | None,
    programs: Mapping[str, Pubkey],
    rpc: str | None,
    wallet: Path | None,
) -> list[Upgradeable]:
    settings = options.settings(rpc=rpc, wallet=wallet)
    payer = wallets.load(settings.wallet)
    owner = wallets.load(authority, "authority") if authority else payer
    async with connection(rpc) as node:
        return await authorities.change(node, payer, owner, new, programs)


def _row(program: Upgradeable, authority: Pubkey | None) -> dict[str, object]:
    return {
        "program": program.name,
        "address": str(program.id),
        "upgrade_authority": str(authority) if authority else None,
    }
