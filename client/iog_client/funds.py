"""Refuses what a wallet cannot pay before anything is sent."""

from solders.pubkey import Pubkey

from iog_client import tokens
from iog_client.amounts import format_amount
from iog_client.errors import Refused
from iog_client.rpc import Rpc


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
