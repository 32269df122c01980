"""The addresses of a network's orchestrator: of several processes, of which one leads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from iog_client.errors import NoneReachable, Unreachable, UsageError

OTHER_ORCHESTRATOR = "--orchestrator or IOG_ORCHESTRATOR_URL names another orchestrator"
REFUSED = "connection refused"
NO_HOST = "no host of that name is known here"
_NO_HOST = re.compile(r"^\[Errno -\d+\] |getaddrinfo|nodename nor servname")
"""What the resolvers of Linux, Windows and macOS say."""


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


def unreachable(failures: Sequence[Unreachable], hint: str = OTHER_ORCHESTRATOR) -> Unreachable:
    """What all these come to, one at the least; `hint` says what names another address."""
    found = failed(failures)
    if found.why not in (REFUSED, NO_HOST):
        return found
    return Unreachable(found.url, f"{found.why} ({hint})", asked=False)


def unmade(error: BaseException) -> str:
    """Why no connection came about, where that lies with the address that was given; else empty."""
    text = str(error)
    if isinstance(error, ConnectionRefusedError) or "All connection attempts failed" in text:
        return REFUSED
    return NO_HOST if _NO_HOST.search(text) else ""


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
