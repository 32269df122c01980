"""Scenarios of iog_staking: the backers' pool, and cases against a node."""

from attacks.engine import Call, scenario
from pool_world import LEAST, UNBONDING, Pool
from registry_world import registry
from slash_world import APPEAL, Court
from stages import network
from world import World

PAYS = "whoever sends it pays"


def pool(world: World) -> Pool:
    return Pool(network(world).running())


@scenario("iog_staking", creates="backer", reuses="backer", again="it adds to what is staked")
def pool_stake(world: World) -> Call:
    made = pool(world)
    key = made.wallet()
    return Call(made.pool_stake(key.pubkey(), LEAST), [key])


@scenario("iog_staking", again="it takes another part out")
def pool_unstake(world: World) -> Call:
    made = pool(world)
    key = made.backed(3 * LEAST)
    return Call(made.pool_unstake(key.pubkey(), LEAST), [key])


@scenario("iog_staking")
def pool_withdraw(world: World) -> Call:
    made = pool(world)
    key = made.backed(2 * LEAST)
    made.unstake(key, LEAST)
    world.now += UNBONDING
    return Call(made.pool_withdraw(key.pubkey()))


@scenario("iog_staking")
def pool_claim(world: World) -> Call:
    made = pool(world)
    key = made.backed()
    made.hours(2)
    return Call(made.pool_claim(key.pubkey()))


@scenario("iog_staking")
def pool_advance(world: World) -> Call:
    made = pool(world)
    made.backed()
    made.hours(2)
    return Call(made.pool_advance())


def court(world: World) -> Court:
    """A node that is active, with a co-staker."""
    return Court(registry(network(world)).costaked())


@scenario("iog_staking", creates="case", free={"payer": PAYS})
def case_open(world: World) -> Call:
    made = court(world)
    return Call(made.case_open(), [made.slasher, world.payer])


@scenario("iog_staking")
def case_appeal(world: World) -> Call:
    made = court(world)
    made.open()
    owner = made.registry.owner
    return Call(made.case_appeal(owner.pubkey()), [owner])


@scenario("iog_staking")
def case_uphold(world: World) -> Call:
    made = court(world)
    made.open()
    made.appeal()
    return Call(made.case_uphold(), [made.arbiter])


@scenario("iog_staking")
def case_drop(world: World) -> Call:
    made = court(world)
    made.open()
    return Call(made.case_drop(), [made.slasher])


@scenario("iog_staking")
def case_close(world: World) -> Call:
    made = court(world)
    made.open()
    world.now += APPEAL
    return Call(made.case_close())
