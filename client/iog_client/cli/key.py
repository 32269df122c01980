"""`iog key`: API keys, for what is to read or submit for a wallet without holding it."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from iog_client import wallets
from iog_client.amounts import parse_duration
from iog_client.api import OrchestratorApi
from iog_client.api_keys import MAX_SECONDS, ApiKeyMade, ApiKeyRequest, ApiKeyView
from iog_client.cli import options, output
from iog_client.cli.options import JsonOption, OrchestratorOption, WalletOption
from iog_client.errors import UsageError
from iog_client.times import date

ID = re.compile(r"[0-9a-f]{12}")
SCOPES = ("read", "submit")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Keys of the API, for scripts that hold no wallet.",
    epilog="Example: iog key create dashboard --expires 30d",
)


@app.command(epilog="Example: iog key create dashboard --scope read --expires 30d")
def create(
    name: Annotated[str, typer.Argument(help="What it is for, in your own words.")],
    scope: Annotated[str, typer.Option(help="read, or submit (which may read too).")] = "read",
    expires: Annotated[str, typer.Option(metavar="TIME", help="How long it is good for.")] = "30d",
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an API key of your wallet. It is shown once: the orchestrator keeps only its hash.

    A key with scope `read` sees your jobs, their logs and outputs. With `submit` it uploads and
    announces jobs as well. No key moves money: a job is opened by a transaction, which your wallet
    signs, or a delegate of it.
    """
    wanted = _wanted(name, scope, expires)

    async def go() -> ApiKeyMade:
        async with _api(orchestrator, wallet) as api:
            return await api.create_api_key(wanted)

    made = output.run(go())
    output.emit(
        made,
        as_json,
        f"{made.key}\n{made.scope} until {date(int(made.expires_at))}; it is not shown again\n"
        f"use: curl -H 'Authorization: Bearer {made.key}' …",
    )


@app.command("list", epilog="Example: iog key list")
def listed(
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Your wallet's API keys, newest first, without their secrets."""

    async def go() -> list[ApiKeyView]:
        async with _api(orchestrator, wallet) as api:
            return await api.api_keys()

    found = output.run(go())
    if as_json or not found:
        output.emit(found, as_json, None if as_json else "there are no API keys of this wallet")
        return
    rows: list[list[Any]] = [
        [one.id, one.name, one.scope, date(int(one.expires_at))] for one in found
    ]
    output.table(rows, ["id", "name", "scope", "expires"])


@app.command(epilog="Example: iog key revoke 5f2a90c41d7e")
def revoke(
    key: Annotated[str, typer.Argument(help="Its id, as `iog key list` shows it.")],
    orchestrator: OrchestratorOption = None,
    wallet: WalletOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an API key worthless, at once."""
    if not ID.fullmatch(key):
        raise UsageError(f"`{key[:60]}` is not the id of an API key, twelve letters 0-9 and a-f")

    async def go() -> None:
        async with _api(orchestrator, wallet) as api:
            await api.revoke_api_key(key)

    output.run(go())
    output.emit({"id": key, "revoked": True}, as_json, f"the API key {key} is revoked")


def _api(orchestrator: str | None, wallet: Any) -> OrchestratorApi:
    settings = options.settings(orchestrator=orchestrator, wallet=wallet)
    return OrchestratorApi(settings.orchestrator_url, wallets.load(settings.wallet))


def _wanted(name: str, scope: str, expires: str) -> ApiKeyRequest:
    if scope not in SCOPES:
        raise UsageError(f"--scope is `{scope[:40]}`; {' and '.join(SCOPES)} are accepted")
    seconds = parse_duration(expires)
    if not 60 <= seconds <= MAX_SECONDS:
        raise UsageError(
            f"--expires is {expires}; a minute to {MAX_SECONDS // 86_400} days is good"
        )
    try:
        return ApiKeyRequest.model_validate({"name": name, "scope": scope, "seconds": seconds})
    except ValidationError:
        raise UsageError(
            "the name of a key has 1 to 60 letters and no control characters"
        ) from None
