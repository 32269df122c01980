"""A node's collateral as `iog stake` and `iog costake` describe it, for programs and for people."""

from __future__ import annotations

from typing import Any

from iog_client import costakes, nodes, slashes, stakes
from iog_client._generated.iog_staking.accounts import Node
from iog_client.amounts import format_amount, format_share
from iog_client.rpc import Rpc
from iog_client.times import Now


def described(node: Node) -> dict[str, Any]:
    """The buckets of a node in JSON types; amounts in base units, a time 0 for never."""
    costaker = costakes.costaker(node)
    return {
        "device": str(node.device),
        "stake": node.stake,
        "costake": node.costake,
        "requirement": nodes.required(node),
        "missing": stakes.missing(node),
        "reducible": stakes.reducible(node),
        "cooling": node.cooling,
        "cooling_until": node.cooling_until,
        "costaker": None if costaker is None else str(costaker),
        "costake_share_bps": node.costake_share_bps,
        "costake_from_hour": node.costake_from_hour,
        "costake_leave_at": node.costake_leave_at,
        "cooling_costake": node.cooling_costake,
        "costake_cooling_until": node.costake_cooling_until,
        "offer_amount": node.offer_amount,
        "offer_share_bps": node.offer_share_bps,
        "state": nodes.state(node),
        "active_from_hour": node.active_from_hour,
    }


async def case_of(rpc: Rpc, node: Node) -> dict[str, Any]:
    """The open case against a node: its address and state, what it froze, its deadline."""
    found = await slashes.open_case(rpc, node.device) if node.case_open else None
    if found is None:
        return {"case": None, "case_state": None, "frozen": 0, "deadline": None}
    address, case = found
    return {
        "case": str(address),
        "case_state": slashes.state(case),
        "frozen": slashes.amount(case),
        "deadline": case.deadline,
    }


def standing(shown: dict[str, Any], now: Now) -> str:
    """What a node has of its requirement, in a line."""
    more = f" and {format_amount(shown['costake'])} co-staked" if shown["costake"] else ""
    return (
        f"{shown['device']} has {format_amount(shown['stake'])}{more} "
        f"of {format_amount(shown['requirement'])} and is {_state(shown, now)}"
    )


def row(shown: dict[str, Any], now: Now) -> dict[str, Any]:
    """A node among others."""
    leaving = shown["cooling"] + shown["cooling_costake"]
    return {
        "device": shown["device"],
        "own": format_amount(shown["stake"]),
        "co-staked": format_amount(shown["costake"]),
        "requirement": format_amount(shown["requirement"]),
        "missing": format_amount(shown["missing"]),
        "cooling": format_amount(leaving),
        "frozen": format_amount(shown["frozen"]),
        "state": _state(shown, now),
        "simulated": shown["simulated"],
    }


def details(shown: dict[str, Any], now: Now) -> dict[str, Any]:
    """All there is to say about a node's collateral, and nothing that there is not."""
    lines: dict[str, Any] = {
        "device": shown["device"],
        "state": _state(shown, now),
        "requirement": format_amount(shown["requirement"]),
        "own stake": format_amount(shown["stake"]),
        "missing": format_amount(shown["missing"]),
        "may be taken out at once": format_amount(shown["reducible"]),
    }
    if shown["cooling"]:
        end = now.moment(shown["cooling_until"])
        lines["cooling"] = f"{format_amount(shown['cooling'])} until {end}"
    lines |= costake_lines(shown, now)
    if shown["case"]:
        by = "appeal" if shown["case_state"] == "open" else "decision"
        lines["slash case"] = (
            f"{shown['case']} is {shown['case_state']}: {format_amount(shown['frozen'])} taken, "
            f"{by} by {now.moment(shown['deadline'])}"
        )
    lines["simulated"] = shown["simulated"]
    return lines


def costake_lines(shown: dict[str, Any], now: Now) -> dict[str, str]:
    """The co-stake of a node: offered, standing, leaving, cooling."""
    lines = {}
    if shown["offer_amount"]:
        terms = costakes.Terms(shown["offer_amount"], shown["offer_share_bps"])
        lines["co-stake on offer"] = str(terms)
    if shown["costake_share_bps"]:
        terms = costakes.Terms(shown["costake"], shown["costake_share_bps"])
        lines["co-stake"] = f"{terms}, of {shown['costaker']}"
        if shown["costake_from_hour"] > now.hour:
            lines["co-stake"] += f", from {now.hour_text(shown['costake_from_hour'])}"
    if shown["costake_leave_at"]:
        lines["co-stake ends"] = now.moment(shown["costake_leave_at"])
    if shown["cooling_costake"]:
        end = now.moment(shown["costake_cooling_until"])
        amount = format_amount(shown["cooling_costake"])
        lines["cooling co-stake"] = f"{amount} of {shown['costaker']} until {end}"
    return lines


def share(shown: dict[str, Any]) -> str:
    """The share of the rewards that is on offer or taken."""
    return format_share(shown["costake_share_bps"] or shown["offer_share_bps"])


def _state(shown: dict[str, Any], now: Now) -> str:
    """The state of a node, and from when on it is active if that is to come."""
    state = str(shown["state"])
    if state == "active" and shown["active_from_hour"] > now.hour:
        return f"{state} from {now.hour_text(shown['active_from_hour'])}"
    return state
