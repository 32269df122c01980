"""A network whose orchestrators are two, on one PostgreSQL database and one folder."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import httpx

from iog_client.api import OrchestratorApi
from iog_client.demo.processes import Child, free_port
from tests.chaos.report import Report
from tests.chaos.world import World

NAMES = ("first", "second")
LEADS_WITHIN = 30.0
"""A guard, not the measure: bench/takeover.py measures."""


class Pair(World):
    """`first` and `second`; clients and workers know both addresses."""

    def __init__(self, folder: Path, report: Report, database: str) -> None:
        super().__init__(folder, report)
        self.urls = {name: f"http://127.0.0.1:{free_port()}" for name in NAMES}
        self.api_url = ",".join(self.urls.values())
        self.api = OrchestratorApi(self.api_url)
        for name in NAMES:
            # from the environment, as a secret should come
            self.processes.env[name] = {"IOG_ORCHESTRATOR_DATABASE": database}
        self._known = ""

    @property
    def leader_url(self) -> str:
        return self.urls[self._known]

    async def start_orchestrator(self) -> None:
        for name in NAMES:
            await self.start_one(name)
            await self.leader()

    async def start_one(self, name: str) -> Child:
        """Start one of the two."""
        return await self.processes.start(
            name, "orchestrator", "run", "--network", str(self.folder / "network.json"),
            "--db", str(self.folder / "orchestrator"), "--rpc", self.rpc_url,
            "--port", self.urls[name].rpartition(":")[2],
        )  # fmt: skip

    async def role(self, name: str) -> str:
        """leader, standby, or away."""
        with contextlib.suppress(httpx.HTTPError):
            async with httpx.AsyncClient(timeout=1.0, trust_env=False) as client:
                found = (await client.get(f"{self.urls[name]}/v1/health")).json()
                return str(found["role"])
        return "away"

    async def until(self, name: str, role: str) -> None:
        """Wait until one of the two says so."""
        async with asyncio.timeout(LEADS_WITHIN):
            while await self.role(name) != role:
                self.processes.watch()
                await asyncio.sleep(0.05)

    async def leader(self) -> str:
        """The name of the one that leads."""
        async with asyncio.timeout(LEADS_WITHIN):
            while True:
                self.processes.watch()
                leading = [name for name in NAMES if await self.role(name) == "leader"]
                assert len(leading) < 2, "both lead"
                if leading:
                    self._known = leading[0]
                    return self._known
                await asyncio.sleep(0.05)

    async def _drained(self) -> None:
        await super()._drained()
        await self.leader()

    async def stands_by(self, name: str) -> None:
        """Start one that has ended while the other leads, and wait until it stands by."""
        await self.start_one(name)
        await self.until(name, "standby")


def other(name: str) -> str:
    """The other one of the two."""
    return NAMES[1 - NAMES.index(name)]
