"""How well a node is connected to its orchestrator, in three tiers."""

MEGABIT = 125_000
"""Bytes a second."""
TIERS = ((3, 500 * MEGABIT, 100 * MEGABIT, 0.1), (2, 50 * MEGABIT, 10 * MEGABIT, 0.3))
"""Tier, least download and upload in bytes a second, longest round trip in seconds."""


def tier(down: int, up: int, round_trip: float) -> int:
    """3 best, 1 slowest, 0 while nothing was measured (both 0).

    `down` and `up` are bytes a second as the node measured them, `round_trip` seconds as measured
    here.
    """
    if not down and not up:
        return 0
    for number, least_down, least_up, longest in TIERS:
        if down >= least_down and up >= least_up and round_trip <= longest:
            return number
    return 1
