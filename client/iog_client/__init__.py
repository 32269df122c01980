"""Client library and command of the Internet of GPUs.

The names below are imported from their modules when first used, so that importing the package,
which the `iog` command does on every start, costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iog_client.api import OrchestratorApi
    from iog_client.config import Settings
    from iog_client.errors import IogError
    from iog_client.rpc import Account, HttpRpc, Outcome, Rpc, Status
    from iog_client.testing import EmbeddedRpc
    from iog_client.transactions import Sender, Sent

_HOMES = {
    "Account": "rpc",
    "EmbeddedRpc": "testing",
    "HttpRpc": "rpc",
    "IogError": "errors",
    "OrchestratorApi": "api",
    "Outcome": "rpc",
    "Rpc": "rpc",
    "Sender": "transactions",
    "Sent": "transactions",
    "Settings": "config",
    "Status": "rpc",
}

__all__ = [
    "Account",
    "EmbeddedRpc",
    "HttpRpc",
    "IogError",
    "OrchestratorApi",
    "Outcome",
    "Rpc",
    "Sender",
    "Sent",
    "Settings",
    "Status",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
