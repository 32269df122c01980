"""Work over ranges of rows on several cores, by forks of this process.

Only for a process that does nothing else: a fork copies no thread but its own.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection

from iog_client.children import end_with_parent
from iog_orchestrator.domain.hour_leaves import here

LEAST_ROWS = 20_000
"""Below that a fork costs more than it saves."""


class Forks:
    """`domain.hour_leaves.Work` on `processes` cores, this process among them."""

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes or len(os.sched_getaffinity(0))
        self._context = multiprocessing.get_context("fork")

    def __call__(
        self, function: Callable[[int, int], bytes], rows: int, unit: int = 1
    ) -> list[bytes]:
        """`function` of consecutive ranges, whose borders are multiples of `unit`.

        Raises:
            RuntimeError: a fork ended without a result.
        """
        if rows < LEAST_ROWS or self._processes == 1:
            return here(function, rows, unit)
        units = -(-rows // unit)
        borders = [
            min(rows, units * one // self._processes * unit) for one in range(1, self._processes)
        ]
        ranges = list(zip([0, *borders], [*borders, rows], strict=True))
        waiting = [self._start(function, begin, end) for begin, end in ranges[1:]]
        done = [function(*ranges[0])]
        for process, results in waiting:
            try:
                done.append(results.recv_bytes())
            except EOFError as error:
                raise RuntimeError("a process that helped with an hour has died") from error
            finally:
                process.join()
        return done

    def _start(
        self, function: Callable[[int, int], bytes], begin: int, end: int
    ) -> tuple[multiprocessing.process.BaseProcess, Connection]:
        results, given = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_give, args=(given, function, begin, end))
        process.start()
        given.close()
        return process, results


def _give(given: Connection, function: Callable[[int, int], bytes], begin: int, end: int) -> None:
    end_with_parent(signal.SIGKILL)
    given.send_bytes(function(begin, end))
