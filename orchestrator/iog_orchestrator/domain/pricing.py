"""Money of a job, as iog_jobs computes it. Amounts in base units; fees are rounded up."""

FEE_BPS = 25
_BPS = 10_000


def gross(price: int, gpus: int, seconds: int) -> int:
    """Cost of `seconds` on `gpus` at `price` base units a GPU-second."""
    return price * gpus * seconds


def fee(amount: int, bps: int = FEE_BPS) -> int:
    """The network's fee on `amount`, rounded up; node and client pay it once each."""
    return -(-amount * bps // _BPS)


def funded(max_price: int, gpus: int, max_seconds: int) -> int:
    """What `job_open` takes: the highest cost and the client's fee on it."""
    highest = gross(max_price, gpus, max_seconds)
    return highest + fee(highest)
