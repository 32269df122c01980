"""Hours that were published and that the database does not know: it is new, old, or was lost.

What is out cannot be built anew, for the statements behind it are gone with the database, and the
chain has its root. So the files are taken over, each as far as it is tied to the one before. While
the hour of the chain's root is in none of them, nothing may be built: it would be a second history.
"""

import asyncio
import logging
from itertools import count

from iog_client.errors import UsageError
from iog_client.hours import PublishedHour
from iog_client.hours_parts import HourFile
from iog_orchestrator.core.context import Context
from iog_orchestrator.domain.network import BuiltHour, HourReport

log = logging.getLogger(__name__)


async def adopt(context: Context, stored: HourFile | None = None) -> bool:
    """Store the published hours after `stored`, the newest in the database; whether there were any.

    Raises `ChainError`.
    """
    ports = context.ports
    before = stored
    emission = await ports.chain.emission()
    for hour in count(_number(stored) + 1):
        document = await ports.publisher.published(hour)
        file = None if document is None else await asyncio.to_thread(_parsed, document)
        if file is None or not _follows(context, file, hour, before):
            break
        built = BuiltHour(file.document, _granted(file, before), _eligible(file))
        await ports.store.put_hour(report_of(file, built, emission.pool_total(hour)), file.document)
        before = file
    if before is stored:
        return False
    log.warning(
        "the database %s; %s to %s are taken over from the published files",
        f"ends with hour {_number(stored)}" if stored else "knows no hour",
        _number(stored) + 1,
        _number(before),
        extra={"action": "hours_adopted", "hour": _number(before)},
    )
    return True


async def unknown_root(context: Context) -> int:
    """Hour of the chain's newest root when the database has no such hour with it; else 0."""
    found = await context.ports.chain.distributor()
    hour, root = found.epoch, found.root
    if found.pending_epoch:
        hour, root = found.pending_epoch, found.pending_root
    if not hour:
        return 0
    document = await context.ports.store.hour(hour)
    file = None if document is None else await asyncio.to_thread(_parsed, document)
    return 0 if file is not None and file.head.root == root else hour


def _number(file: HourFile | None) -> int:
    return file.head.hour if file else 0


def _parsed(document: bytes) -> HourFile | None:
    try:
        return HourFile.parse(document)
    except UsageError:
        return None


def _follows(context: Context, file: HourFile, hour: int, before: HourFile | None) -> bool:
    """Whether a file is this network's, of that hour, and names the one before by its hash."""
    head, network = file.head, context.network
    ours = (head.genesis_hash, head.mint) == (network.genesis_hash, network.mint)
    tied = head.previous_data_hash == (before.data_hash if before else None)
    return ours and head.hour == hour and tied


def _granted(file: HourFile, before: HourFile | None) -> int:
    return file.head.total - (before.head.total if before else 0)


def _eligible(file: HourFile) -> int:
    """How many nodes earned; not read out of the parts of a big hour, where only people ask."""
    head = file.head
    return sum(one.eligible for one in head.nodes) if isinstance(head, PublishedHour) else 0


def report_of(hour: HourFile, built: BuiltHour, pool: int) -> HourReport:
    head = hour.head
    return HourReport(
        hour=head.hour,
        root=head.root or "",
        data_hash=hour.data_hash,
        emitted_total=head.to_rewards_total + pool,
        to_rewards=head.to_rewards_total,
        to_pool=pool,
        total=head.total,
        granted=built.granted,
        carry=head.carry_after.total,
        nodes=hour.node_count,
        eligible=built.eligible,
        wallets=hour.leaf_count,
    )
