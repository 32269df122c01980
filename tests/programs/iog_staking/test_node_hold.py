"""Only iog_jobs can hold GPUs; what that does is in tests/programs/iog_jobs/test_job_start.py.
Here: that nobody else can, whatever they name as signer."""

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_staking.instructions.node_hold import node_hold
from registry_world import Registry, refused
from world import unsigned


def call(registry: Registry, signer: Pubkey) -> Instruction:
    return node_hold({"gpus": 1}, {"jobs_signer": signer, "node": registry.node})


def test_a_key_of_ones_own_is_refused(registry: Registry) -> None:
    registry.active()
    with refused("InvalidSeeds"):
        registry.world.send(call(registry, registry.owner.pubkey()), signers=[registry.owner])


def test_the_config_of_iog_jobs_without_its_signature_is_refused(registry: Registry) -> None:
    registry.active()
    signer = addresses.jobs_config()
    with refused("MissingRequiredSignature"):
        registry.world.send(unsigned(call(registry, signer), signer))
