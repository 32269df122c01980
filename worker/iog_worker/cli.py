"""The worker's commands, `init` and `run`, which `iog node` mounts.

What a command needs is imported when it runs, so that `iog node --help` stays fast.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    import asyncio

    from iog_client.endpoints import Endpoints
    from iog_client.protocol import Hardware

    from .agent import Options
    from .confinement import Confinement
    from .containers import Cli
    from .engines import Choice
    from .folder import NodeFacts, NodeFolder
    from .hierarchies import Tree
    from .setup import SetUp

DEFAULT_FOLDER = Path("~/.local/share/iog/node")

FolderOption = Annotated[
    Path, typer.Option("--folder", metavar="DIR", help="The node's folder on this machine.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON and nothing else on stdout.", show_default=False)
]

OwnerOption = Annotated[
    str, typer.Option(metavar="WALLET", help="Public key of the wallet that registers the node.")
]
OrchestratorOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL,...",
        help="The orchestrator to work for; of several addresses the one that leads is used.",
        show_default=False,
    ),
]
RunOrchestratorOption = Annotated[
    str | None,
    typer.Option(
        "--orchestrator",
        envvar="IOG_ORCHESTRATOR_URL",
        metavar="URL,...",
        help="Where the orchestrator is now, if not where it was at `init`; its key stays pinned.",
        show_default=False,
    ),
]
ClassOption = Annotated[
    str | None, typer.Option("--class", metavar="SLUG", help="Insist on this GPU class.")
]
SimulateOption = Annotated[
    str | None,
    typer.Option(
        metavar="NxCLASS", help="Simulated GPUs, such as 8xh100-pcie; for networks that allow them."
    ),
]
CountryOption = Annotated[
    str, typer.Option(metavar="XX", help="Where the machine is, such as DE; shown as declared.")
]
ChangeOption = Annotated[
    bool,
    typer.Option("--change", help="Write what is named now over a node's settings; its key stays."),
]
PythonOption = Annotated[
    str, typer.Option(metavar="PATH", help="The Python that jobs run.", show_default="this one")
]
UnconfinedOption = Annotated[
    bool,
    typer.Option(
        "--allow-unconfined",
        help="Run clients' jobs even though nothing keeps them from this user's files.",
    ),
]
NetworkOption = Annotated[
    bool,
    typer.Option(
        "--allow-network",
        help="Take jobs that ask for the network: this machine's, with all that listens on it.",
    ),
]
EngineOption = Annotated[
    Literal["auto", "docker", "podman", "none"],
    typer.Option(help="What runs jobs that come as an image; auto takes the first that works."),
]
LeaveOption = Annotated[
    bool,
    typer.Option(
        "--leave-running",
        help="When stopped, leave jobs to a worker that comes back within the lease.",
    ),
]
LeaseOption = Annotated[
    float, typer.Option(min=2, metavar="SECONDS", help="How long a job outlives a dead worker.")
]

app = typer.Typer(no_args_is_help=True, help="Offer this machine's GPUs to the network.")


@app.command("init", epilog="Example: iog node init --owner WALLET --simulate 8xh100-pcie")
def init(
    owner: OwnerOption,
    folder: FolderOption = DEFAULT_FOLDER,
    orchestrator: OrchestratorOption = None,
    gpu_class: ClassOption = None,
    simulate: SimulateOption = None,
    country: CountryOption = "",
    change: ChangeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Set up a node: device key, network, and the registration that its owner sends.

    The owner's wallet stays on the owner's machine; `iog node register` there takes the file
    registration.json that is written here. A node's settings are changed with --change only.
    """
    from iog_client import addresses, config

    from . import setup
    from .folder import NodeFolder

    node = NodeFolder(folder)
    made = setup.init(
        node,
        config.load(orchestrator_url=orchestrator).orchestrator_url,
        addresses.parse(owner, "owner's public key"),
        gpu_class=gpu_class,
        simulate=simulate,
        country=country,
        change=change,
    )
    _report(node, made, as_json)


def _report(node: NodeFolder, made: SetUp, as_json: bool) -> None:
    from iog_client.cli import output

    registration = made.registration
    result = registration.model_dump(mode="json") | {"file": str(node.registration)}
    label = "simulated " if registration.simulated else ""
    text = (
        f"device {registration.device}: {registration.gpus} {label}{registration.gpu_class}\n"
        f"{'written' if made.changed else 'nothing changed:'} {node.registration}\n"
        "next, where the owner's wallet is: iog node register FILE, then iog stake add"
    )
    output.emit(result, as_json, text)


@app.command("run", epilog="Example: iog node run --folder node --allow-unconfined")
def run(
    folder: FolderOption = DEFAULT_FOLDER,
    python: PythonOption = sys.executable,
    allow_unconfined: UnconfinedOption = False,
    allow_network: NetworkOption = False,
    engine: EngineOption = "auto",
    orchestrator: RunOrchestratorOption = None,
    leave_running: LeaveOption = False,
    lease: LeaseOption = 60.0,
) -> None:
    """Work: take jobs, run them, prove the hours. Ends with SIGTERM or Ctrl-C."""
    import os

    from iog_client.endpoints import Endpoints
    from iog_client.logs import configure

    from .agent import Options
    from .folder import NodeFolder

    node = NodeFolder(folder)
    # refuse what is no node, or no address, before an engine is tried
    _, facts = node.identity()
    endpoints = Endpoints(orchestrator or facts.orchestrator_url)
    configure("info", {"device": facts.device})
    # first of all, for a second worker of this folder does nothing and has nothing else to say
    lock = node.lock()
    try:
        found, groups = _means(node, engine)
        options = Options(
            engine=found,
            groups=groups,
            allow_unconfined=allow_unconfined,
            allow_network=allow_network,
            leave_running=leave_running,
            lease_seconds=lease,
        )
        _work(node, python, options, endpoints)
    finally:
        os.close(lock)


def _means(node: NodeFolder, engine: Choice) -> tuple[Cli | None, Tree | None]:
    """What runs containers here and what limits jobs; what does not work is said in the log."""
    import os

    from . import engines, hierarchies, logs

    found, complaints = engines.find(engine, os.environ)
    groups, without = hierarchies.find(node.path)
    for complaint in complaints:
        logs.LOGGER.info("no containers by %s", complaint, extra={"action": "start"})
    for complaint in without if groups is None else ():
        logs.LOGGER.info("no control groups of %s", complaint, extra={"action": "start"})
    return found, groups


@app.command("doctor", epilog="Example: iog node doctor --folder node")
def doctor(
    folder: FolderOption = DEFAULT_FOLDER,
    python: PythonOption = sys.executable,
    orchestrator: OrchestratorOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at everything this machine's node relies on, and say what is wrong; changes nothing.

    Folder and key, GPUs against the registration, disk, isolation and limits of jobs, the
    orchestrator and what it says of this node. Ends with 1 if something is broken.
    """
    from iog_client.cli import output
    from iog_client.cli.doctor import conclude

    from .doctor import examine
    from .folder import NodeFolder

    conclude(output.run(examine(NodeFolder(folder), python, orchestrator)), as_json)


def _work(node: NodeFolder, python: str, options: Options, endpoints: Endpoints) -> None:
    """Wire the parts together and run them until a signal comes."""
    import asyncio

    from iog_client.clocks import SystemClock

    from . import confinement, setup
    from .agent import Agent, Outside
    from .link import WebSocket
    from .speed import HttpMeter
    from .transfer import HttpBlobs

    device, facts = node.identity()
    gpus = setup.source(facts.simulated, device)
    hardware = setup.hardware(facts, gpus)
    found = confinement.find(
        confinement.interpreter(python), gpus.devices(), network=options.allow_network
    )
    clock = SystemClock()
    outside = Outside(
        clock,
        HttpBlobs(endpoints, device, clock),
        endpoints,
        WebSocket.open,
        meter=HttpMeter(endpoints, device, clock),
    )
    _announce(facts, hardware, found, options)
    agent = Agent(node, facts, device, hardware, found, outside, options)
    asyncio.run(_until_signalled(agent.run))


def _announce(facts: NodeFacts, hardware: Hardware, found: Confinement, options: Options) -> None:
    """Say in the log what this node offers, and what it cannot."""
    from . import logs

    logs.LOGGER.info(
        "node starts",
        extra={
            "action": "start",
            "gpus": f"{len(hardware.gpus)}x{hardware.gpu_class}",
            "simulated": facts.simulated is not None,
            "confinement": found.name,
            "containers": "none" if options.engine is None else options.engine.name,
            "limits": "watched" if options.groups is None else f"cgroup-v{options.groups.version}",
            "network": found.network,
        },
    )
    if found.name == "none" and not options.allow_unconfined:
        logs.LOGGER.warning(
            "jobs are refused: bubblewrap does not work here; install it, or try --allow-network "
            "(it then needs less of the kernel), or --allow-unconfined",
            extra={"action": "start"},
        )


async def _until_signalled(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    import asyncio
    import os
    import signal

    stop = asyncio.Event()

    def stop_or_leave() -> None:
        if stop.is_set():
            # asked twice: leave at once; the supervisors end their jobs when the lease runs out
            os._exit(130)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop_or_leave)
    await work(stop)
