"""Refuses what a wallet cannot pay before anything is sent."""

from collections.abc import Callable

from solders.pubkey import Pubkey

from iog_client import tokens
from iog_client.amounts import format_amount, format_sol
from iog_client.errors import NotFound, Refused
from iog_client.rpc import RENT_SYSVAR, Rpc, rent_of


async def require(rpc: Rpc, wallet: Pubkey, amount: int, what: str) -> None:
    """See that the wallet holds `amount` base units for `what`.

    Raises:
        Refused: it holds less; the message says how much it has and what it needs.
    """
    held = await tokens.balance(rpc, wallet)
    if held < amount:
        raise Refused(
            f"{wallet} holds {format_amount(held)}, {what} takes {format_amount(amount)}: "
            f"{format_amount(amount - held)} are missing"
        )


async def require_sol(rpc: Rpc, wallet: Pubkey, lamports: int, what: str) -> None:
    """See that the wallet holds `lamports` for `what`.

    Raises:
        Refused: it holds less; the message says how much it has and what it needs.
    """
    held = await rpc.balance(wallet)
    if held < lamports:
        raise Refused(f"{wallet} holds {format_sol(held)}, {what} takes {format_sol(lamports)}")


async def rent_rate(rpc: Rpc) -> Callable[[int], int]:
    """Lamports that keep an account of so many bytes, by the chain's Rent sysvar.

    Raises:
        NotFound: the chain has none.
    """
    account = await rpc.account(RENT_SYSVAR)
    if account is None:
        raise NotFound("the chain has no Rent sysvar")
    data = account.data
    return lambda size: rent_of(data, size)
