"""Reads the programs' accounts as typed records."""

from collections.abc import Sequence
from typing import ClassVar, Protocol, Self, TypeVar

from solders.pubkey import Pubkey

from iog_client import onchain
from iog_client.errors import NotFound, Refused
from iog_client.rpc import Rpc


class Record(Protocol):
    """What the generated account classes have in common."""

    discriminator: ClassVar[bytes]
    size: ClassVar[int]

    @classmethod
    def decode(cls, data: bytes) -> Self: ...


R = TypeVar("R", bound=Record)


async def find(rpc: Rpc, kind: type[R], address: Pubkey) -> R | None:
    """The record at `address`, if there is one.

    Raises:
        Refused: there is something else.
    """
    account = await rpc.account(address)
    if account is None or not account.data:
        return None
    try:
        return kind.decode(account.data)
    except ValueError as error:
        raise Refused(f"{address} is not what it should be: {error}") from error


async def get(rpc: Rpc, kind: type[R], address: Pubkey, missing: str) -> R:
    """The record at `address`.

    Raises:
        NotFound: there is none; the message is `missing`, unless the chain lacks the programs.
        Refused: there is something else.
    """
    record = await find(rpc, kind, address)
    if record is None:
        await onchain.require_programs(rpc)
        raise NotFound(missing)
    return record


async def search(
    rpc: Rpc, program: Pubkey, kind: type[R], where: Sequence[tuple[int, bytes]] = ()
) -> list[tuple[Pubkey, R]]:
    """All records of a kind, with their addresses; `where` holds bytes at offsets in the account.

    Raises:
        NotFound: the chain lacks the programs.
    """
    filters = [(0, kind.discriminator), *where]
    found = await rpc.program_accounts(program, data_size=kind.size, memcmp=filters)
    if not found:
        await onchain.require_programs(rpc)
    return [(address, kind.decode(account.data)) for address, account in found]
