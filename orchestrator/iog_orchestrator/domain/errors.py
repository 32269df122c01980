"""Errors of the orchestrator.

OrchestratorError
├── LeaseLost            another process writes to this database now
│   └── StoreGone        its file was removed or replaced while it was in use
├── StoreRefused         the database is not this network's, or not readable
│   ├── StoreMisnamed    its URL is not understood
│   ├── StoreForbidden   it refuses the user or the password
│   └── StoreLost        it does not answer now
├── ChainError
│   ├── ChainRefused     a program, or the cluster, refused a transaction
│   └── ChainUnreachable no answer from the RPC endpoint
├── PartHeld             a blob is being sent by way of another orchestrator
└── RequestRefused       what somebody asked over the API cannot be done
    ├── Unknown          it names something that does not exist
    ├── Forbidden        it is not theirs
    ├── DeviceInUse      another worker with the same device key is connected
    └── TooMuch          more than is accepted: bytes, or requests in a time

The docstring of a class is its default message.
"""

# ruff: noqa: N818 - the names are outcomes, as users read them


class OrchestratorError(Exception):
    """the orchestrator cannot go on"""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class LeaseLost(OrchestratorError):
    """another process took over this database"""


class StoreGone(LeaseLost):
    """the database was removed or replaced while it was in use"""


class StoreRefused(OrchestratorError):
    """the database cannot be used"""


class StoreMisnamed(StoreRefused):
    """the URL of the database is not understood"""


class StoreForbidden(StoreRefused):
    """the database refuses the user or the password"""


class StoreLost(StoreRefused):
    """the database does not answer"""


class ChainError(OrchestratorError):
    """the chain did not do it"""


class ChainRefused(ChainError):
    """the program refused the transaction

    `name` is the program's name of the error, empty where the cluster itself refused.
    """

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class ChainUnreachable(ChainError):
    """the RPC endpoint does not answer"""


class PartHeld(OrchestratorError):
    """the blob is being sent by way of another orchestrator; send it again in a moment"""


class RequestRefused(OrchestratorError):
    """the request cannot be granted"""

    status = 422


class Unknown(RequestRefused):
    """there is no such thing"""

    status = 404


class Forbidden(RequestRefused):
    """the signing key may not do this"""

    status = 403


class DeviceInUse(RequestRefused):
    """another worker with this device key is connected"""

    status = 409


class TooMuch(RequestRefused):
    """more than is accepted"""

    status = 413
