"""`iog orchestrator`: the daemon's command line."""

import asyncio
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
import uvloop

from iog_client import config, logs, networks
from iog_client.api_models import MAX_BLOB
from iog_client.cli.doctor import conclude
from iog_client.cli.options import (
    JsonOption,
    NetworkOption,
    OrchestratorOption,
    RpcOption,
    connection,
)
from iog_client.cli.output import progress
from iog_client.errors import UsageError
from iog_client.examination import Examination
from iog_orchestrator.adapters import doctor, postgres, service

EXAMPLE = "Example: iog orchestrator run --network network.json --db orchestrator"

app = typer.Typer(no_args_is_help=True, help="Run the service that places jobs.", epilog=EXAMPLE)

DEFAULT_PORT = 8787
LEVELS = ("debug", "info", "warning", "error")


FolderOption = Annotated[
    Path, typer.Option("--db", help="Folder of the database, blobs, logs and published hours.")
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        envvar="IOG_ORCHESTRATOR_DATABASE",
        help="postgresql:// URL of the database; default: SQLite in the folder of --db.",
        show_default=False,
    ),
]
AdvertiseOption = Annotated[
    str | None,
    typer.Option(
        "--advertise",
        metavar="URL",
        help="Where others on the same --database reach this one; default: http://HOST:PORT.",
        show_default=False,
    ),
]
HostOption = Annotated[str, typer.Option("--host", help="Address to listen on.")]
PortOption = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=0,
        max=65535,
        help="Port; default: that of the configured orchestrator, else 8787.",
        show_default=False,
    ),
]
MatcherOption = Annotated[Path | None, typer.Option("--matcher", help="Key file of the matcher.")]
OracleOption = Annotated[Path | None, typer.Option("--oracle", help="Key file of the oracle.")]
MaxBlobOption = Annotated[
    int, typer.Option("--max-blob", min=1, help="Most bytes of one uploaded file.")
]
PublishOption = Annotated[
    str | None,
    typer.Option(
        "--publish",
        metavar="URL",
        help="s3://bucket/prefix for copies of the published hours; AWS_* say where and who.",
        show_default=False,
    ),
]
LevelOption = Annotated[str, typer.Option("--log-level", help=", ".join(LEVELS))]


def _database(url: str | None) -> str | None:
    """A database's URL that can be one. What it is said to be is not shown: it has a password."""
    if url is not None and not postgres.is_url(url):
        raise UsageError("--database is not a URL that begins with postgresql://")
    return url


def _of_file(name: str) -> str | None:
    """What the configuration file sets for `run`, for those who look at it."""
    value = config.read_table(config.file_path(), "orchestrator").get(name)
    return value if isinstance(value, str) else None


def _advertise(url: str | None) -> str | None:
    if url is not None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
            raise UsageError(f"--advertise is `{url[:80]}`; a URL as http://host:port is accepted")
    return url


def _port() -> int:
    """The port that clients on this machine are configured to ask."""
    first, *_ = config.load().orchestrator_url.split(",")
    return urlsplit(first).port or DEFAULT_PORT


@app.callback()
def _group() -> None:
    """Run the service that places jobs and closes the hours."""


@app.command("run", epilog=EXAMPLE)
def run(
    folder: FolderOption,
    database: DatabaseOption = None,
    network: NetworkOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = None,
    advertise: AdvertiseOption = None,
    matcher: MatcherOption = None,
    oracle: OracleOption = None,
    rpc: RpcOption = None,
    max_blob: MaxBlobOption = MAX_BLOB,
    publish: PublishOption = None,
    log_level: LevelOption = "info",
) -> None:
    """Run until SIGTERM or Ctrl-C; started again, it goes on where it was."""
    if log_level not in LEVELS:
        raise UsageError(f"--log-level is `{log_level[:40]}`; {', '.join(LEVELS)} are accepted")
    logs.configure(log_level)
    options = service.Options(
        network=networks.find_record(network),
        folder=folder,
        database=_database(database),
        advertise=_advertise(advertise),
        rpc_url=config.load(rpc_url=rpc).rpc_url,
        host=host,
        port=_port() if port is None else port,
        matcher=matcher,
        oracle=oracle,
        max_blob=max_blob,
        publish=publish,
    )
    uvloop.run(service.run(options))


@app.command("doctor", epilog="Example: iog orchestrator doctor --network network.json --db db")
def examine(
    folder: FolderOption,
    database: DatabaseOption = None,
    network: NetworkOption = None,
    matcher: MatcherOption = None,
    oracle: OracleOption = None,
    rpc: RpcOption = None,
    orchestrator: OrchestratorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at everything that the service relies on, and say what is wrong; changes nothing.

    Network file, keys, chain, the matcher's SOL, hours without a root, the folder, the database,
    and the service itself. Ends with 1 if something is broken.
    """
    settings = config.load(rpc_url=rpc, orchestrator_url=orchestrator)

    async def examined() -> Examination:
        async with connection(settings.rpc_url) as node, progress("looking"):
            return await doctor.examine(
                doctor.Served(
                    network,
                    folder,
                    node,
                    settings.rpc_url,
                    settings.orchestrator_url,
                    matcher,
                    oracle,
                    database=_database(database or _of_file("database")),
                )
            )

    conclude(asyncio.run(examined()), as_json)
