"""`iog delegate`: keys that run jobs with a wallet's IO, within limits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import addresses, amounts, delegates, jobs
from iog_client.cli import output, session
from iog_client.cli.options import (
    JsonOption,
    OrchestratorOption,
    RpcOption,
    WalletOption,
    YesOption,
)
from iog_client.errors import Unreachable

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Let another key run jobs within limits.",
    epilog="Example: iog delegate set KEY --per-job '5 IO' --per-day '20 IO'",
)

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="The delegate's address.")]
MONEY = ("per_job", "per_day", "spent", "left")


@app.command("set", epilog="Example: iog delegate set KEY --per-job '5 IO' --per-day '20 IO' --yes")
def set_limits(
    key: KeyArgument,
    per_job: Annotated[
        str, typer.Option("--per-job", metavar="AMOUNT", help="At most into one job, with fee.")
    ],
    per_day: Annotated[
        str, typer.Option("--per-day", metavar="AMOUNT", help="At most in any 24 hours.")
    ],
    allowance: Annotated[
        str | None,
        typer.Option(
            "--allowance",
            metavar="AMOUNT",
            help="For all delegates together; default: 30 days of their limits.",
        ),
    ] = None,
    matcher: Annotated[
        str | None,
        typer.Option("--matcher", metavar="ADDRESS", help="Who places; default: the orchestrator."),
    ] = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a key open and extend jobs with your wallet's IO, or change its limits.

    It cannot take IO out: what a job does not use comes back to your wallet, and only your wallet
    cancels, disputes and settles early. Its SOL pays fees and rent.
    """
    limits = amounts.parse_amount(per_job), amounts.parse_amount(per_day)
    allowed = None if allowance is None else amounts.parse_amount(allowance)
    named = addresses.parse(matcher) if matcher else None
    output.confirm(f"Let {key} spend {per_day} a day, {per_job} a job?", yes or as_json)
    delegate = addresses.parse(key)
    result = output.run(_set(delegate, limits, allowed, named, rpc, orchestrator, wallet))
    output.emit(result, as_json, output.signed(_limits_text(result), result))


def _limits_text(result: dict[str, Any]) -> str:
    per_job, per_day, allowance = (
        amounts.format_amount(result[name]) for name in ("per_job", "per_day", "allowance")
    )
    return (
        f"{result['key']} may put {per_job} into a job and {per_day} a day; "
        f"{allowance} are approved for all delegates"
    )


async def _set(
    key: Pubkey,
    limits: tuple[int, int],
    allowed: int | None,
    matcher: Pubkey | None,
    rpc: str | None,
    orchestrator: str | None,
    wallet: Path | None,
) -> dict[str, Any]:
    async with session.opened(rpc, orchestrator, wallet) as here:
        placed = matcher or await matcher_of(here)
        sent = await delegates.set_limits(
            await here.sender(), here.wallet, key, *limits, matcher=placed, allowed=allowed
        )
        record = await delegates.get(here.rpc, here.key, key)
        held = await delegates.allowance(here.rpc, here.key)
        now = await here.rpc.chain_time()
        shown = output.to_plain(delegates.standing(record, now))
        return {**shown, "allowance": held.amount, "signature": str(sent.signature)}


async def matcher_of(here: session.Session) -> Pubkey | None:
    """The orchestrator's key; None, and a note, while it is away and the wallet knows another."""
    try:
        return Pubkey.from_string((await here.api.network()).orchestrator)
    except Unreachable as error:
        if await jobs.matchers(here.rpc, here.key):
            output.note(f"{error.message}; the wallet's matchers stay as they are")
        return None


@app.command(epilog="Example: iog delegate close KEY --yes")
def close(
    key: KeyArgument,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a key run no more jobs with your IO. Those that it has opened go on."""
    delegate = addresses.parse(key)
    output.confirm(f"End the delegate {key}?", yes or as_json)

    async def go() -> dict[str, Any]:
        async with session.opened(rpc, wallet=wallet) as here:
            sent = await delegates.close(await here.sender(), here.wallet, delegate)
            held = await delegates.allowance(here.rpc, here.key)
            return {"key": key, "allowance": held.amount, "signature": str(sent.signature)}

    result = output.run(go())
    text = f"{key} is a delegate no more"
    output.emit(result, as_json, output.signed(text, result))


@app.command(epilog="Example: iog delegate show  or  iog delegate show --as-delegate")
def show(
    as_delegate: Annotated[
        bool, typer.Option("--as-delegate", help="Of which wallets yours is a delegate.")
    ] = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show your delegates: limits, what they have spent in 24 hours, what your tokens allow."""

    async def go() -> tuple[list[dict[str, Any]], delegates.Allowance]:
        async with session.opened(rpc, wallet=wallet) as here:
            owner, key = (None, here.key) if as_delegate else (here.key, None)
            found = await delegates.search(here.rpc, owner, key)
            now = await here.rpc.chain_time()
            rows = [output.to_plain(delegates.standing(one, now)) for one in found]
            return rows, await delegates.allowance(here.rpc, here.key)

    rows, held = output.run(go())
    if as_json:
        output.emit({"delegates": rows, "allowance": held.amount}, True)
        return
    if rows:
        readable = [
            {
                name: amounts.format_amount(one) if name in MONEY else one
                for name, one in row.items()
            }
            for row in rows
        ]
        output.emit(readable, False)
    output.note(_about(as_delegate, bool(rows), held))


def _about(as_delegate: bool, there: bool, held: delegates.Allowance) -> str:
    if as_delegate:
        return (
            "what a wallet has approved limits its delegates too"
            if there
            else ("your wallet is a delegate of no other")
        )
    if held.other:
        return f"your tokens are approved for {held.other}, not for delegates"
    approved = f"{amounts.format_amount(held.amount)} are approved for all delegates"
    return approved if there else "your wallet has no delegates"
