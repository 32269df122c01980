"""The addresses of a network's orchestrator: of several processes, of which one leads."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from iog_client.errors import NoneReachable, Unreachable, UsageError


class Endpoints:
    """Addresses in the order in which they are tried; the one that answered last comes first."""

    def __init__(self, text: str) -> None:
        """`text`: one URL, or several with commas between them. Raises `UsageError`."""
        self.urls = tuple(parse(text, "orchestrator"))
        self._first = 0

    def __len__(self) -> int:
        return len(self.urls)

    def __str__(self) -> str:
        return ",".join(self.urls)

    @property
    def current(self) -> str:
        """The address to try first."""
        return self.urls[self._first]

    def in_turn(self) -> tuple[str, ...]:
        """Each address once, beginning with the current one."""
        return self.urls[self._first :] + self.urls[: self._first]

    def answered(self, url: str) -> None:
        """Try this address first from now on."""
        self._first = self.urls.index(url)

    def turn(self) -> None:
        """Try the next address first from now on."""
        self._first = (self._first + 1) % len(self.urls)


def failed(failures: Sequence[Unreachable]) -> Unreachable:
    """What it comes to when none of the addresses answered; one failure at the least."""
    return failures[0] if len(failures) == 1 else NoneReachable(failures)


def parse(text: str, what: str) -> list[str]:
    """The URLs of a list with commas, each named once. `what` says whose they are in an error.

    Raises:
        UsageError: there is none, or one of them is no URL.
    """
    found = [one.strip() for one in text.split(",")]
    for one in found:
        if not is_url(one):
            raise UsageError(f"{what} is `{text[:200]}`, in which `{one[:100]}` is not a URL")
    return list(dict.fromkeys(one.rstrip("/") for one in found))


LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


def is_local(url: str) -> bool:
    """Whether a URL leads to this machine."""
    return urlsplit(url).hostname in LOCAL_HOSTS


def is_url(text: str) -> bool:
    """Whether it is an HTTP address with a host."""
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        return False
