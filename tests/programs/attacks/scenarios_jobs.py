"""Scenarios of iog_jobs."""

from attacks.engine import Call, scenario
from jobs_world import GRACE, Jobs, jobs
from registry_world import registry, signed
from stages import network
from world import World, program_key

PAYS = "whoever sends it pays"


def ready(world: World) -> Jobs:
    """An active node and a client that has opened no job."""
    return jobs(network(world))


@scenario(
    "iog_jobs",
    creates="config fee_vault",
    free={"payer": PAYS, "authority": "the program's id key decides who it is"},
)
def jobs_initialize(world: World) -> Call:
    made = Jobs(registry(network(world)), world.keypair(), world.keypair())
    signers = [program_key("iog_jobs"), world.payer, made.registry.net.authority]
    return Call(made.jobs_initialize(), signers)


@scenario(
    "iog_jobs", creates="client", reuses="client", again="it names the client's matchers anew"
)
def client_open(world: World) -> Call:
    made = ready(world)
    made.wallet = world.keypair()
    return Call(made.client_open(), [made.wallet])


@scenario("iog_jobs", creates="job vault")
def job_open(world: World) -> Call:
    made = ready(world)
    return Call(made.job_open(), [made.wallet])


@scenario("iog_jobs", free={"node": "the matcher chooses one whose class and price fit"})
def job_assign(world: World) -> Call:
    made = ready(world).open()
    return Call(made.job_assign(), [made.matcher])


@scenario("iog_jobs")
def job_start(world: World) -> Call:
    made = ready(world).reach("assigned")
    return Call(made.job_start(), [made.device])


@scenario("iog_jobs")
def job_prove(world: World) -> Call:
    made = ready(world).running()
    world.now += 10
    statement = signed(made.statement(1, 10), made.device, made.matcher)
    return Call(made.job_prove(1, 10), [], [statement])


@scenario("iog_jobs")
def job_finish(world: World) -> Call:
    made = ready(world).running(10)
    return Call(made.job_finish(), [made.device])


@scenario("iog_jobs")
def job_cancel(world: World) -> Call:
    made = ready(world).running(10)
    return Call(made.job_cancel(), [made.wallet])


@scenario("iog_jobs")
def job_expire(world: World) -> Call:
    made = ready(world).running(10)
    world.now = made.read().deadline + GRACE
    return Call(made.job_expire())


@scenario("iog_jobs", closes="vault")
def job_settle(world: World) -> Call:
    made = ready(world).running(10).finish()
    return Call(made.job_settle(), [made.wallet])
