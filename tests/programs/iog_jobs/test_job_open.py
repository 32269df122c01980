import pytest
from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_jobs.accounts import Client, Job
from iog_client._generated.iog_jobs.events import JobOpened
from jobs_world import CONFIG_PAUSED, Jobs
from registry_world import ASK, FUNDS, NOBODY, copy, refused
from world import START, swap, unsigned

FUNDED = 200_500_000  # 1,000,000 * 2 GPUs * 100 s and a quarter percent


def test_a_job_is_funded_with_the_most_it_can_cost_and_the_largest_fee(jobs: Jobs) -> None:
    result = jobs.world.send(jobs.job_open(), signers=[jobs.wallet])
    wallet, job = jobs.wallet.pubkey(), jobs.read()
    assert job == Job(
        client=wallet,
        payer=wallet,
        matcher=jobs.matcher.pubkey(),
        node=NOBODY,
        device=NOBODY,
        payee=NOBODY,
        class_=NOBODY,
        gang=NOBODY,
        spec_hash=bytes([7] * 32),
        result_hash=bytes(32),
        number=0,
        max_price=ASK,
        price=0,
        funded=FUNDED,
        paid=0,
        fees=0,
        refunded=0,
        proven_seconds=0,
        counter=0,
        opened_at=START,
        started_at=0,
        proven_at=0,
        ended_at=0,
        deadline=START + 1_000,
        max_seconds=100,
        window=50,
        min_multiplier=0,
        run=0,
        max_runs=1,
        gpus=2,
        state=0,
        reason=0,
        bump=job.bump,
        vault_bump=job.vault_bump,
        place_by=START + 1_000,
    )
    assert jobs.world.balance(jobs.vault) == FUNDED
    assert jobs.world.balance(addresses.tokens(wallet)) == FUNDS - FUNDED
    assert jobs.world.account(Client, addresses.client(wallet)).next_job == 1
    assert jobs.world.events(result) == [
        JobOpened(
            job=jobs.job,
            client=wallet,
            number=0,
            matcher=jobs.matcher.pubkey(),
            class_=NOBODY,
            gang=NOBODY,
            signer=wallet,
            spec_hash=bytes([7] * 32),
            min_multiplier=0,
            gpus=2,
            max_price=ASK,
            max_seconds=100,
            max_runs=1,
            window=50,
            funded=FUNDED,
            opened_at=START,
            deadline=START + 1_000,
        )
    ]


def test_jobs_are_numbered_and_each_has_its_own_vault(jobs: Jobs) -> None:
    vaults = set()
    for number in range(3):
        jobs.number = number
        jobs.open()
        assert jobs.read().number == number
        vaults.add(jobs.vault)
    assert [jobs.world.balance(vault) for vault in vaults] == [FUNDED] * 3


def test_the_fee_is_rounded_up(jobs: Jobs) -> None:
    jobs.open(max_price=1, gpus=1, max_seconds=401)
    assert jobs.read().funded == 401 + 2


@pytest.mark.parametrize(
    "changes",
    [
        {"gpus": 1},
        {"gpus": 1_024, "max_price": 1},
        {"max_price": 1},
        {"max_seconds": 1},
        {"max_seconds": 2_592_000, "max_price": 1},
        {"runs": 2**32 - 1},
        {"window": 0},
        {"window": 1_209_600},
        {"wait": 1},
        {"wait": 2_592_000},
    ],
    ids=str,
)
def test_values_at_the_limits_are_accepted(jobs: Jobs, changes: dict[str, int]) -> None:
    jobs.open(**changes)
    assert jobs.read().state == 0


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"gpus": 0}, "GpusOutOfRange"),
        ({"gpus": 1_025}, "GpusOutOfRange"),
        ({"max_price": 0}, "PriceZero"),
        ({"max_seconds": 0}, "DurationOutOfRange"),
        ({"max_seconds": 2_592_001}, "DurationOutOfRange"),
        ({"window": 1_209_601}, "WindowOutOfRange"),
        ({"runs": 0}, "RunsZero"),
        ({"wait": 0}, "WaitOutOfRange"),
        ({"wait": 2_592_001}, "WaitOutOfRange"),
        ({"matcher": NOBODY}, "MatcherNotAllowed"),
        ({"matcher": addresses.mint()}, "MatcherNotAllowed"),
        # the gross amount alone, then only with its fee, exceeds 64 bits
        ({"max_price": 2**63, "gpus": 2, "max_seconds": 1}, "AmountOverflow"),
        ({"max_price": 2**64 - 1, "gpus": 1, "max_seconds": 1}, "AmountOverflow"),
    ],
    ids=str,
)
def test_values_beyond_them_are_refused(jobs: Jobs, changes: dict[str, object], name: str) -> None:
    with refused(name):
        jobs.open(**changes)
    assert not jobs.world.exists(jobs.job)


def test_more_than_the_wallet_has_is_refused(jobs: Jobs) -> None:
    with refused("1"):  # the token program's InsufficientFunds
        jobs.open(max_price=FUNDS, gpus=1, max_seconds=1)


def test_a_paused_network_opens_no_job(jobs: Jobs) -> None:
    jobs.world.write(addresses.jobs_config(), CONFIG_PAUSED, b"\1")
    with refused("Paused"):
        jobs.open()


def test_a_number_that_is_not_the_next_is_refused(jobs: Jobs) -> None:
    jobs.number = 1
    with refused("InvalidSeeds"):
        jobs.open()
    jobs.number = 0
    jobs.open()
    with refused("InvalidSeeds"):
        jobs.open()


def test_the_wallet_must_sign(jobs: Jobs) -> None:
    with refused("MissingRequiredSignature"):
        jobs.world.send(unsigned(jobs.job_open(), jobs.wallet.pubkey()))


def test_another_wallet_cannot_open_for_the_client(jobs: Jobs) -> None:
    other = jobs.world.keypair()
    with refused("NotSpender"):
        jobs.world.send(
            swap(jobs.job_open(), jobs.wallet.pubkey(), other.pubkey()), signers=[other]
        )


def test_another_s_tokens_are_refused(jobs: Jobs) -> None:
    tokens = jobs.registry.net.fund(Keypair().pubkey(), FUNDS)
    with refused("4"):  # the token program's OwnerMismatch
        jobs.world.send(
            swap(jobs.job_open(), addresses.tokens(jobs.wallet.pubkey()), tokens),
            signers=[jobs.wallet],
        )


def test_foreign_accounts_are_refused(jobs: Jobs) -> None:
    world, client = jobs.world, addresses.client(jobs.wallet.pubkey())
    wrong = {
        addresses.jobs_config(): (
            copy(world, addresses.jobs_config(), owner=addresses.STAKING),
            "IllegalOwner",
        ),
        client: (copy(world, client, owner=addresses.STAKING), "IllegalOwner"),
        addresses.mint(): (copy(world, addresses.mint()), "MintMismatch"),
        jobs.vault: (addresses.job_vault(jobs.vault), "InvalidSeeds"),
        addresses.SPL_TOKEN: (addresses.SYSTEM, "IncorrectProgramId"),
    }
    for right, (other, name) in wrong.items():
        with refused(name):
            world.send(swap(jobs.job_open(), right, other), signers=[jobs.wallet])


def test_lamports_sent_ahead_to_its_accounts_do_not_stop_a_job(jobs: Jobs) -> None:
    for address in (jobs.job, jobs.vault):
        jobs.world.svm.airdrop(address, 1_000_000)
    assert jobs.open().read().funded == FUNDED
