"""The interfaces (IDLs) of the programs, by the sha256 of the file each was generated from.

The hash of a program's code says that its chain runs what came with this client; these say the same
of what never looks at the chain itself: a network.json, and a worker with its orchestrator.
"""

from __future__ import annotations

from collections.abc import Mapping

from iog_client._generated import PROGRAMS
from iog_client.errors import Refused

HASHES: dict[str, str] = {info.name: info.idl_hash for info in PROGRAMS.values()}


def require(found: Mapping[str, str], whose: str) -> None:
    """See that `whose` programs have the interfaces that this client was generated for.

    Raises `Refused`, naming the program and both hashes.
    """
    for name, ours in HASHES.items():
        theirs = found.get(name)
        if theirs != ours:
            known = f"the interface {theirs} of {name}" if theirs else f"no {name}"
            raise Refused(
                f"{whose} has {known}, and this iog was made for {ours}; "
                "use the iog that belongs to that network"
            )
