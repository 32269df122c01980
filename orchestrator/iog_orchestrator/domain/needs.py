"""What the spec of a job asks of its nodes beyond what is on chain."""

from dataclasses import dataclass, fields
from typing import Any, Self

from iog_orchestrator.domain.candidates import Wanted


@dataclass(frozen=True, slots=True)
class Needs:
    """See `Wanted`; kept with the request of a job."""

    country: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    connectivity: int = 0
    reliability: int = 0
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    together: str = ""
    confined: bool = False
    containers: bool = False
    network: bool = False
    cpus: int = 0
    ram: int = 0
    disk: int = 0

    def wanted(self, **others: Any) -> Wanted:
        """The request with these needs and what else it asks for."""
        return Wanted(
            country=frozenset(self.country),
            near=frozenset(self.near),
            connectivity=self.connectivity,
            reliability=self.reliability,
            allow=frozenset(self.allow),
            deny=frozenset(self.deny),
            together=self.together,
            confined=self.confined,
            containers=self.containers,
            network=self.network,
            cpus=self.cpus,
            ram=self.ram,
            disk=self.disk,
            **others,
        )

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        """From JSON; what an older version did not keep is as if it was not asked for."""
        known = {one.name for one in fields(cls)}
        named: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in body.items()
            if name in known
        }
        return cls(**named)
