"""All scenarios; see engine.py for how to write one."""

from attacks import scenarios_jobs, scenarios_rewards, scenarios_staking, scenarios_token
from attacks.engine import SCENARIOS

NOT_YET: frozenset[str] = frozenset()
"""Instructions that have no scenario yet, as `program.instruction`. Empty in a release."""

__all__ = [
    "NOT_YET",
    "SCENARIOS",
    "scenarios_jobs",
    "scenarios_rewards",
    "scenarios_staking",
    "scenarios_token",
]
