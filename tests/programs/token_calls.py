"""Instructions of iog_token's authorities, and the schedule again from its definition alone."""

from fractions import Fraction

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_token.accounts import Config
from iog_client._generated.iog_token.instructions.authority_accept import authority_accept
from iog_client._generated.iog_token.instructions.authority_propose import authority_propose
from iog_client._generated.iog_token.instructions.guardian_set import guardian_set
from iog_client._generated.iog_token.instructions.split_cancel import split_cancel
from iog_client._generated.iog_token.instructions.split_set import split_set
from stages import Network
from world import World

TOTAL = 300_000_000 * 10**8
HOURS = 175_200

MONTHLY = [
    int(Fraction(5 * 10**16 * 8, 1_200) * Fraction("0.98984895296235") ** month)
    for month in range(239)
]
MONTHLY.append(TOTAL - sum(MONTHLY))


def emitted(hour: int) -> int:
    """Base units emitted by the end of an hour, by exact rational arithmetic."""
    months, rest = divmod(hour, 730)
    part = int(Fraction(MONTHLY[months] * rest, 730)) if rest else 0
    return sum(MONTHLY[:months]) + part


def config(world: World) -> Config:
    return world.account(Config, addresses.token_config())


def propose_authority(net: Network, new: Pubkey) -> Instruction:
    return authority_propose(
        {"new": new},
        {"authority": net.authority.pubkey(), "config": addresses.token_config()},
    )


def accept_authority(new: Pubkey) -> Instruction:
    return authority_accept({"pending_authority": new, "config": addresses.token_config()})


def set_guardian(net: Network, guardian: Pubkey) -> Instruction:
    return guardian_set(
        {"guardian": guardian},
        {"authority": net.authority.pubkey(), "config": addresses.token_config()},
    )


def set_split(net: Network, pool_bps: int, from_hour: int) -> Instruction:
    return split_set(
        {"pool_bps": pool_bps, "from_hour": from_hour},
        {"authority": net.authority.pubkey(), "config": addresses.token_config()},
    )


def cancel_split(stopper: Pubkey) -> Instruction:
    return split_cancel({"stopper": stopper, "config": addresses.token_config()})
