"""State machines that compare a program with an exact model of it, in Python.

    from machines import Machine, machine_test

    class PoolMachine(Machine):
        @rule(...)
        def stake(self, ...): ...
        @invariant()
        def vault_is_whole(self): ...

    TestPool = machine_test(PoolMachine, examples=40, steps=50)

Examples times steps are what CI runs, always the same ones. `make fuzz` runs as many with a seed of
its own, again and again while its minutes last: short rounds, so that all machines get their turn.
"""

import os
from typing import Any, ClassVar
from unittest import TestCase

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant

PROFILE = os.environ.get("IOG_HYPOTHESIS") or "ci"

_common: dict[str, Any] = {
    "deadline": None,
    "database": None,  # a run depends on its seed alone
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}
settings.register_profile("ci", derandomize=True, **_common)
settings.register_profile("fuzz", derandomize=False, max_examples=500, **_common)


class Machine(RuleBasedStateMachine):
    """A state machine that counts its steps."""

    steps: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        self._begun = False

    @invariant()
    def step_is_counted(self) -> None:
        """Runs once at the start, then after each step."""
        if self._begun:
            name = type(self).__name__
            self.steps[name] = self.steps.get(name, 0) + 1
        self._begun = True


def machine_test(machine: type[Machine], *, examples: int, steps: int) -> type[TestCase]:
    """The test that runs a machine: so many examples of at most so many steps each."""
    chosen = settings.get_profile(PROFILE)
    test: type[TestCase] = machine.TestCase
    test.settings = settings(  # type: ignore[attr-defined]
        chosen, max_examples=examples, stateful_step_count=steps
    )
    return test
