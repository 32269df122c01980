"""What is logged of a failure that the service goes on after."""

from iog_orchestrator.domain.errors import OrchestratorError


def trace(error: Exception) -> Exception | None:
    """For `exc_info`: nothing where the world outside failed (chain, database, disk), whose
    words are enough; the error itself, with its place, where it is a defect."""
    return None if isinstance(error, OrchestratorError | OSError) else error


def first_line(error: BaseException) -> str:
    """What an error says, on one line."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
