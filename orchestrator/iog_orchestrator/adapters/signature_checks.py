"""Signatures checked many at a time, in a process beside this one, which answers meanwhile.

A check holds the interpreter's lock, so that a thread would not do. The process reads a batch in
one line of JSON, answers a byte for each signature, and ends when nobody can ask it any more.
"""

import asyncio
import json
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

from solders.pubkey import Pubkey
from solders.signature import Signature

Signed = tuple[str, bytes, str]
"""Key, message, signature; key and signature in base58."""
MOST_HERE = 200
"""Signatures that are checked in this process: they take it 10 to 20 ms."""
MOST_ASKED = 10_000
PATIENCE = 10.0
"""Seconds in which so many are answered, or the process hangs."""
VALID, INVALID = b"1", b"0"
log = logging.getLogger(__name__)


def is_valid(key: str, message: bytes, signature: str) -> bool:
    """Whether a signature is the key's over that message; no for what is no key or signature."""
    try:
        return Signature.from_string(signature).verify(Pubkey.from_string(key), message)
    except ValueError:
        return False


class SignatureChecks:
    """A few are checked here, many in the process, which is started for the first such batch."""

    def __init__(self) -> None:
        self.patience = PATIENCE
        self._process: Process | None = None
        self._asking = asyncio.Lock()

    async def valid(self, signed: Sequence[Signed]) -> list[bool]:
        """`is_valid` for each."""
        found: list[bool] = []
        for first in range(0, len(signed), MOST_ASKED):
            found += await self._valid(signed[first : first + MOST_ASKED])
        return found

    async def close(self) -> None:
        """End the process, if there is one."""
        process = self._process
        self._drop()
        if process is not None:
            await process.wait()

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()

    async def _valid(self, signed: Sequence[Signed]) -> list[bool]:
        if len(signed) <= MOST_HERE:
            return [is_valid(*one) for one in signed]
        async with self._asking:
            try:
                async with asyncio.timeout(self.patience):
                    return await self._asked(signed)
            except (OSError, EOFError, TimeoutError) as error:
                # killed, frozen, or never started: the next batch gets another one
                why = str(error) or type(error).__name__
                log.warning("no process checks signatures: %s", why, extra={"action": "no_checks"})
                self._drop()
            except BaseException:
                # what it still answers is not to be taken for the answer to the next batch
                self._drop()
                raise
        return await asyncio.to_thread(lambda: [is_valid(*one) for one in signed])

    async def _asked(self, signed: Sequence[Signed]) -> list[bool]:
        if self._process is None:
            # of its own session: a Ctrl-C is for us, and it hears of that when we end
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __name__, stdin=PIPE, stdout=PIPE, start_new_session=True
            )
        source, sink = self._process.stdout, self._process.stdin
        if source is None or sink is None:
            raise OSError("it has no pipes")
        batch = [(key, message.hex(), signature) for key, message, signature in signed]
        sink.write(json.dumps(batch).encode() + b"\n")
        await sink.drain()
        return [byte == VALID[0] for byte in await source.readexactly(len(signed))]


def main() -> None:
    """Answer batches until the end of input."""
    for line in sys.stdin.buffer:
        for key, message, signature in json.loads(line):
            is_good = is_valid(key, bytes.fromhex(message), signature)
            sys.stdout.buffer.write(VALID if is_good else INVALID)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
