"""Scenarios of iog_jobs: delegates, gangs, and what becomes of the fees."""

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from attacks.engine import Call, scenario
from attacks.kinds import fresh
from attacks.scenarios_jobs import ANYONE, ready
from iog_client import addresses
from iog_client._generated.iog_jobs.accounts import Gang
from jobs_world import Jobs
from world import World

KEY = fresh("delegate")
MUCH = 10**12


def gang_of(made: Jobs) -> Pubkey:
    return addresses.gang(made.wallet.pubkey(), 0)


def approve(made: Jobs) -> Instruction:
    """The wallet lets its Client spend from its tokens."""
    wallet = made.wallet.pubkey()
    metas = [
        AccountMeta(addresses.tokens(wallet), False, True),
        AccountMeta(addresses.client(wallet), False, False),
        AccountMeta(wallet, True, False),
    ]
    return Instruction(addresses.SPL_TOKEN, b"\x04" + MUCH.to_bytes(8, "little"), metas)


def delegated(world: World) -> Jobs:
    """A client whose delegate may open and extend jobs."""
    made = ready(world)
    world.svm.airdrop(KEY.pubkey(), 10**11)
    allowed = made.delegate_set(KEY.pubkey(), MUCH, MUCH)
    world.send(approve(made), allowed, signers=[made.wallet])
    return made


@scenario("iog_jobs", creates="delegate", reuses="delegate", again="it changes the limits")
def delegate_set(world: World) -> Call:
    made = ready(world)
    return Call(made.delegate_set(KEY.pubkey(), MUCH, MUCH), [made.wallet])


@scenario("iog_jobs", closes="delegate")
def delegate_close(world: World) -> Call:
    made = delegated(world)
    return Call(made.delegate_close(KEY.pubkey()), [made.wallet])


@scenario("iog_jobs", creates="job vault")
def job_open__delegate(world: World) -> Call:
    made = delegated(world)
    world.send(made.gang_open(), signers=[made.wallet])
    return Call(made.job_open(by=KEY.pubkey(), gang=gang_of(made)), [KEY])


@scenario("iog_jobs")
def job_extend__delegate(world: World) -> Call:
    made = delegated(world).running()
    return Call(made.job_extend(100, by=KEY.pubkey()), [KEY])


@scenario("iog_jobs", creates="gang")
def gang_open(world: World) -> Call:
    made = ready(world)
    return Call(made.gang_open(), [made.wallet])


@scenario("iog_jobs", free={"node": "the matcher chooses one whose class and price fit"})
def job_assign__gang(world: World) -> Call:
    made = ready(world).open_gang()
    return Call(made.job_assign(), [made.matcher])


@scenario("iog_jobs")
def job_join(world: World) -> Call:
    made = ready(world).open_gang().assign()
    return Call(made.job_join(), [made.device])


@scenario("iog_jobs")
def gang_start(world: World) -> Call:
    made = ready(world).open_gang().assign().join()
    made.number = 1
    made.assign().join()
    return Call(made.gang_start())


@scenario("iog_jobs")
def job_cancel__gang(world: World) -> Call:
    made = ready(world).reach("joined")
    return Call(made.job_cancel(), [made.wallet])


@scenario("iog_jobs", free={"signer": ANYONE})
def job_expire__gang(world: World) -> Call:
    made = ready(world).reach("joined")
    world.now = world.account(Gang, gang_of(made)).deadline
    return Call(made.job_expire(), [world.payer])


@scenario("iog_jobs")
def fees_collect(world: World) -> Call:
    made = ready(world).running(10).finish().settle()
    treasury = fresh("treasury").pubkey()
    world.tokens(treasury)
    named = made.by_authority("treasury_set", {"treasury": treasury, "burn_bps": 5_000})
    world.send(named, signers=[made.registry.net.authority])
    return Call(made.fees_collect(treasury))
