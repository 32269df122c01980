"""What workers said about runs, for the step that waits for it. Lost with the process, and asked
again."""

from dataclasses import dataclass, field

from iog_client.protocol import RunState
from iog_orchestrator.core.wake import Wake
from iog_orchestrator.ports import Prepared


@dataclass(slots=True)
class RunMail:
    """State of the talk about one run; session numbers say over which connection."""

    device: str = ""
    phase: RunState | None = None
    refused: str = ""
    assigned_in: int = 0
    start_in: int = 0
    started_in: int = 0
    finish_in: int = 0
    proof_counter: int = 0
    """Counter of the statement in the transaction that finishes the run."""
    told_end_in: int = 0
    told_end_at: float = 0.0
    asked_at: float = 0.0
    """When the worker was last asked for a signature (monotonic)."""
    prepared: dict[str, Prepared] = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)

    def drop(self, what: str) -> None:
        """Ask for a signature again: over a new transaction."""
        self.prepared.pop(what, None)
        self.signatures.pop(what, None)


class MailRoom:
    """Mail by run, and the wake-up of each job's driver."""

    def __init__(self) -> None:
        self._mail: dict[tuple[str, int], RunMail] = {}
        self._wakes: dict[str, Wake] = {}

    def of(self, job: str, run: int) -> RunMail:
        """The mail of a run, empty at first."""
        return self._mail.setdefault((job, run), RunMail())

    def for_device(self, job: str, run: int, device: str) -> RunMail:
        """The mail of a run while it is with `device`; that of another device is thrown away."""
        mail = self.of(job, run)
        if mail.device != device:
            mail = self._mail[job, run] = RunMail(device)
        return mail

    def phase_of(self, job: str, run: int) -> RunState | None:
        """What the worker last said of a run, or of the next one that it prepares."""
        mail = self._mail.get((job, run)) or self._mail.get((job, run + 1))
        return mail.phase if mail else None

    def is_with(self, job: str, run: int, device: str) -> bool:
        """Whether a run was given to `device` by this process."""
        mail = self._mail.get((job, run))
        return mail is not None and mail.device == device

    def drop(self, job: str, run: int) -> None:
        """A run will not be started."""
        self._mail.pop((job, run), None)

    def wake_of(self, job: str) -> Wake:
        """What the driver of a job sleeps on."""
        return self._wakes.setdefault(job, Wake())

    def wake(self, job: str) -> None:
        """Let the driver of a job look again, if there is one."""
        if (wake := self._wakes.get(job)) is not None:
            wake.set()

    def forget(self, job: str) -> None:
        """A job is settled."""
        self._wakes.pop(job, None)
        for key in [one for one in self._mail if one[0] == job]:
            del self._mail[key]
