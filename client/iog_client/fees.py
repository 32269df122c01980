"""The fees of settled jobs: what lies in their vault, and sharing it out."""

from dataclasses import dataclass

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from iog_client import addresses, jobs, tokens
from iog_client._generated.iog_jobs.instructions.fees_collect import fees_collect
from iog_client.amounts import BPS, format_amount
from iog_client.errors import Refused
from iog_client.rpc import Rpc
from iog_client.transactions import Sender, Sent


@dataclass(frozen=True, slots=True)
class Fees:
    """What lies in the vault of fees, and how it is shared out, in base units.

    `burned` and `paid` are what collecting now burns and pays to the treasury; `fee_bps` is what
    each side of a job pays.
    """

    fees: int
    burned: int
    paid: int
    fee_bps: int
    burn_bps: int
    treasury: Pubkey | None


async def read(rpc: Rpc) -> Fees:
    """What there is to collect.

    Raises:
        NotFound: there is no network on this chain.
    """
    config = await jobs.config(rpc)
    [held] = await tokens.amounts_at(rpc, [addresses.fee_vault()])
    burned = -(-held * config.burn_bps // BPS)
    treasury = None if config.treasury == jobs.NONE else config.treasury
    return Fees(held, burned, held - burned, config.fee_bps, config.burn_bps, treasury)


def collect_instruction(treasury: Pubkey | None) -> Instruction:
    """Burns the part of the fees that is burned and pays the rest to the treasury."""
    return fees_collect(
        {
            "config": addresses.jobs_config(),
            "fee_vault": addresses.fee_vault(),
            "mint": addresses.mint(),
            "treasury_tokens": addresses.tokens(treasury) if treasury else None,
        }
    )


async def collect(sender: Sender) -> Sent:
    """Share out the fees there are: anyone may. The treasury's token account is made if missing.

    Raises:
        Refused: there are none, or some are to be paid and there is no treasury.
    """
    found = await read(sender.rpc)
    if not found.fees:
        raise Refused("there are no fees to collect")
    if found.paid and found.treasury is None:
        raise Refused(
            f"{format_amount(found.paid)} of the fees are the treasury's, and there is none; "
            "`iog authority set jobs treasury ADDRESS` names one"
        )
    wanted = [collect_instruction(found.treasury)]
    if found.treasury and found.paid:
        payer = sender.payer.pubkey()
        wanted = [*await tokens.create_missing(sender.rpc, payer, [found.treasury]), *wanted]
    return await sender.send(wanted)
