"""Compute units on `solana-test-validator`, with the token program of today's clusters.

Writes its part of docs/compute-units.md. Needs the validator (PATH or IOG_VALIDATOR).
"""

import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from solders.pubkey import Pubkey

from bench import compute_units  # sets the path to the modules of the program tests
from bench.validator_world import ValidatorWorld
from iog_client import addresses, prebuilt
from iog_client._generated.iog_token.accounts import Config
from iog_client.errors import NotFound
from iog_client.merkle import MAX_DEPTH
from iog_client.validator import Validator, architecture, find

import jobs_world  # isort: skip
import registry_world  # isort: skip
import stages  # isort: skip
import trees  # isort: skip
from packets import LIMIT  # isort: skip
from rewards_calls import set_oracles  # isort: skip
from world import program_key  # isort: skip

DEPTHS = (10, 20, MAX_DEPTH)
MAX_ORACLES = 7
HOUR_LENGTH = 1
"""Seconds; a proposed root is then due after one second."""

LEAD = 10
"""Seconds from the transaction that starts the emission until it starts."""

HEAD = f"""{compute_units.VALIDATOR}

Written by `python -m bench validator_units`. The token program here is p-token, as on today's
clusters: a transfer costs 76 CU. Claims include the transfer; the wallet is one whose recipient
and token account have the bump 255, as half of all addresses have each; a recipient's bump lower by
one costs about 320 CU, a token account's about 200. Targets: a later claim at depth 20 at most
7,000, an hour's emission with its root at most 15,000, `job_open` at most 15,000.

| instruction | CU |
|---|---:|
"""

Note = Callable[[str, Callable[[], object]], None]


def measure(world: ValidatorWorld) -> dict[str, int]:
    """Compute units by instruction on a new network."""
    found: dict[str, int] = {}

    def note(name: str, step: Callable[[], object]) -> None:
        step()
        found[name] = world.units

    net = stages.network(world).sealed(hour_length=HOUR_LENGTH).staking().rewards()
    world.send(stages.start(net, world.now + LEAD), signers=[net.authority])
    world.now += LEAD
    _claims(net, note)
    _jobs(net, note)
    _all_oracles(net, note)
    return found


def _claims(net: stages.Network, note: Note) -> None:
    world, wallets = net.world, trees.cheap_wallets()
    assert isinstance(world, ValidatorWorld)
    for depth in DEPTHS:
        pair = (next(wallets), next(wallets))
        for wallet in pair:
            world.tokens(wallet)
        first = _publish(net, note, pair, depth, 1_000)
        world.send(first.claim(world, 1))
        note(f"reward_claim (first, depth {depth})", lambda f=first: world.send(f.claim(world, 0)))
        later = _publish(net, note, pair, depth, 2_000)
        note(
            f"reward_claim (later, depth {depth}, makes the root live)",
            lambda f=later: world.send(f.claim(world, 1)),
        )
        note(f"reward_claim (later, depth {depth})", lambda f=later: world.send(f.claim(world, 0)))


def _all_oracles(net: stages.Network, note: Note) -> None:
    """The largest hour: as many oracles as there may be sign the emission's transaction."""
    world = net.world
    oracles = [*net.oracles, *(world.keypair() for _ in range(MAX_ORACLES - len(net.oracles)))]
    keys = [oracle.pubkey() for oracle in oracles]
    world.send(set_oracles(net, MAX_ORACLES, keys), signers=[net.authority])
    world.now += 2 * HOUR_LENGTH
    epoch = world.account(Config, addresses.token_config()).advanced_hour + 1
    wallets = trees.cheap_wallets()
    branch = trees.Branch((next(wallets), next(wallets)), epoch, 3_000, MAX_DEPTH)
    root = trees.cosigned(branch.propose(net), oracles[1:])
    note(
        f"emission_advance + root_propose signed by {MAX_ORACLES} oracles",
        lambda: world.send(LIMIT, stages.advance(), root, signers=oracles, payer=oracles[0]),
    )


def _publish(
    net: stages.Network, note: Note, pair: tuple[Pubkey, Pubkey], depth: int, cumulative: int
) -> trees.Branch:
    """The next hour's root, proposed with the hour's emission; returns once it is due."""
    world = net.world
    epoch = world.account(Config, addresses.token_config()).advanced_hour + 1
    branch = trees.Branch(pair, epoch, cumulative, depth)
    world.now += 2 * HOUR_LENGTH
    both = (stages.advance(), branch.propose(net))
    note("emission_advance + root_propose", lambda: world.send(*both, signers=[net.oracles[0]]))
    world.now += 2
    return branch


def _jobs(net: stages.Network, note: Note) -> None:
    world = net.world
    registry = registry_world.Registry(net, world.keypair(), world.keypair(), world.payer.pubkey())
    jobs = jobs_world.Jobs(registry, world.keypair(), world.keypair())
    world.send(jobs.jobs_initialize(), signers=[program_key("iog_jobs"), net.authority])
    world.send(jobs.client_open(), signers=[jobs.wallet])
    net.fund(jobs.wallet.pubkey(), registry_world.FUNDS)
    note("job_open", jobs.open)


def main() -> None:
    """Start a validator with the programs, measure, print and write the second table."""
    try:
        binary = find()
    except NotFound as exc:
        print(f"compute units on a validator: not measured, {exc.message}")
        return
    programs, _ = prebuilt.available(architecture(binary))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        validator = Validator(Path(folder) / "ledger", port, programs)
        validator.start()
        try:
            found = measure(ValidatorWorld(validator.url))
        finally:
            validator.stop()
    compute_units.write(validator=HEAD + compute_units.rows(found))
    for name, units in found.items():
        print(f"compute units on a validator: {name} {units:,}")
