"""What of a Node account counts in an hour; pure, the same for who closes hours and who checks
them.

An account holds what is, the value before, and the hour from which the present one counts. So each
function gives a value and whether the account still knows that it is the one that counted: it does
for the hour before the change and every later one, and has forgotten what was before.
"""

from typing import Protocol

Known = tuple[str | int | None, bool]
"""A value, and whether the chain still knows that it counted in the hour asked for."""


class Counted(Protocol):
    """The fields of a Node account that change by hours; `costaker` is None where nobody is."""

    @property
    def payee(self) -> str: ...
    @property
    def prev_payee(self) -> str: ...
    @property
    def payee_from_hour(self) -> int: ...
    @property
    def stake(self) -> int: ...
    @property
    def prev_stake(self) -> int: ...
    @property
    def stake_from_hour(self) -> int: ...
    @property
    def costaker(self) -> str | None: ...
    @property
    def costake(self) -> int: ...
    @property
    def cooling_costake(self) -> int: ...
    @property
    def costake_share_bps(self) -> int: ...
    @property
    def prev_costake_share_bps(self) -> int: ...
    @property
    def costake_from_hour(self) -> int: ...


def payee_in(node: Counted, hour: int) -> tuple[str, bool]:
    """Who is paid for `hour`."""
    if hour >= node.payee_from_hour:
        return node.payee, True
    return node.prev_payee, hour == node.payee_from_hour - 1


def stake_in(node: Counted, hour: int) -> tuple[int, bool]:
    """The least own stake during `hour`: what was added in it counts from the next, what was taken
    out in it does not count any more."""
    if hour >= node.stake_from_hour:
        return node.stake, True
    if hour == node.stake_from_hour - 1:
        return min(node.stake, node.prev_stake), True
    return node.prev_stake, False


def share_in(node: Counted, hour: int) -> tuple[int, bool]:
    """The co-staker's part of the node's reward for `hour`, in 1/10,000: of a co-stake that began
    in the hour none, of one that ended in it the whole."""
    if hour >= node.costake_from_hour:
        return node.costake_share_bps, True
    return node.prev_costake_share_bps, hour == node.costake_from_hour - 1


def costaker_in(node: Counted, hour: int) -> tuple[str | None, bool]:
    """Who has that part. A co-staker who has withdrawn since is forgotten."""
    share, known = share_in(node, hour)
    if not share:
        return None, known
    return node.costaker, known and node.costaker is not None


def costake_in(node: Counted, hour: int) -> tuple[int, bool]:
    """The co-stake that backs the node in `hour`: also one that began or ended in it, for the
    program makes a node inactive the moment that own stake and co-stake fall short together.

    Uncertain whenever there is one: a slash case takes from it without a word of when.
    """
    change = node.costake_from_hour - 1
    if hour >= change and node.costake_share_bps:
        return node.costake, False
    if hour > change:
        return 0, True
    # The account has a co-stake that has ended by then, or none that had begun.
    stood = hour == change and not node.costake_share_bps
    ended = node.cooling_costake if stood or node.prev_costake_share_bps else 0
    return ended, False
