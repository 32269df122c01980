"""Why a run ended, whose fault that was, and whether its proven seconds are paid.

The codes are those of iog_jobs (`programs/iog_jobs/src/reason.rs`) and are only ever appended to;
both sides are tested against `tests/vectors/end_reasons.json`.
"""

from enum import IntEnum
from typing import Literal

Fault = Literal["none", "client", "node", "network", "platform"]


class EndReason(IntEnum):
    """End of a run, by its code on chain."""

    NONE = 0
    COMPLETED = 1
    COMMAND_FAILED = 2
    TIMED_OUT = 3
    CANCELLED = 4
    INPUT_INVALID = 5
    OUT_OF_MEMORY = 6
    OUTPUT_MISSING = 7
    NODE_FAILED = 20
    NODE_LOST = 21
    NODE_STOPPED = 22
    PLATFORM_FAILED = 40
    NOT_PLACED = 41
    START_MISSED = 42
    EXPIRED = 43
    GANG_INCOMPLETE = 44

    @property
    def label(self) -> str:
        """The reason as people and JSON read it: `command_failed`."""
        return self.name.lower()

    @property
    def fault(self) -> Fault:
        """Who caused the end."""
        return _FAULTS[self]

    @property
    def pays(self) -> bool:
        """Whether the run's proven seconds are paid: yes, unless node or platform failed."""
        return self in _PAID

    @property
    def from_device(self) -> bool:
        """Whether a device may give this reason in `job_finish`."""
        return self in _FROM_DEVICE

    @classmethod
    def from_label(cls, label: str) -> "EndReason":
        """The reason of that label.

        Raises:
            KeyError: there is no such reason.
        """
        return cls[label.upper()]


_R = EndReason
_FAULTS: dict[EndReason, Fault] = {
    _R.NONE: "none",
    _R.COMPLETED: "none",
    _R.COMMAND_FAILED: "client",
    _R.TIMED_OUT: "client",
    _R.CANCELLED: "client",
    _R.INPUT_INVALID: "client",
    _R.OUT_OF_MEMORY: "client",
    _R.OUTPUT_MISSING: "client",
    _R.NODE_FAILED: "node",
    _R.NODE_LOST: "node",
    _R.NODE_STOPPED: "node",
    _R.PLATFORM_FAILED: "platform",
    _R.NOT_PLACED: "network",
    _R.START_MISSED: "node",
    _R.EXPIRED: "network",
    _R.GANG_INCOMPLETE: "network",
}
_FROM_DEVICE = frozenset(
    {
        _R.COMPLETED,
        _R.COMMAND_FAILED,
        _R.TIMED_OUT,
        _R.INPUT_INVALID,
        _R.OUT_OF_MEMORY,
        _R.OUTPUT_MISSING,
        _R.NODE_FAILED,
        _R.NODE_STOPPED,
        _R.PLATFORM_FAILED,
    }
)
_PAID = frozenset(
    {
        _R.COMPLETED,
        _R.COMMAND_FAILED,
        _R.TIMED_OUT,
        _R.CANCELLED,
        _R.INPUT_INVALID,
        _R.OUT_OF_MEMORY,
        _R.OUTPUT_MISSING,
        _R.EXPIRED,
    }
)
