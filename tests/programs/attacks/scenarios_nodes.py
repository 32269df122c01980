"""Scenarios of iog_staking: nodes, their stake and who co-stakes."""

from attacks.engine import Call, scenario
from attacks.kinds import fresh
from registry_world import COOLING, NOTICE, STAKE, Registry, registry
from stages import network
from world import World


def ready(world: World) -> Registry:
    return registry(network(world))


@scenario("iog_staking")
def node_ask(world: World) -> Call:
    made = ready(world).active()
    return Call(made.node_ask(), [made.owner])


@scenario("iog_staking")
def node_payee(world: World) -> Call:
    made = ready(world).active()
    return Call(made.node_payee(fresh("new payee").pubkey()), [made.owner])


@scenario("iog_staking")
def node_pause(world: World) -> Call:
    made = ready(world).active()
    return Call(made.node_pause(), [made.owner])


@scenario("iog_staking")
def node_resume(world: World) -> Call:
    made = ready(world).active()
    made.act(made.node_pause(), made.owner)
    return Call(made.node_resume(), [made.owner])


@scenario("iog_staking")
def node_retire(world: World) -> Call:
    made = ready(world).registered()
    return Call(made.node_retire(), [made.owner])


@scenario("iog_staking")
def stake_add(world: World) -> Call:
    made = ready(world).registered()
    return Call(made.stake_add(), [made.owner])


@scenario("iog_staking")
def stake_reduce(world: World) -> Call:
    made = ready(world).active()
    made.act(made.stake_add(STAKE), made.owner)
    return Call(made.stake_reduce(STAKE), [made.owner])


@scenario("iog_staking")
def stake_unstake(world: World) -> Call:
    made = ready(world).costaked()
    return Call(made.stake_unstake(record=True), [made.owner])


@scenario("iog_staking")
def stake_withdraw(world: World) -> Call:
    made = ready(world).unstaked()
    world.now += COOLING
    return Call(made.stake_withdraw())


@scenario(
    "iog_staking", creates="owner_record", reuses="owner_record", again="it changes the offer"
)
def costake_offer(world: World) -> Call:
    made = ready(world).active()
    return Call(made.costake_offer(), [made.owner])


@scenario("iog_staking")
def costake_revoke(world: World) -> Call:
    made = ready(world).offered()
    return Call(made.costake_revoke(), [made.owner])


@scenario("iog_staking")
def costake_accept(world: World) -> Call:
    made = ready(world).offered()
    return Call(made.costake_accept(), [made.costaker])


@scenario("iog_staking")
def costake_leave(world: World) -> Call:
    made = ready(world).costaked()
    return Call(made.costake_leave(), [made.costaker])


def leaving(world: World) -> Registry:
    """A co-staker whose notice is over."""
    made = ready(world).costaked()
    made.act(made.costake_leave(), made.costaker)
    world.now += NOTICE
    return made


@scenario("iog_staking")
def costake_end(world: World) -> Call:
    return Call(leaving(world).costake_end())


@scenario("iog_staking")
def costake_withdraw(world: World) -> Call:
    made = leaving(world)
    made.act(made.costake_end())
    world.now += COOLING
    return Call(made.costake_withdraw())
