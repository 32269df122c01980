"""Drains and maintenance: announced by a node's operator, kept, and brought about when due."""

import logging

from iog_client.protocol import Stop
from iog_orchestrator.core.context import Context
from iog_orchestrator.domain.errors import Forbidden, RequestRefused, Unknown
from iog_orchestrator.domain.jobs import JobState
from iog_orchestrator.domain.notices import Kind, Notice

log = logging.getLogger(__name__)

FARTHEST = 30 * 86_400
"""Seconds from now that a notice may reach."""
_HELD = (JobState.ASSIGNED, JobState.RUNNING)


class Notices:
    """The notices that stand, in `context.known.notices`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._told: dict[tuple[str, int], int] = {}
        """The connection over which a run was told to stop, by job and run."""

    async def load(self) -> None:
        """Take up what an earlier process was told."""
        found = await self._context.ports.store.notices()
        self._context.known.notices.update({one.device: one for one in found})

    def require_owner(self, device: str, key: str) -> None:
        """Only the node's owner and the node itself may announce something of it.

        Raises:
            Unknown: there is no such node.
            Forbidden: it is another's.
        """
        node = self._context.known.nodes.get(device)
        if node is None:
            raise Unknown(f"there is no node with device key {device}")
        if key not in (node.owner, device):
            raise Forbidden(f"{key} is neither the owner of the node {device} nor its device key")

    async def announce(
        self, device: str, kind: Kind, begins_in: int | None, ends_in: int | None, reason: str
    ) -> Notice:
        """Take a notice, in seconds from now. Raises `RequestRefused` for times that make none."""
        _require_times(kind, begins_in, ends_in)
        now = int(self._context.ports.chain_clock.now())
        notice = Notice(
            device,
            kind,
            begin=0 if begins_in is None else now + begins_in,
            end=0 if ends_in is None else now + ends_in,
            reason=reason,
            made_at=now,
        )
        await self._context.ports.store.put_notice(notice)
        self._context.known.notices[device] = notice
        log.info(
            "notice given",
            extra={"action": "notice", "device": device, "kind": kind, "begin": notice.begin},
        )
        self._changed(device)
        return notice

    async def cancel(self, device: str) -> None:
        """Take a notice back. Raises `Unknown` when there is none."""
        if device not in self._context.known.notices:
            raise Unknown(f"the node {device} has no notice to cancel")
        await self._drop(device)
        log.info("notice cancelled", extra={"action": "notice_cancelled", "device": device})

    async def step(self) -> None:
        """End what is over, bring the fleet up to what has begun, stop runs whose time is up."""
        now = self._context.ports.chain_clock.now()
        for device, notice in tuple(self._context.known.notices.items()):
            if notice.is_over(now):
                await self._drop(device)
                log.info("notice is over", extra={"action": "notice_over", "device": device})
                continue
            self._context.refresh(device)
            if notice.is_due(now):
                await self._stop_runs(device)

    async def _stop_runs(self, device: str) -> None:
        """Have the node end its runs as `node_stopped`, told once over each connection."""
        number = self._context.known.connected.get(device)
        if number is None:
            return
        for job in self._context.known.jobs.values():
            key = (job.address, job.run)
            if job.device != device or job.state not in _HELD or self._told.get(key) == number:
                continue
            if await self._context.ports.link.send(device, Stop(job=job.address, run=job.run)):
                self._told[key] = number
                log.info(
                    "run told to stop: its node's notice is due",
                    extra={
                        "action": "run_stopping",
                        "job": job.address,
                        "run": job.run,
                        "device": device,
                    },
                )

    async def _drop(self, device: str) -> None:
        await self._context.ports.store.drop_notice(device)
        self._context.known.notices.pop(device, None)
        live = self._context.known.jobs
        self._told = {key: number for key, number in self._told.items() if key[0] in live}
        self._changed(device)

    def _changed(self, device: str) -> None:
        self._context.refresh(device)
        self._context.changed.open()


def _require_times(kind: Kind, begins_in: int | None, ends_in: int | None) -> None:
    if kind == "drain" and ends_in is not None:
        raise RequestRefused("a drain has no end; it lasts until it is cancelled")
    if kind == "maintenance" and (begins_in is None or ends_in is None):
        raise RequestRefused("maintenance has a begin and an end")
    if begins_in is not None and ends_in is not None and ends_in <= begins_in:
        raise RequestRefused("maintenance has to end after it begins")
    if max(begins_in or 0, ends_in or 0) > FARTHEST:
        raise RequestRefused(f"a notice reaches {FARTHEST // 86_400} days ahead at most")
