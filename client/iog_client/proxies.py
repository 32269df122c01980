"""HTTP clients that ask this machine itself, and others by the proxy that the environment names.

`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or not, mean what they mean to
other programs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from iog_client.endpoints import LOCAL_HOSTS, is_local
from iog_client.errors import UsageError

_DIRECT: dict[str, None] = {
    f"all://[{host}]" if ":" in host else f"all://{host}": None for host in LOCAL_HOSTS
}
Client = TypeVar("Client", bound=httpx.AsyncClient)


def client(make: Callable[..., Client], urls: Sequence[str], **options: Any) -> Client:
    """An HTTP client for these addresses. Raises `UsageError` for a proxy that cannot be used."""
    outside = not all(map(is_local, urls))
    try:
        return make(trust_env=outside, mounts=_DIRECT, **options)
    except (ImportError, ValueError, httpx.InvalidURL):
        named = ", ".join(sorted(f"{one.upper()}_PROXY" for one in getproxies() if one != "no"))
        raise UsageError(
            f"the environment ({named}) names a proxy that cannot be used: it has to be an http:// "
            "or https:// address; NO_PROXY names hosts that are asked without one"
        ) from None


def by_way_of(url: str) -> str:
    """What a message about an address that cannot be reached adds where a proxy stands between."""
    proxy = proxy_of(url)
    return "" if proxy is None else f", by way of the proxy {proxy}"


def proxy_of(url: str) -> str | None:
    """The proxy by which an address is asked, without its password; None for none."""
    parts = urlsplit(url)
    if is_local(url) or not parts.hostname or proxy_bypass(parts.hostname):
        return None
    named = getproxies()
    proxy = named.get(parts.scheme) or named.get("all")
    if not proxy:
        return None
    scheme, _, rest = proxy.rpartition("://")
    return f"{scheme or 'http'}://{rest.rpartition('@')[2]}"
