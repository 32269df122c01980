"""Accounts of the four programs as the core's values."""

from typing import Any

from solders.pubkey import Pubkey

from iog_client import schedule
from iog_client._generated.iog_jobs import accounts as jobs_accounts
from iog_client._generated.iog_rewards import accounts as rewards_accounts
from iog_client._generated.iog_staking import accounts as staking_accounts
from iog_client._generated.iog_token import accounts as token_accounts
from iog_client.nodes import class_at
from iog_orchestrator.domain.jobs import ChainGang, ChainJob, JobState
from iog_orchestrator.domain.network import Distributor, Emission
from iog_orchestrator.domain.nodes import ChainClass, ChainNode, NodeState

Job = jobs_accounts.Job
Node = staking_accounts.Node
Class = staking_accounts.Class


def offset_of(account: Any, field: str) -> int:
    """Where a field begins in the data of an account."""
    at = len(account.discriminator)
    for part in account.layout.subcons:
        if part.name == field:
            return int(at)
        at += part.sizeof()
    raise KeyError(field)


def emission(data: bytes) -> Emission:
    """The moving part of iog_token's Config."""
    config = token_accounts.Config.decode(data)
    return Emission(
        start=config.start,
        advanced_hour=config.advanced_hour,
        minted=config.minted,
        to_rewards=config.to_rewards,
        to_pool=config.to_pool,
        pool_base=config.pool_base,
        split_from_hour=config.split_from_hour,
        next_split_hour=config.next_split_hour,
        pool_bps=config.pool_bps,
        next_pool_bps=config.next_pool_bps,
    )


def hour_length(data: bytes) -> int:
    """Length of an hour in seconds, from iog_token's Config."""
    return int(token_accounts.Config.decode(data).hour_length)


def hour_at(data: bytes, now: float) -> int:
    """Number of the hour running at `now`, by iog_token's Config."""
    config = token_accounts.Config.decode(data)
    return schedule.hour_at(config.start, config.hour_length, now)


def distributor(data: bytes) -> Distributor:
    """iog_rewards' Distributor."""
    found = rewards_accounts.Distributor.decode(data)
    return Distributor(
        root=bytes(found.root).hex(),
        epoch=found.epoch,
        total=found.total,
        pending_root=bytes(found.pending_root).hex(),
        pending_epoch=found.pending_epoch,
        pending_total=found.pending_total,
        active_at=found.active_at,
        paused=bool(found.paused),
    )


def node_class(address: Pubkey, data: bytes, hour: int) -> ChainClass:
    """A Class account as it counts in an hour."""
    found = Class.decode(data)
    multiplier, enabled = class_at(found, hour)
    return ChainClass(
        address=str(address),
        slug=bytes(found.slug).rstrip(b"\0").decode("ascii", "replace"),
        multiplier=multiplier,
        pool=found.pool,
        enabled=enabled,
    )


def node(address: Pubkey, data: bytes) -> ChainNode:
    """A Node account."""
    found = Node.decode(data)
    return ChainNode(
        address=str(address),
        device=str(found.device),
        owner=str(found.owner),
        payee=str(found.payee),
        node_class=str(found.class_),
        gpus=found.gpus,
        busy=found.busy,
        running=found.running,
        ask=found.ask,
        stake=found.stake,
        multiplier=found.multiplier,
        state=NodeState(found.state),
        active_from_hour=found.active_from_hour,
        prev_payee=str(found.prev_payee),
        payee_from_hour=found.payee_from_hour,
        prev_stake=found.prev_stake,
        stake_from_hour=found.stake_from_hour,
        costaker=None if found.costaker == Pubkey.default() else str(found.costaker),
        costake=found.costake,
        costake_share_bps=found.costake_share_bps,
        prev_costake_share_bps=found.prev_costake_share_bps,
        costake_from_hour=found.costake_from_hour,
        costake_leave_at=found.costake_leave_at,
        cooling=found.cooling,
        cooling_costake=found.cooling_costake,
        case_open=bool(found.case_open),
    )


def job(address: Pubkey, data: bytes) -> ChainJob:
    """A Job account."""
    found = Job.decode(data)
    return ChainJob(
        address=str(address),
        client=str(found.client),
        payer=str(found.payer),
        matcher=str(found.matcher),
        number=found.number,
        spec_hash=bytes(found.spec_hash).hex(),
        gpus=found.gpus,
        max_price=found.max_price,
        max_seconds=found.max_seconds,
        state=JobState(found.state),
        deadline=found.deadline,
        opened_at=found.opened_at,
        job_class=str(found.class_),
        min_multiplier=found.min_multiplier,
        window=found.window,
        node=str(found.node),
        device=str(found.device),
        payee=str(found.payee),
        result_hash=bytes(found.result_hash).hex(),
        price=found.price,
        funded=found.funded,
        paid=found.paid,
        fees=found.fees,
        refunded=found.refunded,
        proven_seconds=found.proven_seconds,
        counter=found.counter,
        started_at=found.started_at,
        ended_at=found.ended_at,
        run=found.run,
        gang=str(found.gang),
        place_by=found.place_by,
        proven_at=found.proven_at,
        max_runs=found.max_runs,
        reason=found.reason,
    )


def gang(address: Pubkey, data: bytes) -> ChainGang:
    """A Gang account."""
    found = jobs_accounts.Gang.decode(data)
    return ChainGang(
        address=str(address),
        client=str(found.client),
        number=found.number,
        members=found.members,
        opened=found.opened,
        joined=found.joined,
        started_at=found.started_at,
        deadline=found.deadline,
    )
