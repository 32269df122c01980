"""What keeps the daemon from running, in the terms of the command line and with its exit code."""

from iog_client.errors import IogError, NotAllowed, Refused, Unreachable, UsageError
from iog_orchestrator.domain.errors import (
    OrchestratorError,
    StoreForbidden,
    StoreLost,
    StoreMisnamed,
)


class DatabaseAway(Unreachable):
    """the database does not answer"""

    def __init__(self, message: str) -> None:
        super().__init__("the database", message)
        self.message = message
        self.args = (message,)

    def facts(self) -> dict[str, object]:
        # its URL may hold a password
        return {}


def told(error: OrchestratorError) -> IogError:
    """The same, in the client's terms."""
    match error:
        case StoreMisnamed():
            return UsageError(f"--database: {error}")
        case StoreForbidden():
            return NotAllowed(str(error))
        case StoreLost():
            return DatabaseAway(str(error))
        case _:
            return Refused(str(error))
