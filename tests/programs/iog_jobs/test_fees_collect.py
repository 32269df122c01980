import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_jobs.events import FeesCollected
from jobs_world import Jobs
from registry_world import copy, refused
from world import swap, transfer_tokens

FEES = 300_000  # of 30 s on two GPUs at 1,000,000


def earned(jobs: Jobs, burn_bps: int = 0) -> Pubkey:
    """A treasury that is named, and fees in the vault."""
    treasury = Keypair().pubkey()
    jobs.world.tokens(treasury)
    call = jobs.by_authority("treasury_set", {"treasury": treasury, "burn_bps": burn_bps})
    jobs.world.send(call, signers=[jobs.registry.net.authority])
    jobs.running(30).finish().settle()
    assert jobs.world.balance(addresses.fee_vault()) == FEES
    return treasury


@pytest.mark.parametrize(
    ("bps", "burned"), [(0, 0), (1, 30), (3_333, 99_990), (9_999, 299_970), (10_000, FEES)]
)
def test_a_part_is_burned_and_the_rest_paid(jobs: Jobs, bps: int, burned: int) -> None:
    treasury, supply = earned(jobs, bps), jobs.world.supply()
    result = jobs.world.send(jobs.fees_collect(treasury))
    assert jobs.world.balance(addresses.fee_vault()) == 0
    assert jobs.world.balance(addresses.tokens(treasury)) == FEES - burned
    assert supply - jobs.world.supply() == burned
    assert jobs.world.events(result) == [
        FeesCollected(treasury=treasury, burned=burned, paid=FEES - burned)
    ]


def test_what_is_burned_is_rounded_up(jobs: Jobs) -> None:
    treasury = earned(jobs, 5_000)
    client = addresses.tokens(jobs.wallet.pubkey())
    sent = transfer_tokens(jobs.wallet.pubkey(), client, addresses.fee_vault(), 1)
    jobs.world.send(sent, signers=[jobs.wallet])
    jobs.world.send(jobs.fees_collect(treasury))
    assert jobs.world.balance(addresses.tokens(treasury)) == FEES // 2


def test_all_of_it_burned_needs_no_treasury(jobs: Jobs) -> None:
    earned(jobs, 10_000)
    jobs.world.send(jobs.fees_collect())
    assert jobs.world.balance(addresses.fee_vault()) == 0


def test_a_second_time_is_refused(jobs: Jobs) -> None:
    treasury = earned(jobs)
    jobs.world.send(jobs.fees_collect(treasury))
    with refused("FeesNone"):
        jobs.world.send(jobs.fees_collect(treasury))


def test_without_a_treasury_it_waits(jobs: Jobs) -> None:
    jobs.running(30).finish().settle()
    with refused("TreasuryMissing"):
        jobs.world.send(jobs.fees_collect(jobs.wallet.pubkey()))


def test_foreign_accounts_are_refused(jobs: Jobs) -> None:
    treasury, world = earned(jobs), jobs.world
    tokens = addresses.tokens(treasury)
    wrong = [
        (tokens, addresses.tokens(jobs.wallet.pubkey()), "TreasuryTokensMismatch"),
        (tokens, copy(world, tokens), "TreasuryTokensMismatch"),
        (addresses.fee_vault(), copy(world, addresses.fee_vault()), "VaultMismatch"),
        (addresses.mint(), copy(world, addresses.mint()), "MintMismatch"),
        (addresses.SPL_TOKEN, addresses.SYSTEM, "IncorrectProgramId"),
        (
            addresses.jobs_config(),
            copy(world, addresses.jobs_config(), owner=addresses.STAKING),
            "IllegalOwner",
        ),
    ]
    for right, other, name in wrong:
        with refused(name):
            world.send(swap(jobs.fees_collect(treasury), right, other))
    with refused("TreasuryMissing"):
        world.send(jobs.fees_collect())
