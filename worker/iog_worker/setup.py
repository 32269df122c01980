"""`iog node init`: a device key, the network pinned, and the registration for the owner to send."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import ValidationError
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, interfaces, wallets
from iog_client.api_models import NetworkView
from iog_client.endpoints import Endpoints, unreachable
from iog_client.errors import Mismatch, NotFound, Refused, Unreachable, UsageError
from iog_client.node_models import NodeView
from iog_client.protocol import PROTOCOL, Hardware
from iog_client.registration import Registration

from .folder import NodeFacts, NodeFolder, replace
from .probe import GpuSource, Nvml, Simulated, detect
from .transfer import get_json


def network(urls: str) -> NetworkView:
    """What the orchestrator at the first of these addresses that answers says about its network.

    Raises:
        Unreachable: no answer, or none of an orchestrator.
        Refused: it speaks another protocol version, or was made for other programs' interfaces.
        Mismatch: its programs are not those that this version of `iog` knows.
    """
    url, said = _ask(Endpoints(urls), "/v1/network")
    try:
        view = NetworkView.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        why = f"/v1/network has no usable {where}; is this an orchestrator?"
        raise Unreachable(url, why) from None
    if view.protocol != PROTOCOL:
        raise Refused(
            f"the orchestrator speaks version {view.protocol} of the protocol, this node {PROTOCOL}"
        )
    for name in ("iog_staking", "iog_jobs"):
        found, known = view.programs.get(name), str(addresses.PROGRAMS[name])
        if found != known:
            raise Mismatch(f"the id of {name}", found, known)
    interfaces.require(view.idl_hashes, "the orchestrator")
    return view


def _ask(endpoints: Endpoints, path: str) -> tuple[str, object]:
    failures: list[Unreachable] = []
    for url in endpoints.urls:
        try:
            return url, get_json(url, path)
        except Unreachable as error:
            failures.append(error)
    raise unreachable(failures)


@dataclass(frozen=True, slots=True)
class SetUp:
    """What `init` came to: `changed` is False where the folder already said the same."""

    registration: Registration
    changed: bool


def init(
    folder: NodeFolder,
    urls: str,
    owner: Pubkey,
    *,
    gpu_class: str | None = None,
    simulate: str | None = None,
    country: str = "",
    change: bool = False,
) -> SetUp:
    """Make a node's folder, or with `change` renew what one says. The key is made once; the
    network is pinned for good.

    Raises:
        UsageError: the GPUs are not such as a node may have, or the country is none.
        NotAllowed: the folder's key is not the one of its node.
        NotFound: the folder's key is gone.
        Refused: simulated GPUs where they are not allowed, a folder pinned to another network, or
            one that says something else and is not to change, or may not.
    """
    if country and not re.fullmatch("[A-Z]{2}", country):
        raise UsageError(f"`{country[:20]}` is no country; two capital letters are, such as DE")
    if simulate is not None:
        Simulated(simulate, "")  # refuse a wrong text before anything is made
    view = network(urls)
    if simulate is not None and not view.allow_simulated:
        raise Refused("this network takes no simulated GPUs; leave --simulate out")
    device = _device(folder)
    hardware = detect(source(simulate, device), gpu_class)
    facts = NodeFacts(
        orchestrator_url=urls,
        orchestrator=view.orchestrator,
        genesis_hash=view.genesis_hash,
        programs=view.programs,
        device=str(device.pubkey()),
        gpu_class=hardware.gpu_class,
        gpus=len(hardware.gpus),
        simulated=simulate,
        country=country,
    )
    registration = register(facts, device, owner)
    if folder.node.exists() and not _differs(folder, facts, registration, change):
        return SetUp(registration, changed=False)
    # Nothing is written before all of the above has gone well; the key comes first, since it is
    # what cannot be made again.
    folder.make()
    if not folder.device.exists():
        wallets.write(folder.device, device, "device key")
    facts.save(folder.node)
    replace(folder.registration, registration.model_dump_json(indent=2) + "\n")
    return SetUp(registration, changed=True)


def register(facts: NodeFacts, device: Keypair, owner: Pubkey) -> Registration:
    """The device's consent to be registered by `owner`."""
    return Registration.signed(
        device,
        owner,
        facts.gpu_class,
        facts.gpus,
        Hash.from_string(facts.genesis_hash),
        simulated=facts.simulated is not None,
        staking=Pubkey.from_string(facts.programs["iog_staking"]),
    )


def source(simulate: str | None, device: Keypair) -> GpuSource:
    """Where this node's GPUs are read from."""
    return Nvml() if simulate is None else Simulated(simulate, str(device.pubkey()))


def hardware(facts: NodeFacts, gpus: GpuSource) -> Hardware:
    """What the machine has now. Raises `Refused` when that is not what was registered."""
    found = detect(gpus)
    now = f"{len(found.gpus)}x{found.gpu_class}"
    then = f"{facts.gpus}x{facts.gpu_class}"
    if now != then:
        raise Refused(
            f"this machine has {now} now and {then} when the node was set up; "
            "a node's GPUs are fixed by its registration"
        )
    return found


def _differs(
    folder: NodeFolder, facts: NodeFacts, registration: Registration, change: bool
) -> bool:
    """Whether a folder that is set up says something else than it is to say now.

    Raises `Refused` for what may not become of it: another network, other GPUs than a node is
    registered with, and without `change` anything else.
    """
    pinned = folder.facts()
    _stays_pinned(folder, pinned, facts)
    before = _settings(pinned, _owner(folder) or registration.owner)
    after = _settings(facts, registration.owner)
    differences = [
        f"{name} {before[name]}, now {after[name]}"
        for name in before
        if before[name] != after[name]
    ]
    if not differences:
        # a registration that got lost or damaged is made again
        return pinned != facts or _owner(folder) is None
    _require_unregistered(folder, pinned, facts)
    if not change:
        raise Refused(
            f"{folder.path} is set up already, as node {pinned.device}: {'; '.join(differences)}. "
            "--change writes what is named now and keeps the key; another --folder makes another "
            "node"
        )
    return True


def _device(folder: NodeFolder) -> Keypair:
    """The folder's key; a new one where the folder is none of a node yet."""
    if folder.node.exists():
        return folder.identity()[0]
    return folder.key() if folder.device.exists() else Keypair()


def _owner(folder: NodeFolder) -> str | None:
    """Whom the folder's registration names; None where there is none that can be used."""
    try:
        return Registration.load(folder.registration).owner
    except (NotFound, UsageError):
        return None


def _settings(facts: NodeFacts, owner: str) -> dict[str, str]:
    """What an operator says at `init`, and what was found then, by name."""
    return {
        "GPUs": _gpus(facts),
        "owner": owner,
        "country": facts.country or "not said",
        "orchestrator": facts.orchestrator_url,
    }


def _gpus(facts: NodeFacts) -> str:
    label = "simulated " if facts.simulated is not None else ""
    return f"{facts.gpus}x {label}{facts.gpu_class}"


def _require_unregistered(folder: NodeFolder, pinned: NodeFacts, facts: NodeFacts) -> None:
    """Raises `Refused` when the node is registered on chain, and not with these GPUs."""
    try:
        _, said = _ask(Endpoints(facts.orchestrator_url), f"/v1/nodes/{facts.device}")
        node = NodeView.model_validate(said)
    except (NotFound, ValidationError):
        return
    if node.state == "retired" or (node.gpus, node.gpu_class) == (facts.gpus, facts.gpu_class):
        return
    raise Refused(
        f"{folder.path} is the node {pinned.device}, which {node.owner} has registered with "
        f"{node.gpus}x {node.gpu_class}: its GPUs stay so; another --folder makes another node for "
        f"{_gpus(facts)}"
    )


def _stays_pinned(folder: NodeFolder, pinned: NodeFacts, facts: NodeFacts) -> None:
    """Raises `Refused` when the folder belongs to another orchestrator or chain already."""
    for what, now, then in (
        ("orchestrator", facts.orchestrator, pinned.orchestrator),
        ("chain", facts.genesis_hash, pinned.genesis_hash),
    ):
        if now != then:
            raise Refused(
                f"{folder.path} is pinned to the {what} {then}, and {now} answers now; "
                "use another --folder for another network"
            )
