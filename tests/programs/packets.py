"""How long a transaction is, against what a packet holds."""

from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.instruction import Instruction
from solders.message import Message
from solders.pubkey import Pubkey
from solders.transaction import Transaction

PACKET = 1_232
LIMIT = set_compute_unit_limit(400_000)
PRICE = set_compute_unit_price(1_000)


def size(payer: Pubkey, *instructions: Instruction) -> int:
    """Bytes of the transaction, signatures included."""
    message = Message(list(instructions), payer)
    return len(bytes(Transaction.new_unsigned(message)))
