"""Options that several commands share, and what follows from them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from solders.pubkey import Pubkey

from iog_client import addresses, config
from iog_client.rpc import HttpRpc, Rpc

RpcOption = Annotated[
    str | None,
    typer.Option("--rpc", metavar="URL", help="The Solana node.", show_default=False),
]
OrchestratorOption = Annotated[
    str | None,
    typer.Option(
        "--orchestrator",
        metavar="URL,...",
        help="The orchestrator; of several addresses the one that answers is asked.",
        show_default=False,
    ),
]
WalletOption = Annotated[
    Path | None,
    typer.Option("--wallet", metavar="FILE", help="The key file that signs and pays."),
]
NetworkOption = Annotated[
    Path | None,
    typer.Option(
        "--network",
        metavar="FILE",
        help="The network.json [IOG_NETWORK, ./network.json, ~/.config/iog/network.json].",
        show_default=False,
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON and nothing else on stdout.", show_default=False)
]
YesOption = Annotated[
    bool, typer.Option("--yes", "-y", help="Do not ask first.", show_default=False)
]
SignerOption = Annotated[
    Path | None,
    typer.Option(
        "--signer",
        metavar="FILE",
        help="The key that may do this; default: the wallet, which pays.",
        show_default=False,
    ),
]
NodeArgument = Annotated[str, typer.Argument(metavar="NODE", help="The node's device key.")]


def device(text: str) -> Pubkey:
    """The device key that a command was given. Raises `UsageError`."""
    return addresses.parse(text, "address of a device")


def settings(
    rpc: str | None = None, orchestrator: str | None = None, wallet: Path | None = None
) -> config.Settings:
    """Flags over environment over file. Raises `UsageError`."""
    return config.load(rpc_url=rpc, orchestrator_url=orchestrator, wallet=wallet)


@asynccontextmanager
async def connection(rpc: str | None) -> AsyncIterator[Rpc]:
    """The node named by a `--rpc` option or the settings, closed at the end."""
    node = HttpRpc(settings(rpc=rpc).rpc_url)
    try:
        yield node
    finally:
        await node.close()


MemberOption = Annotated[
    int | None,
    typer.Option("--member", metavar="RANK", min=0, help="Of a gang's job: that member, from 0."),
]
