"""The reasons of `hours` in words."""

from collections.abc import Mapping

from iog_client.amounts import format_amount
from iog_client.hours_rule import HourNode, Parameters, Period, half


def explain(reason: str, node: HourNode, period: Period, rule: Parameters) -> str:
    """A reason as its operator reads it.

    Raises:
        KeyError: there is no such reason.
    """
    seconds = node.statement.seconds if node.statement else 0
    needed = -(-rule.proven_numerator * period.length // rule.proven_denominator)
    both = f" and {format_amount(node.costake)} co-staked," if node.costake else ""
    staked, required = format_amount(node.stake), format_amount(node.requirement)
    texts: Mapping[str, str] = {
        "not_active": f"the node is {node.state}, not active",
        "active_later": f"it counts from hour {node.active_from_hour}, this is hour {period.hour}",
        "stake_short": f"its stake is {staked}{both} of {required} required",
        "own_stake_short": f"its owner has staked {staked}; "
        f"{format_amount(half(node.requirement))} are to be the owner's",
        "class_disabled": f"the class {node.gpu_class} is disabled",
        "blocked": f"the orchestrator has blocked it: {node.blocked}",
        "no_statement": f"it has signed nothing for hour {period.hour}",
        "too_few_seconds": f"it has proven {seconds} s of {needed} s needed in an hour",
        "no_proof": f"it has passed no GPU proof before the end of hour {period.hour}",
        "proof_old": f"its last GPU proof was {period.end - node.proof} s old at the end of the "
        f"hour; {rule.proof_max_age} s are accepted",
    }
    return texts[reason]
