"""`iog reward`: hourly rewards: what was earned, claiming it, and checking how it came about."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from solders.pubkey import Pubkey

from iog_client import addresses, hours_facts, hours_signature, hours_verify, rewards, wallets
from iog_client.amounts import format_amount
from iog_client.api import OrchestratorApi
from iog_client.api_models import RewardProof
from iog_client.cli import hour_files, options, output, session
from iog_client.cli.options import (
    JsonOption,
    OrchestratorOption,
    RpcOption,
    SignerOption,
    WalletOption,
    YesOption,
)
from iog_client.errors import NotFound, Refused, Unreachable
from iog_client.hours import sha256_hex
from iog_client.hours_parts import HourFile
from iog_client.rpc import Rpc

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Claim hourly rewards, verify how they came about.",
    epilog="Example: iog reward show && iog reward claim",
)

FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="URL|FOLDER",
        help="Where the published hours are: any place with the files; default: the orchestrator.",
    ),
]
WalletArgument = Annotated[
    str | None, typer.Argument(help="Whose rewards, an address; default: your wallet's.")
]


@app.command(epilog="Example: iog reward show")
def show(
    owner: WalletArgument = None,
    source: FromOption = None,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a wallet has earned, claimed and can claim now."""
    settings = options.settings(rpc, orchestrator, wallet)
    key = addresses.parse(owner) if owner else wallets.load(settings.wallet).pubkey()
    shown = output.run(_show(key, source, rpc, settings.orchestrator_url))
    money = ("earned", "claimed", "claimable", "pending")
    readable = {k: format_amount(v) if k in money else v for k, v in shown.items()}
    output.emit(shown if as_json else readable, as_json)


async def _show(key: Pubkey, source: str | None, rpc: str | None, url: str) -> dict[str, Any]:
    async with options.connection(rpc) as node:
        claimed = await rewards.claimed(node, key)
        try:
            proof = await _proof(node, key, source, url)
        except NotFound as error:
            output.note(error.message)
            proof = None
    earned = proof.cumulative if proof else claimed
    return {
        "wallet": str(key),
        "epoch": proof.epoch if proof else 0,
        "earned": earned,
        "claimed": claimed,
        "claimable": max(0, earned - claimed),
        "pending": max(0, proof.pending - earned) if proof else 0,
    }


@app.command(epilog="Example: iog reward claim  or  iog reward claim --for ADDRESS")
def claim(
    owner: Annotated[
        str | None,
        typer.Option("--for", metavar="ADDRESS", help="Claim for this wallet; yours only pays."),
    ] = None,
    source: FromOption = None,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Claim all that a wallet has earned and not claimed. It goes to that wallet and no other.

    Your wallet pays the transaction's fee, and once the rent of the wallet's accounts.
    """
    key = addresses.parse(owner) if owner else None
    result = output.run(_claim(key, source, rpc, orchestrator, wallet))
    text = (
        f"claimed {format_amount(result['claimed'])} for {result['wallet']}, "
        f"{format_amount(result['cumulative'])} in all by hour {result['epoch']}"
    )
    output.emit(result, as_json, text)


async def _claim(
    owner: Pubkey | None,
    source: str | None,
    rpc: str | None,
    orchestrator: str | None,
    wallet: Path | None,
) -> dict[str, Any]:
    async with session.opened(rpc, orchestrator, wallet) as here:
        proof = await _proof(here.rpc, owner or here.key, source, here.settings.orchestrator_url)
        async with output.progress("claiming"):
            done = await rewards.claim(await here.sender(), proof)
    return {
        "wallet": str(done.wallet),
        "claimed": done.amount,
        "cumulative": done.cumulative,
        "epoch": done.epoch,
        "signature": str(done.sent.signature),
    }


async def _proof(rpc: Rpc, key: Pubkey, source: str | None, url: str) -> RewardProof:
    """From the orchestrator, or computed from the published hour that the chain's root is of."""
    if source is None:
        try:
            async with OrchestratorApi(url) as api:
                return await api.reward(str(key))
        except Unreachable as error:
            hint = "--from URL|FOLDER reads the published hours instead"
            raise Unreachable(error.url, f"{error.why}; {hint}") from error
    root = rewards.due_root(await rewards.distributor(rpc), await rpc.chain_time())
    if root is None:
        raise NotFound("there is no root of rewards on chain yet; the first comes with an hour")
    async with hour_files.opened(source) as files:
        hour = await hour_files.opened_hour(files, root.epoch)
        if hour.head.root != root.root:
            raise Refused(
                f"the file of hour {root.epoch} in {files.name} has root {hour.head.root}, "
                f"on chain is {root.root}"
            )
        async with output.progress("computing the proof"):
            return await asyncio.to_thread(rewards.proof_of, hour, key)


@app.command(epilog="Example: iog reward verify --hour 12 --from https://example.org/hours")
def verify(
    hour: Annotated[int, typer.Option(min=1, max=175_200, help="Which hour.")],
    source: FromOption = None,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute an hour's rewards from published files and the chain; one line for each mismatch.

    Checked: every signature, an oracle's over the document, who was eligible, every amount, the
    root, and that the hash is on chain, be it through the hours that followed; payee, stake, state
    and class of each node on chain, and that none is left out. A note names what the chain has
    forgotten since, and an hour that no oracle signed. The exit code is 0 only if all of it holds.

    The files that are needed are the hour's and that of the hour before. The chain shows the newest
    roots alone: an older hour is tied to them by the files of all later hours, each of which names
    the hash of the one before, so those are needed too (without parts).
    """
    url = source or options.settings(orchestrator=orchestrator).orchestrator_url
    result = output.run(_verify(hour, url, rpc))
    noted = [f"note: {line}" for line in result["notes"]]
    text = "\n".join([*result["problems"], *noted, result["summary"]])
    output.emit(result, as_json, text)
    if not result["holds"]:
        raise typer.Exit(1)


async def _verify(hour: int, source: str, rpc: str | None) -> dict[str, Any]:
    async with options.connection(rpc) as node, hour_files.opened(source) as files:
        facts = await rewards.chain_facts(node, hour)
        async with output.progress(f"reading the files of hour {hour}"):
            data = await hour_files.opened_hour(files, hour)
            before = await _before(files, hour) if hour > 1 else None
        with output.counting(f"checking hour {hour}") as count:
            verdict = await asyncio.to_thread(hours_verify.verify, data, before, facts, count)
        signature = await files.signature(hour)
        wrong, noted = hours_signature.judged(signature, data, verdict.anchor, facts)
        problems = [*verdict.problems, *wrong]
        anchored = verdict.anchor in ("live", "pending")
        through = hour
        if verdict.anchor == "earlier":
            through, broken = await follow(files, verdict, facts)
            problems += broken
            anchored = not broken
    holds = not problems
    return {
        "hour": hour,
        "holds": holds,
        "anchored": anchored,
        "data_hash": verdict.data_hash,
        "root": verdict.root,
        "problems": problems,
        "notes": [*verdict.notes, *noted],
        "signed": signature is not None and not wrong,
        "summary": _summary(hour, len(problems), anchored, through),
    }


async def _before(files: hour_files.HourFiles, hour: int) -> HourFile:
    """The hour before, whose rewards and carry this one goes on from."""
    try:
        return await hour_files.opened_hour(files, hour - 1)
    except NotFound as error:
        raise NotFound(f"{error.message}: hour {hour} is checked against the one before") from error


async def follow(
    files: hour_files.HourFiles, verdict: hours_verify.Verdict, facts: hours_facts.ChainFacts
) -> tuple[int, list[str]]:
    """Ties an older hour to a root on chain: each later file names the hash of the one before."""
    known = [root for root in (facts.live, facts.pending) if root and root.epoch > verdict.hour]
    root = min(known, key=lambda each: each.epoch)
    digest = verdict.data_hash
    for number in range(verdict.hour + 1, root.epoch + 1):
        try:
            following = await files.read(number)
        except NotFound as error:
            between = f"hours {verdict.hour + 1} to {root.epoch}"
            raise NotFound(
                f"{error.message}: the chain shows no root older than that of hour {root.epoch}, "
                f"and the files of {between} tie hour {verdict.hour} to it; --from names a place "
                "with all of them"
            ) from error
        if problem := hours_verify.verify_link(digest, following):
            return number, [problem]
        digest = sha256_hex(following)
    if digest != root.data_hash:
        return root.epoch, [
            f"the file of hour {root.epoch} has hash {digest}, on chain is {root.data_hash}"
        ]
    return root.epoch, []


def _summary(hour: int, problems: int, anchored: bool, through: int) -> str:
    if problems:
        return f"hour {hour} does not hold: {problems} problem{'s' * (problems > 1)}"
    if not anchored:
        return f"hour {hour} holds by its files; its root is not on chain yet"
    link = f" through hour {through}" if through > hour else ""
    return f"hour {hour} holds, and its hash is on chain{link}"


@app.command(epilog="Example: iog reward veto --signer keys/guardian.json --yes")
def veto(
    signer: SignerOption = None,
    yes: YesOption = False,
    rpc: RpcOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Drop the root of rewards that is pending, before it is due. The guardian signs.

    Nothing is lost: the oracles may propose the same hour again. `iog authority pause rewards`
    keeps them from it.
    """
    output.confirm("Drop the pending root?", yes or as_json)
    result = output.run(_veto(signer, rpc, wallet))
    text = f"dropped the root of hour {result['epoch']}, {result['root']}"
    output.emit(result, as_json, output.signed(text, result))


async def _veto(signer: Path | None, rpc: str | None, wallet: Path | None) -> dict[str, Any]:
    async with session.opened(rpc, wallet=wallet) as here:
        dropped, sent = await rewards.veto(await here.sender(), here.signer(signer))
    return {
        "epoch": dropped.epoch,
        "root": dropped.root,
        "total": dropped.total,
        "data_hash": dropped.data_hash,
        "signature": str(sent.signature),
    }
