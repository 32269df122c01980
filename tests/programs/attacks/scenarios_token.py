"""Scenarios of iog_token."""

import stages
from attacks.engine import Call, scenario
from stages import network
from world import World, program_key

PAYS = "whoever sends it pays"


@scenario(
    "iog_token",
    creates="config mint vesting_vault",
    free={"payer": PAYS, "authority": "the program's id key decides who it is"},
)
def token_initialize(world: World) -> Call:
    net = network(world)
    return Call(stages.initialize(net), [program_key("iog_token"), world.payer, net.authority])


@scenario(
    "iog_token",
    creates="bucket",
    reuses="bucket",
    free={"payer": PAYS},
    again="a bucket may be changed until the genesis is sealed",
)
def genesis_allocate(world: World) -> Call:
    net = network(world).initialized()
    return Call(stages.allocate(net), [world.payer, net.authority])


@scenario("iog_token")
def genesis_seal(world: World) -> Call:
    net = network(world).allocated()
    return Call(stages.seal(net), [net.authority])


@scenario("iog_token")
def emission_start(world: World) -> Call:
    net = network(world).sealed()
    return Call(stages.start(net, world.now), [net.authority])


@scenario("iog_token")
def emission_advance(world: World) -> Call:
    network(world).running().pass_hours()
    return Call(stages.advance())


@scenario("iog_token", free={"payer": PAYS})
def vesting_claim(world: World) -> Call:
    net = network(world).started()
    world.tokens(net.beneficiary.pubkey())
    claim = stages.claim_vesting(world, 0, net.beneficiary.pubkey())
    return Call(claim, [world.payer])
