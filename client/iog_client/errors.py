"""Everything this package raises on purpose.

IogError                    exit code 1
├── UsageError              2  the input itself is wrong
├── Refused                 1  understood, and not done
│   ├── TransactionFailed      the chain did not carry out a transaction
│   │   ├── ProgramError       one of the network's programs refused it
│   │   ├── InsufficientSol    an account cannot pay its fee or rent
│   │   └── InsufficientTokens an account holds less IO than is to be moved
│   └── Mismatch               what is on chain differs from what was asked for
├── NotFound                3  nothing there under that name or address
├── NotAllowed              4  the key may not do this
├── Unreachable             5  a node or server did not answer
│   └── NoneReachable          nor did any other of its addresses
└── TimedOut                6  no outcome within the time allowed
    ├── OutcomeUnknown         a transaction was handed over and may still be carried out
    └── Expired                a transaction's blockhash ran out before it was carried out

The docstring of a class is its default message; facts are attributes, which `--json` prints.
"""

# ruff: noqa: N818 - the names are outcomes, as users read them

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class IogError(Exception):
    """the request failed"""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        super().__init__(self.message)

    def facts(self) -> dict[str, object]:
        """What a machine-readable report says besides the message; values are JSON types."""
        return {}


class UsageError(IogError):
    """the input is not usable"""

    exit_code = 2


class Refused(IogError):
    """the request was refused"""


class NotFound(IogError):
    """there is nothing under that name or address"""

    exit_code = 3


class NotAllowed(IogError):
    """this key is not allowed to do that"""

    exit_code = 4


class Unreachable(IogError):
    """the server did not answer

    `asked` is whether the request may have reached it: False only when no connection came about.
    `foreign` is whether something answers there that is another kind of server.
    """

    exit_code = 5

    def __init__(self, url: str, why: str, *, asked: bool = True, foreign: bool = False) -> None:
        self.url, self.why, self.asked, self.foreign = url, why, asked, foreign
        super().__init__(f"{url} is not reachable: {why}")

    def facts(self) -> dict[str, object]:
        return {"url": self.url}


class NoneReachable(Unreachable):
    """none of several servers answered

    `url` names all that were tried, with commas between them.
    """

    def __init__(self, failures: Sequence[Unreachable]) -> None:
        each = "; ".join(f"{one.url}: {one.why}" for one in failures)
        urls = ",".join(one.url for one in failures)
        asked, foreign = (any(getattr(one, of) for one in failures) for of in ("asked", "foreign"))
        super().__init__(urls, each, asked=asked, foreign=foreign)
        self.message = f"no orchestrator answers: {each}"
        self.args = (self.message,)


class TimedOut(IogError):
    """no outcome within the time allowed"""

    exit_code = 6


class OutcomeUnknown(TimedOut):
    """a transaction was handed over, and what became of it could not be learnt

    `signature` is its name on chain, by which it can be asked for later.
    """

    def __init__(self, signature: object, seconds: float) -> None:
        self.signature = str(signature)
        super().__init__(
            f"no outcome of transaction {signature} within {seconds:.0f} s; "
            "it may still be carried out"
        )

    def facts(self) -> dict[str, object]:
        return {"signature": self.signature}


class Expired(TimedOut):
    """the transaction expired before the chain carried it out"""


class Mismatch(Refused):
    """what is on chain differs from what was asked for"""

    def __init__(self, what: str, on_chain: object, asked: object, hint: str = "") -> None:
        self.what, self.on_chain, self.asked = what, on_chain, asked
        wanted = hint or f"{asked} was asked for"
        super().__init__(f"{what} is {on_chain} on chain, and {wanted}")

    def facts(self) -> dict[str, object]:
        return {"what": self.what, "on_chain": str(self.on_chain), "asked": str(self.asked)}


class TransactionFailed(Refused):
    """the chain did not carry out the transaction

    `err` is the error as Solana's JSON-RPC writes it (a string, or a mapping such as
    `{"InstructionError": [1, {"Custom": 6001}]}`); `logs` are the programs' log lines.
    """

    def __init__(self, err: object, logs: Sequence[str] = (), message: str | None = None) -> None:
        self.err, self.logs = err, tuple(logs)
        super().__init__(message or f"the chain did not carry out the transaction: {err}")


class ProgramError(TransactionFailed):
    """a program refused an instruction

    `hint` says what to do about it; empty where nothing can be done.
    """

    def __init__(
        self,
        program: str,
        instruction: str,
        code: int | None,
        name: str,
        message: str,
        *,
        err: object = None,
        logs: Sequence[str] = (),
        hint: str = "",
    ) -> None:
        self.program, self.instruction, self.code, self.name = program, instruction, code, name
        self.hint = hint
        said = f"{program} refused {instruction}: {message} ({name})"
        super().__init__(err, logs, f"{said}; {hint}" if hint else said)

    def facts(self) -> dict[str, object]:
        known: dict[str, object] = {
            "program": self.program,
            "instruction": self.instruction,
            "code": self.code,
            "name": self.name,
        }
        return {**known, "hint": self.hint} if self.hint else known


class InsufficientSol(TransactionFailed):
    """an account has too little SOL for the fee or the rent

    `payer`, `held` and `needed` (lamports) are None where they are not known.
    """

    def __init__(
        self,
        err: object,
        logs: Sequence[str] = (),
        message: str | None = None,
        *,
        payer: object = None,
        held: int | None = None,
        needed: int | None = None,
    ) -> None:
        self.payer, self.held, self.needed = payer, held, needed
        super().__init__(err, logs, message or "an account has too little SOL")

    def facts(self) -> dict[str, object]:
        known = {"payer": self.payer, "held": self.held, "needed": self.needed}
        return {name: str(value) for name, value in known.items() if value is not None}


class InsufficientTokens(TransactionFailed):
    """an account holds less IO than was to be moved"""
