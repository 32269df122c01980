"""Every instruction of every IDL against every class of attack that applies to it.

An attack is tried on a call that goes through without it, before and after; refused, it changes no
account. scripts/security.py writes from these ids what docs/security.md shows.
"""

import pytest

from attacks.catalogue import attacks
from attacks.engine import SCENARIOS, stage
from attacks.scenarios import NOT_YET
from scripts import idls

TRIED = {
    f"{name}-{one.name}": (name, one) for name, told in SCENARIOS.items() for one in attacks(told)
}


@pytest.mark.parametrize("attack", TRIED)
def test_attacks(attack: str) -> None:
    name, one = TRIED[attack]
    one.run(stage(name))


@pytest.mark.parametrize("program", idls.PROGRAMS)
def test_every_instruction_has_a_scenario(program: str) -> None:
    named = {f"{program}.{one['name']}" for one in idls.instructions(program)}
    assert named - set(SCENARIOS) == {name for name in NOT_YET if name.startswith(program)}
    assert not {name for name in SCENARIOS if name.startswith(f"{program}.")} - named


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_call_goes_through_when_nobody_attacks(name: str) -> None:
    stage(name).check_success()
