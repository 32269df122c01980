"""Scenarios of iog_rewards."""

import stages
from attacks.engine import Call, scenario
from attacks.kinds import fresh
from stages import network
from trees import Hour, claim, cosigned, propose, publish
from world import World, program_key

PAYS = "whoever sends it pays"


@scenario(
    "iog_rewards",
    creates="distributor vault",
    free={"payer": PAYS, "authority": "the program's id key decides who it is"},
)
def distributor_initialize(world: World) -> Call:
    net = network(world).initialized()
    signers = [program_key("iog_rewards"), world.payer, net.authority]
    return Call(stages.initialize_rewards(net), signers)


@scenario("iog_rewards", signers="second_oracle")
def root_propose(world: World) -> Call:
    net = network(world).started().staking().rewards(threshold=2)
    net.pass_hours()
    world.send(stages.advance())
    proposed = propose(net, Hour(1, {fresh("wallet").pubkey(): 7}))
    return Call(cosigned(proposed, net.oracles[1:2]), net.oracles[:2])


@scenario("iog_rewards", creates="recipient", reuses="recipient", free={"payer": PAYS})
def reward_claim(world: World) -> Call:
    net = network(world).running()
    net.pass_hours()
    world.send(stages.advance())
    wallet = fresh("wallet").pubkey()
    world.tokens(wallet)
    hour = Hour(1, {wallet: 7, fresh("other wallet").pubkey(): 8})
    publish(net, hour)
    return Call(claim(world, hour, wallet), [world.payer])
