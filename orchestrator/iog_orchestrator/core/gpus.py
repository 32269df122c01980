"""Which GPUs nodes report. A GPU that two nodes report earns for neither, until one stops.

A report counts while its node is connected and for `KEPT` hours after, so that taking turns does
not help; it is over when the node connects with other GPUs, or is retired on chain. That of a node
without its stake does not count: it earns nothing anyway, and costs nothing to make.
"""

import logging
from collections.abc import Iterable

from iog_client.protocol import Hello
from iog_orchestrator.core.context import Context
from iog_orchestrator.domain.errors import RequestRefused
from iog_orchestrator.domain.nodes import NodeState

log = logging.getLogger(__name__)

KEPT = 24
"""Hours of the network for which a node that went away still counts as having its GPUs."""
STAKED = (NodeState.ACTIVE, NodeState.PAUSED)
CONNECTED = 0.0
"""On record of a node that is connected; it may have gone since, with the process that knew."""


class Gpus:
    """Reports by UUID and by device, and who is blocked by them (`context.known.blocked`)."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._uuids: dict[str, frozenset[str]] = {}
        self._devices: dict[str, set[str]] = {}
        self._shared: set[str] = set()
        """UUIDs that several devices report."""
        self._seen: dict[str, float] = {}
        """Wall time at which each device that is not connected was last here."""
        self._left: set[str] = set()
        """Devices whose going away is not on record yet."""
        self._hour = -1
        """That of which `context.known.blocked_this_hour` is."""

    async def load(self) -> None:
        """Take up what an earlier process knew."""
        found: dict[str, set[str]] = {}
        now = self._context.ports.clock.wall()
        for report in await self._context.ports.store.gpu_reports():
            found.setdefault(report.device, set()).add(report.uuid)
            self._seen[report.device] = now if report.seen_at == CONNECTED else report.seen_at
        for device, uuids in found.items():
            self._index(device, frozenset(uuids))
        for device in found:
            self._judge(device)

    @staticmethod
    def require_honest(hello: Hello) -> None:
        """Raises `RequestRefused` for a node that reports one GPU twice, one without a UUID, or a
        simulated one as real."""
        uuids = [gpu.uuid for gpu in hello.hardware.gpus]
        for uuid in uuids:
            if uuid.startswith("SIM-") and not hello.simulated:
                raise RequestRefused(f"the GPU {uuid} is simulated, and this node says it is not")
            if not uuid.strip():
                raise RequestRefused("a GPU is reported without a UUID")
            if uuids.count(uuid) > 1:
                raise RequestRefused(f"the GPU {uuid} is reported twice by this node")

    async def arrived(self, device: str, uuids: Iterable[str]) -> None:
        """A device has connected and reports these GPUs."""
        now, reported = self._context.ports.clock.wall(), frozenset(uuids)
        await self._context.ports.store.put_gpus(device, reported, CONNECTED)
        self._left.discard(device)
        sharing = self._sharing(device)
        self._seen[device] = now
        self._index(device, reported)
        for one in {device} | sharing | self._sharing(device):
            self._judge(one)

    def left(self, device: str) -> None:
        """A device has no connection any more."""
        self._seen[device] = self._context.ports.clock.wall()
        self._left.add(device)

    async def step(self) -> None:
        """Look again at those who share GPUs or are blocked, and put on record who is."""
        for uuid in self._shared:
            for device in self._devices[uuid]:
                self._judge(device)
        for device in tuple(self._context.known.blocked):
            self._judge(device)
        for device in [one for one, seen in self._seen.items() if not self._is_fresh(seen)]:
            del self._seen[device]
            if device not in self._context.known.connected:
                self._index(device, frozenset())
        await self._record_left()
        await self._record()

    async def _record_left(self) -> None:
        for device in tuple(self._left):
            uuids, seen = self._uuids.get(device, frozenset()), self._seen.get(device)
            if seen is not None and device not in self._context.known.connected:
                await self._context.ports.store.put_gpus(device, uuids, seen)
            self._left.discard(device)

    async def _record(self) -> None:
        hour, known = self._context.hour, self._context.known
        if hour != self._hour:
            known.blocked_this_hour = await self._context.ports.store.blocked(hour)
            self._hour = hour
        new = {
            device: reason
            for device, reason in known.blocked.items()
            if device in known.connected and device not in known.blocked_this_hour
        }
        if hour > 0 and new:
            await self._context.ports.store.put_blocks(hour, new)
            known.blocked_this_hour |= new

    def _index(self, device: str, uuids: frozenset[str]) -> None:
        for uuid in self._uuids.pop(device, frozenset()):
            self._devices[uuid].discard(device)
            if len(self._devices[uuid]) < 2:
                self._shared.discard(uuid)
            if not self._devices[uuid]:
                del self._devices[uuid]
        if uuids:
            self._uuids[device] = uuids
            for uuid in uuids:
                having = self._devices.setdefault(uuid, set())
                having.add(device)
                if len(having) > 1:
                    self._shared.add(uuid)

    def _sharing(self, device: str) -> set[str]:
        """Other devices that report a GPU which this one reports."""
        found: set[str] = set()
        for uuid in self._uuids.get(device, frozenset()):
            found |= self._devices[uuid]
        return found - {device}

    def _counts(self, device: str) -> bool:
        """Whether what a device reported still says that it has these GPUs."""
        node = self._context.known.nodes.get(device)
        if node is None or node.state not in STAKED:
            return False
        return device in self._context.known.connected or self._is_fresh(self._seen.get(device, 0))

    def _is_fresh(self, seen: float) -> bool:
        age = self._context.ports.clock.wall() - seen
        return age <= KEPT * self._context.network.hour_length

    def _judge(self, device: str) -> None:
        """Block a device, or let it go."""
        blocked = self._context.known.blocked
        others = sorted(one for one in self._sharing(device) if self._counts(one))
        if not others or not self._counts(device):
            if blocked.pop(device, None) is not None:
                log.info("node free again", extra={"action": "node_freed", "device": device})
                self._context.refresh(device)
            return
        shared = sorted(self._uuids[device] & self._uuids[others[0]])[0]
        reason = f"its GPU {shared} is also reported by the node {others[0]}"[:200]
        if blocked.get(device) != reason:
            log.warning(
                "node blocked: two nodes report one GPU",
                extra={"action": "node_blocked", "device": device, "other": others[0]},
            )
            blocked[device] = reason
            self._context.refresh(device)
