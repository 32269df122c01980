"""The worker's log: a fixed sentence, then an action and ids."""

from __future__ import annotations

import logging
from collections.abc import Mapping

LOGGER = logging.getLogger("iog.worker")


def failed(sentence: str, error: Exception, extra: Mapping[str, object]) -> None:
    """Log what failed: trouble of the machine's own (a full disk) in one line, a defect with the
    place where it is."""
    if isinstance(error, OSError):
        LOGGER.error("%s: %s", sentence, error.strerror or error, extra=extra)
    else:
        LOGGER.error(sentence, extra=extra, exc_info=error)
