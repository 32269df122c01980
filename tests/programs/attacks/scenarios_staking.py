"""Scenarios of iog_staking."""

import stages
from attacks.engine import Call, scenario
from iog_client import addresses
from iog_client._generated.iog_staking.instructions.node_hold import node_hold as hold
from iog_client._generated.iog_staking.instructions.node_release import node_release as release
from jobs_world import jobs
from registry_world import registry
from stages import network
from world import World, program_key

PAYS = "whoever sends it pays"
CALLER = "iog_jobs says which node, and its own rows cover that"


@scenario(
    "iog_staking",
    creates="config stake_vault pool_vault",
    free={"payer": PAYS, "authority": "the program's id key decides who it is"},
)
def staking_initialize(world: World) -> Call:
    net = network(world).initialized()
    signers = [program_key("iog_staking"), world.payer, net.authority]
    return Call(stages.initialize_staking(net), signers)


@scenario(
    "iog_staking",
    creates="class",
    reuses="class",
    free={"payer": PAYS},
    again="it changes a class that is there",
)
def class_set(world: World) -> Call:
    made = registry(network(world))
    return Call(made.class_set(), [world.payer, made.net.authority])


@scenario("iog_staking", creates="node")
def node_register(world: World) -> Call:
    made = registry(network(world)).classed()
    return Call(made.node_register(), [made.owner], [made.agreement()])


@scenario("iog_staking")
def stake_add(world: World) -> Call:
    made = registry(network(world)).registered()
    return Call(made.stake_add(), [made.owner])


@scenario("iog_staking", forged=True, free={"node": CALLER})
def node_hold(world: World) -> Call:
    made = jobs(network(world))
    accounts = {"jobs_signer": addresses.jobs_config(), "node": made.registry.node}
    return Call(hold({"gpus": 1}, accounts))


@scenario("iog_staking", forged=True, free={"node": CALLER})
def node_release(world: World) -> Call:
    made = jobs(network(world)).running()
    accounts = {"jobs_signer": addresses.jobs_config(), "node": made.registry.node}
    return Call(release({"gpus": 2}, accounts))
