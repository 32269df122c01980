"""How long to wait before what failed is tried again."""

from __future__ import annotations

import random
from collections.abc import Iterator


def growing(first: float, longest: float) -> Iterator[float]:
    """Seconds to wait between tries: doubling from `first` up to `longest`, each spread at random.

    Those that lost the same server do not then come back all at once.
    """
    limit = first
    while True:
        yield random.uniform(limit / 2, limit)
        limit = min(2 * limit, longest)
