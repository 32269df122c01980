"""Compute units of every instruction with fixed keys; writes docs/compute-units.md.

Run on the in-process SVM with the prebuilt v0 programs. That SVM comes with the older SPL Token
program, whose transfers cost thousands of units where today's clusters charge about a hundred, so
instructions that move tokens are cheaper there.
"""

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction_metadata import TransactionMetadata

from iog_client import addresses

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "compute-units.md"
sys.path.insert(0, str(ROOT / "tests" / "programs"))

import jobs_world  # noqa: E402 - found through the path set above
import registry_world  # noqa: E402
import rewards_calls  # noqa: E402
import stages  # noqa: E402
import token_calls  # noqa: E402
import trees  # noqa: E402
from attacks.scenarios import SCENARIOS  # noqa: E402
from world import World, program_key  # noqa: E402

VALIDATOR = "## On a validator"
"""Heading of the page's second part, which `validator_units` writes."""

HEAD = """# Compute units

Written by `python -m bench compute_units`; a test fails when a figure drifts by more than 3%. Fixed
keys, in-process SVM, programs of version v0. That SVM carries the older SPL Token program (a
transfer 4,644 CU, where today's clusters charge 76), so whatever moves tokens is cheaper on a
cluster. An Ed25519 check costs no compute units, but is paid for like a signature. What an
instruction calls in another program is part of its figure; `inside` marks such a call, where only a
program may make it.

| instruction | CU |
|---|---:|
"""

CONSUMED = re.compile(r"Program (\w+) consumed (\d+) of ")


class FixedWorld(World):
    """A world whose keys are always the same, and that keeps the logs of the last transaction."""

    def __init__(self) -> None:
        self._made = 0
        self._logs: list[str] = []
        super().__init__()

    def send(
        self,
        *instructions: Instruction,
        signers: Sequence[Keypair] = (),
        payer: Keypair | None = None,
    ) -> TransactionMetadata:
        result = super().send(*instructions, signers=signers, payer=payer)
        self._logs = result.logs()
        return result

    def inner_units(self, program: Pubkey) -> int:
        """What the one call of `program` by another took in the last transaction."""
        lines = (CONSUMED.match(line) for line in self._logs)
        (units,) = [int(line[2]) for line in lines if line and line[1] == str(program)]
        return units

    def keypair(self, lamports: int = 10**11) -> Keypair:
        self._made += 1
        key = Keypair.from_seed(hashlib.sha256(f"bench {self._made}".encode()).digest())
        self.svm.airdrop(key.pubkey(), lamports)
        return key


class Table:
    """Compute units by instruction, in the order in which a network uses them."""

    def __init__(self, world: FixedWorld) -> None:
        self.world = world
        self.rows: dict[str, int] = {}

    def note(self, name: str, step: Callable[[], object]) -> None:
        """What the last transaction of `step` takes."""
        step()
        self.rows[name] = self.world.units

    def note_inner(self, name: str, program: Pubkey) -> None:
        """What `program` took of the transaction noted before."""
        self.rows[name] = self.world.inner_units(program)


def _fixed(name: str) -> Pubkey:
    return Keypair.from_seed(hashlib.sha256(name.encode()).digest()).pubkey()


def measure() -> dict[str, int]:
    """The rows of the table."""
    world = FixedWorld()
    net = stages.network(world)
    table = Table(world)
    note = table.note
    note("token_initialize", net.initialized)
    note("genesis_allocate", lambda: world.send(stages.allocate(net), signers=[net.authority]))
    note("genesis_seal", lambda: world.send(stages.seal(net), signers=[net.authority]))
    note(
        "emission_start", lambda: world.send(stages.start(net, world.now), signers=[net.authority])
    )
    world.tokens(net.beneficiary.pubkey())
    note(
        "vesting_claim",
        lambda: world.send(stages.claim_vesting(world, 0, net.beneficiary.pubkey())),
    )
    note("staking_initialize", net.staking)
    registry = registry_world.Registry(net, world.keypair(), world.keypair(), _fixed("payee"))
    note("class_set", registry.classed)
    calls = (registry.agreement(), registry.node_register())
    note("node_register", lambda: world.send(*calls, signers=[registry.owner]))
    net.fund(registry.owner.pubkey(), registry_world.FUNDS)
    note("stake_add", lambda: world.send(registry.stake_add(), signers=[registry.owner]))
    _rewards(net, table)
    _jobs(registry, table)
    _others(table.rows)
    return table.rows


def _others(rows: dict[str, int]) -> None:
    """Every instruction not yet measured, as its scenario for the attacks brings it about."""
    names = Counter(told.name for told in SCENARIOS.values() if not told.variant)
    for told in SCENARIOS.values():
        shared = names[told.name] > 1
        label = f"{told.name} ({told.program.removeprefix('iog_')})" if shared else told.name
        known = label in rows or any(row.startswith(f"{label} (") for row in rows)
        if known or told.variant or told.forged:
            continue
        world = FixedWorld()
        call = told.bring(world)
        world.send(*call.before, call.instruction, signers=call.signers)
        rows[label] = world.units


def _authorities(net: stages.Network, table: Table) -> None:
    """The authority offers its place to itself and takes it; shares, oracles, pause and resume."""
    own, guardian, oracle = net.authority.pubkey(), net.guardian.pubkey(), net.oracles[0].pubkey()
    token, rewards = token_calls, rewards_calls
    for name, instruction, signer in [
        ("authority_propose (token)", token.propose_authority(net, own), net.authority),
        ("authority_accept (token)", token.accept_authority(own), net.authority),
        ("guardian_set (token)", token.set_guardian(net, guardian), net.authority),
        ("split_set", token.set_split(net, 500, 100), net.authority),
        ("split_cancel", token.cancel_split(guardian), net.guardian),
        ("authority_propose (rewards)", rewards.propose_authority(net, own), net.authority),
        ("authority_accept (rewards)", rewards.accept_authority(own), net.authority),
        ("guardian_set (rewards)", rewards.set_guardian(net, guardian), net.authority),
        ("oracles_set", rewards.set_oracles(net, 1, [oracle]), net.authority),
        ("rewards_pause", rewards.pause(guardian), net.guardian),
        ("rewards_resume", rewards.resume(net), net.authority),
    ]:
        table.note(name, lambda sent=instruction, by=signer: net.world.send(sent, signers=[by]))


def _rewards(net: stages.Network, table: Table) -> None:
    """Claims are measured with 1,024 leaves, a proof of depth 10."""
    world, note = net.world, table.note
    note("distributor_initialize", net.rewards)
    _authorities(net, table)
    net.pass_hours()
    wallets = [_fixed(f"wallet {index}") for index in range(1_024)]
    hour = trees.Hour(1, dict.fromkeys(wallets, 10**6))
    both = (stages.advance(), trees.propose(net, hour))
    note("emission_advance + root_propose", lambda: world.send(*both, signers=[net.oracles[0]]))
    world.now += trees.DELAY
    world.tokens(wallets[0])
    note("reward_claim (first, depth 10)", lambda: world.send(trees.claim(world, hour, wallets[0])))
    net.pass_hours()
    later = trees.Hour(2, dict.fromkeys(wallets, 2 * 10**6))
    note("emission_advance", lambda: world.send(stages.advance()))
    proposal = trees.propose(net, later)
    world.send(proposal, signers=[net.oracles[0]])
    veto = rewards_calls.veto(net.guardian.pubkey())
    note("root_veto", lambda: world.send(veto, signers=[net.guardian]))
    note("root_propose", lambda: world.send(proposal, signers=[net.oracles[0]]))
    world.now += trees.DELAY
    note(
        "reward_claim (later, depth 10)", lambda: world.send(trees.claim(world, later, wallets[0]))
    )


def _jobs(registry: registry_world.Registry, table: Table) -> None:
    """iog_staking's `node_hold` and `node_release` are for iog_jobs alone to call."""
    world, note = registry.world, table.note
    jobs = jobs_world.Jobs(registry, world.keypair(), world.keypair())
    keys = [program_key("iog_jobs"), registry.net.authority]
    note("jobs_initialize", lambda: world.send(jobs.jobs_initialize(), signers=keys))
    note("client_open", lambda: world.send(jobs.client_open(), signers=[jobs.wallet]))
    registry.net.fund(jobs.wallet.pubkey(), registry_world.FUNDS)
    world.tokens(registry.payee)
    note("job_open", jobs.open)
    note("job_assign", jobs.assign)
    note("job_start", jobs.start)
    table.note_inner("node_hold (inside job_start)", addresses.STAKING)
    world.now += 10
    note("job_prove", lambda: jobs.prove(1, 10))
    note("job_finish", jobs.finish)
    table.note_inner("node_release (inside job_finish)", addresses.STAKING)
    note("job_settle", jobs.settle)
    jobs.number = 1
    jobs.open()
    note("job_cancel (open)", lambda: jobs.cancel(node=False))
    jobs.number = 2
    jobs.running()
    note("job_cancel (running)", jobs.cancel)
    jobs.number = 3
    jobs.running()
    note("job_expire (running)", jobs.expire)


def rows(found: dict[str, int]) -> str:
    """The lines of a table that shows these figures."""
    return "".join(f"| {name} | {units:,} |\n" for name, units in found.items())


def write(*, svm: str | None = None, validator: str | None = None) -> None:
    """Replaces one part of the page, the in-process SVM's or the validator's."""
    text = PAGE.read_text() if PAGE.exists() else ""
    first, _, second = text.partition(VALIDATOR)
    first = first if svm is None else f"{svm}\n"
    second = f"{VALIDATOR}{second}" if validator is None and second else validator or ""
    PAGE.write_text(f"{first.rstrip()}\n\n{second}" if second else f"{first.rstrip()}\n")


def main() -> None:
    """Measure, print and write the page's first part."""
    found = measure()
    write(svm=HEAD + rows(found))
    for name, units in found.items():
        print(f"compute units: {name} {units:,}")
