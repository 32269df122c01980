"""What the demo did, read from the chain and the published hours, and whether it all adds up.

`build` is called after the orchestrator has stopped, so nothing in it is the orchestrator's word
except what only it knows: refused jobs, outputs and metrics. Amounts are strings of base units.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from solders.pubkey import Pubkey

from iog_client import addresses, schedule, tokens
from iog_client._generated.iog_jobs.accounts import Job
from iog_client._generated.iog_rewards.accounts import Distributor
from iog_client._generated.iog_token.accounts import Config
from iog_client.amounts import BPS, IO, to_json
from iog_client.hours import PublishedHour
from iog_client.job_models import JobView
from iog_client.reasons import EndReason
from iog_client.rpc import Rpc
from iog_client.tokens import GENESIS_SUPPLY


@dataclass(frozen=True, slots=True)
class Claim:
    """What one wallet drew."""

    recipient: str
    amount: int


@dataclass(frozen=True, slots=True)
class HourRow:
    """One hour in the report; `carried` is what is left unpaid of all hours so far."""

    hour: int
    emitted_total: int
    to_rewards: int
    to_pool: int
    epoch: int
    root: str | None
    allocated_total: int
    carried: int
    recipients: int


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job in the report."""

    name: str
    state: str
    reason: str
    fault: str
    funded: int
    node_paid: int
    fees: int
    refunded: int
    proven_seconds: int
    outputs: list[dict[str, str]]
    metrics: dict[str, float | int | str]
    payee: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report; `problems` is empty when every amount adds up."""

    chain: dict[str, str]
    genesis: int
    hours: list[HourRow]
    jobs: list[JobRow]
    claims: list[Claim]
    supply_end: int
    problems: list[str]

    def to_json(self) -> dict[str, object]:
        """The report as `report.json` has it: amounts as strings."""
        shown = {
            "chain": self.chain,
            "genesis": {"supply": self.genesis},
            "hours": [asdict(row) for row in self.hours],
            "jobs": [_job_json(row) for row in self.jobs],
            "claims": [asdict(claim) for claim in self.claims],
            "supply_end": self.supply_end,
        }
        return dict(to_json(shown))


def _job_json(row: JobRow) -> dict[str, object]:
    return {name: value for name, value in asdict(row).items() if name != "payee"}


async def build(
    rpc: Rpc,
    kind: str,
    published: Sequence[PublishedHour],
    jobs: Sequence[JobView],
    claims: Sequence[Claim],
) -> Report:
    """Read the chain and put the report together.

    Args:
        kind: `embedded` or `validator`.
        published: the hours' files, from hour 1.
        jobs: the orchestrator's last word on each job, in the order they were submitted.
        claims: what was claimed, by wallet.
    """
    config = Config.decode(await _data(rpc, addresses.token_config()))
    distributor = Distributor.decode(await _data(rpc, addresses.distributor()))
    hours = _hours(config, distributor, {hour.hour: hour for hour in published})
    rows = [await _job(rpc, job) for job in jobs]
    supply = (await tokens.supply(rpc)).supply
    problems = [
        *_check_supply(config, supply, hours),
        *_check_rewards(distributor, hours, claims),
        *(problem for row in rows for problem in _check_job(row)),
        *await _check_job_vaults(rpc, jobs),
        *await _check_holdings(rpc, config, supply, sum(row.fees for row in rows), claims),
        *_check_leaves(published, claims),
    ]
    chain = {"kind": kind, "version": await rpc.version()}
    return Report(chain, config.allocated, hours, rows, list(claims), supply, problems)


def _hours(
    config: Config, distributor: Distributor, published: dict[int, PublishedHour]
) -> list[HourRow]:
    newest_root = max(distributor.epoch, distributor.pending_epoch)
    rows: list[HourRow] = []
    rewards_before = allocated = 0
    recipients = 0
    for hour in range(1, config.advanced_hour + 1):
        file = published.get(hour)
        emitted = schedule.emitted(hour)
        rewards = emitted - emitted * config.pool_bps // BPS
        if file is not None:
            allocated, recipients = file.total, len(file.leaves)
        rows.append(
            HourRow(
                hour=hour,
                emitted_total=emitted,
                to_rewards=rewards - rewards_before,
                to_pool=emitted - schedule.emitted(hour - 1) - (rewards - rewards_before),
                epoch=hour,
                root=file.root if file is not None and hour <= newest_root else None,
                allocated_total=allocated,
                carried=rewards - allocated,
                recipients=recipients,
            )
        )
        rewards_before = rewards
    return rows


async def _job(rpc: Rpc, view: JobView) -> JobRow:
    outputs = [{"path": file.path, "sha256": file.sha256} for file in view.outputs]
    if view.address is None:
        return JobRow(
            view.name, view.state, view.reason, view.fault, 0, 0, 0, 0, 0, outputs, view.metrics
        )
    job = Job.decode(await _data(rpc, Pubkey.from_string(view.address)))
    reason = EndReason(job.reason)
    return JobRow(
        name=view.name,
        state=view.state,
        reason=reason.label,
        fault=reason.fault,
        funded=job.funded,
        node_paid=job.paid,
        fees=job.fees,
        refunded=job.refunded,
        proven_seconds=job.proven_seconds,
        outputs=outputs,
        metrics=view.metrics,
        payee=str(job.payee) if job.paid else None,
    )


async def _data(rpc: Rpc, address: Pubkey) -> bytes:
    account = await rpc.account(address)
    if account is None:
        raise LookupError(f"{address} is not on chain")
    return account.data


def _check_supply(config: Config, supply: int, hours: Sequence[HourRow]) -> list[str]:
    problems = []
    emitted = hours[-1].emitted_total if hours else 0
    if config.allocated != GENESIS_SUPPLY:
        problems.append(f"the genesis minted {config.allocated}, not {GENESIS_SUPPLY}")
    if supply != GENESIS_SUPPLY + emitted:
        problems.append(f"supply {supply} is not genesis {GENESIS_SUPPLY} + emitted {emitted}")
    if config.minted != emitted:
        problems.append(f"the program says {config.minted} were minted, the schedule {emitted}")
    if config.to_rewards + config.to_pool != config.minted:
        problems.append("what went to rewards and pool is not what was minted")
    if sum(hour.to_rewards for hour in hours) != config.to_rewards:
        problems.append("the hours' rewards do not add up to the program's total")
    if supply > 800_000_000 * IO:
        problems.append("the supply is above the cap")
    return problems


def _check_rewards(
    distributor: Distributor, hours: Sequence[HourRow], claims: Sequence[Claim]
) -> list[str]:
    problems = []
    rewards = 0
    for hour in hours:
        rewards += hour.to_rewards
        if hour.allocated_total + hour.carried != rewards or hour.carried < 0:
            problems.append(f"hour {hour.hour}: allocated + carried is not what went to rewards")
    claimed = sum(claim.amount for claim in claims)
    if claimed != distributor.claimed:
        problems.append(f"{claimed} were claimed, the distributor says {distributor.claimed}")
    if not 0 < claimed <= distributor.total:
        problems.append(f"claims of {claimed} do not fit the live total {distributor.total}")
    return problems


def _check_job(job: JobRow) -> list[str]:
    spent = job.node_paid + job.fees + job.refunded
    if job.funded != spent:
        return [f"job {job.name}: funded {job.funded}, but {spent} were paid, kept and refunded"]
    if job.state == "refused" and job.funded:
        return [f"job {job.name}: refused, yet charged"]
    return []


def _check_leaves(published: Sequence[PublishedHour], claims: Sequence[Claim]) -> list[str]:
    """Each claim is what a published hour says that wallet has earned by then."""
    earned = {leaf for hour in published for leaf in hour.leaves}
    return [
        f"{claim.recipient} claimed {claim.amount}, which no published hour gives it"
        for claim in claims
        if (claim.recipient, claim.amount) not in earned
    ]


async def _check_job_vaults(rpc: Rpc, jobs: Sequence[JobView]) -> list[str]:
    """No vault of an ended job is left."""
    return [
        f"job {job.name}: its vault is still there"
        for job in jobs
        if job.address and await rpc.account(addresses.job_vault(Pubkey.from_string(job.address)))
    ]


async def _check_holdings(
    rpc: Rpc, config: Config, supply: int, fees: int, claims: Sequence[Claim]
) -> list[str]:
    """Each vault holds just what it should, and all token accounts together the supply."""
    claimed = sum(claim.amount for claim in claims)
    expected = {
        "rewards vault": (addresses.rewards_vault(), config.to_rewards - claimed),
        "backers' pool": (addresses.pool_vault(), config.to_pool),
        "fee vault": (addresses.fee_vault(), fees),
    }
    problems = []
    for name, (address, amount) in expected.items():
        held = int.from_bytes((await _data(rpc, address))[64:72], "little")
        if held != amount:
            problems.append(f"the {name} holds {held}, not {amount}")
    held = 0
    mint = bytes(addresses.mint())
    for _, account in await rpc.program_accounts(
        addresses.SPL_TOKEN, data_size=165, memcmp=[(0, mint)]
    ):
        held += int.from_bytes(account.data[64:72], "little")
    if held != supply:
        problems.append(f"token accounts hold {held}, the supply is {supply}")
    return problems
