"""Checks made one after the other, and what each of them found.

A check is a coroutine that returns the fact it found, raises an `IogError` for what is broken, or
`Doubt` for what works and may not for long. A check whose ground is missing is skipped. Whatever is
found broken comes with what mends it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Literal

from iog_client.errors import IogError

State = Literal["ok", "doubt", "failed", "skipped"]


class Doubt(Exception):  # noqa: N818 - an outcome, as its reader sees it
    """It works, but there is something that its reader should know."""

    def __init__(self, said: str, todo: str = "") -> None:
        self.said, self.todo = said, todo
        super().__init__(said)


class Broken(IogError):  # noqa: N818 - an outcome, as its reader sees it
    """it is broken

    `todo` mends it, where that is something else than what usually mends what the check looks at.
    """

    def __init__(self, said: str, todo: str) -> None:
        self.todo = todo
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `todo` is what mends it, empty where nothing has to be."""

    check: str
    state: State
    said: str
    todo: str = ""


@dataclass(slots=True)
class Examination:
    """Checks made one after the other, each told from what the earlier ones found."""

    findings: list[Finding] = field(default_factory=list)

    async def look(
        self,
        check: str,
        found: Callable[[], Coroutine[None, None, str]],
        *needs: str,
        todo: str,
    ) -> bool:
        """Make a check, unless one of `needs` did not go well; whether all is well with it.

        `todo` is what mends what is found, where the check does not say so itself.
        """
        missing = [one for one in needs if not self.went_well(one)]
        if missing:
            self.add(Finding(check, "skipped", f"not looked at without {' and '.join(missing)}"))
            return False
        try:
            finding = Finding(check, "ok", await found())
        except Doubt as doubt:
            finding = Finding(check, "doubt", doubt.said, doubt.todo or todo)
        except Broken as broken:
            finding = Finding(check, "failed", _line(broken), broken.todo)
        except IogError as error:
            finding = Finding(check, "failed", _line(error), todo)
        return self.add(finding)

    def add(self, finding: Finding) -> bool:
        """Put a finding on record; whether it is good enough to go on from."""
        self.findings.append(finding)
        return finding.state in ("ok", "doubt")

    def went_well(self, check: str) -> bool:
        """Whether a check was made, and what it looked at can be used."""
        return any(one.check == check and one.state in ("ok", "doubt") for one in self.findings)

    @property
    def failed(self) -> int:
        """How many checks found something broken."""
        return sum(one.state == "failed" for one in self.findings)


def text(findings: Sequence[Finding]) -> str:
    """What was found, a line each, and below what is not right what to do."""
    marks = {"ok": "ok", "doubt": "look", "failed": "FAIL", "skipped": "-"}
    width = max(len(one.check) for one in findings)
    lines = []
    for one in findings:
        lines.append(f"{marks[one.state]:<5} {one.check:<{width}}  {one.said}")
        if one.todo and one.state in ("doubt", "failed"):
            lines.append(f"{'':<5} {'':<{width}}  -> {one.todo}")
    failed = sum(one.state == "failed" for one in findings)
    end = "nothing is wrong" if not failed else f"{failed} of {len(findings)} checks failed"
    return "\n".join([*lines, end])


def _line(error: IogError) -> str:
    return " ".join(error.message.split())
