"""The demo's last table: who paid and who earned what."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from iog_client.amounts import IO
from iog_client.demo.chart import HourSplit
from iog_client.demo.network import Fleet
from iog_client.demo.story import Told

POOL = "backers' pool"
CARRIED = "carried to later hours"


def _label(fleet: Fleet) -> str:
    return f"{fleet.label} (simulated)"


def _io(amount: int) -> str:
    return f"{amount / IO:,.8f}" if amount else "-"


def show(told: Told, console: Console) -> None:
    """Print it: a line for each wallet and vault, amounts in IO."""
    report = told.report
    table = Table(
        title="Who paid and who earned what, in IO",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for heading in ("who", "what"):
        table.add_column(heading)
    for heading in ("paid", "from jobs", "from hours"):
        table.add_column(heading, justify="right", no_wrap=True)
    for job in report.jobs:
        what = f"{job.name}: {'refused' if job.state == 'refused' else job.reason}"
        table.add_row("client", what, _io(job.funded - job.refunded), "-", "-")
    table.add_section()
    by_jobs = job_pay(told)
    for claim in report.claims:
        fleet = told.fleets[claim.recipient]
        pay = by_jobs.get(claim.recipient, 0)
        table.add_row(fleet.owner, _label(fleet), "-", _io(pay), _io(claim.amount))
    table.add_section()
    table.add_row(
        "fee vault", "0.25% of each side", "-", _io(sum(j.fees for j in report.jobs)), "-"
    )
    pool = sum(hour.to_pool for hour in report.hours)
    table.add_row(POOL, f"of {len(report.hours)} hours", "-", "-", _io(pool))
    if report.hours:
        claimed = sum(claim.amount for claim in report.claims)
        rest = sum(hour.to_rewards for hour in report.hours) - claimed
        table.add_row("rewards vault", "unclaimed, carried", "-", "-", _io(rest))
    console.print(table)


def job_pay(told: Told) -> dict[str, int]:
    """What jobs paid each owner, base units by wallet."""
    paid: dict[str, int] = {}
    for job in told.report.jobs:
        if job.payee:
            paid[job.payee] = paid.get(job.payee, 0) + job.node_paid
    return paid


def splits(told: Told) -> list[HourSplit]:
    """Where each hour went, for the chart."""
    rows = {row.hour: row for row in told.report.hours}
    found = []
    for hour in told.hours:
        row = rows.get(hour.hour)
        if row is None:
            continue
        parts = {_label(fleet): 0 for fleet in told.fleets.values()}
        for node in hour.nodes:
            parts[_label(told.fleets[node.owner])] += node.granted
        given = sum(parts.values())
        parts[POOL] = row.to_pool
        parts[CARRIED] = max(0, row.to_rewards - given)
        found.append(HourSplit(hour.hour, parts))
    return found
