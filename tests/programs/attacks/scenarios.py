"""All scenarios; see engine.py for how to write one."""

from attacks import scenarios_jobs, scenarios_rewards, scenarios_staking, scenarios_token

NOT_YET: frozenset[str] = frozenset()
"""Instructions that have no scenario yet, as `program.instruction`. Empty in a release."""

__all__ = [
    "NOT_YET",
    "scenarios_jobs",
    "scenarios_rewards",
    "scenarios_staking",
    "scenarios_token",
]
