"""Only iog_jobs can hold and release; what it does is in tests/programs/iog_jobs/test_job_start.py
and test_job_finish.py. Here: that nobody else can, whatever they name as signer."""

import pytest

from iog_client import addresses
from iog_client._generated.iog_staking.instructions.node_hold import node_hold
from iog_client._generated.iog_staking.instructions.node_release import node_release
from registry_world import Registry, refused
from world import unsigned

CALLS = {"node_hold": node_hold, "node_release": node_release}


@pytest.mark.parametrize("name", CALLS)
def test_a_key_of_one_s_own_is_refused(registry: Registry, name: str) -> None:
    registry.active()
    key = registry.owner
    call = CALLS[name]({"gpus": 1}, {"jobs_signer": key.pubkey(), "node": registry.node})
    with refused("InvalidSeeds"):
        registry.world.send(call, signers=[key])


@pytest.mark.parametrize("name", CALLS)
def test_the_config_of_iog_jobs_without_its_signature_is_refused(
    registry: Registry, name: str
) -> None:
    registry.active()
    signer = addresses.jobs_config()
    call = CALLS[name]({"gpus": 1}, {"jobs_signer": signer, "node": registry.node})
    with refused("MissingRequiredSignature"):
        registry.world.send(unsigned(call, signer))
