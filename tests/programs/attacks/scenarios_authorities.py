"""Scenarios of what authorities and guardians do, which the four programs have alike."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from attacks.engine import Call, scenario
from attacks.kinds import fresh
from iog_client import addresses
from jobs_world import jobs
from scripts import idls
from stages import Network, advance, network
from trees import Hour, publish
from world import World

CONFIGS = {
    "iog_token": ("config", addresses.token_config()),
    "iog_staking": ("config", addresses.staking_config()),
    "iog_rewards": ("distributor", addresses.distributor()),
    "iog_jobs": ("config", addresses.jobs_config()),
}
"""Name and address of the account that each program keeps its keys in."""

NEW = fresh("new key")


def up(program: str, world: World) -> Network:
    """A network with this program set up."""
    net = network(world)
    if program == "iog_jobs":
        jobs(net)
    else:
        net.running()
    return net


def build(program: str, name: str, signer: str, key: Pubkey, args: dict[str, Any]) -> Instruction:
    """An instruction that one key signs and that changes the configuration."""
    made = getattr(import_module(f"iog_client._generated.{program}.instructions.{name}"), name)
    account, address = CONFIGS[program]
    accounts = {signer: key, account: address}
    built: Instruction = made(args, accounts) if args else made(accounts)
    return built


def register(
    program: str,
    name: str,
    signer: str = "authority",
    args: dict[str, Any] | None = None,
    before: Callable[[Network], None] = lambda net: None,
    key: Callable[[Network], Keypair] = lambda net: net.authority,
) -> None:
    """The scenario of an instruction that the program has."""
    if name not in {one["name"] for one in idls.instructions(program)}:
        return

    def bring(world: World) -> Call:
        net = up(program, world)
        before(net)
        return Call(build(program, name, signer, key(net).pubkey(), args or {}), [key(net)])

    bring.__name__ = name
    scenario(program)(bring)


def sender(
    program: str, name: str, signer: str, key: str, args: dict[str, Any] | None = None
) -> Callable[[Network], None]:
    """Sends such an instruction; `key` is the name of a network's key."""

    def send(net: Network) -> None:
        who: Keypair = getattr(net, key)
        net.world.send(build(program, name, signer, who.pubkey(), args or {}), signers=[who])

    return send


def alike(program: str) -> None:
    """What all four have."""
    proposed = {"new": NEW.pubkey()}
    register(program, "authority_propose", args=proposed)
    register(
        program,
        "authority_accept",
        "pending_authority",
        before=sender(program, "authority_propose", "authority", "authority", proposed),
        key=lambda net: NEW,
    )
    register(program, "guardian_set", args={"guardian": NEW.pubkey()})


def stoppable(program: str, what: str) -> None:
    """A pause by the guardian, a resumption by the authority."""
    register(program, f"{what}_pause", "stopper", key=lambda net: net.guardian)
    paused = sender(program, f"{what}_pause", "stopper", "guardian")
    register(program, f"{what}_resume", before=paused)


for one in idls.PROGRAMS:
    alike(one)
stoppable("iog_staking", "staking")
stoppable("iog_rewards", "rewards")
stoppable("iog_jobs", "jobs")
register("iog_staking", "slasher_set", args={"slasher": NEW.pubkey()})
register("iog_staking", "arbiter_set", args={"arbiter": NEW.pubkey()})
register("iog_jobs", "arbiter_set", args={"arbiter": NEW.pubkey()})
register("iog_jobs", "treasury_set", args={"treasury": NEW.pubkey(), "burn_bps": 5_000})
register("iog_rewards", "oracles_set", args={"threshold": 1, "oracles": [NEW.pubkey()]})

SPLIT = {"pool_bps": 2_000, "from_hour": 5}
register("iog_token", "split_set", args=SPLIT)
register(
    "iog_token",
    "split_cancel",
    "stopper",
    before=sender("iog_token", "split_set", "authority", "authority", SPLIT),
    key=lambda net: net.guardian,
)


def hour_pending(net: Network) -> None:
    """A root that nobody has objected to yet."""
    net.pass_hours()
    net.world.send(advance())
    publish(net, Hour(1, {NEW.pubkey(): 7}), live=False)


register("iog_rewards", "root_veto", "guardian", before=hour_pending, key=lambda net: net.guardian)
