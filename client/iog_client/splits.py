"""How the emission is split between rewards and the backers' pool, and announcing another share.

A share holds for the hours after the one it is announced for, so it never changes an hour that has
begun. Hours that are over keep theirs whenever they are minted.
"""

from dataclasses import dataclass

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, pool, schedule
from iog_client._generated.iog_token.accounts import Config
from iog_client._generated.iog_token.instructions.split_cancel import split_cancel
from iog_client._generated.iog_token.instructions.split_set import split_set
from iog_client.amounts import BPS, format_share
from iog_client.errors import NotAllowed, Refused, UsageError
from iog_client.times import Now
from iog_client.transactions import Sender, Sent


@dataclass(frozen=True, slots=True)
class Split:
    """The pool's share now, and the one announced for the hours from `next_hour` on.

    Both of the latter are None where nothing is announced.
    """

    pool_bps: int
    next_pool_bps: int | None
    next_hour: int | None


def of(config: Config, now: Now) -> Split:
    """The share of the hour that runs, be what was announced taken over by a crank or not."""
    if not config.next_split_hour:
        return Split(config.pool_bps, None, None)
    if _due(config, now):
        return Split(config.next_pool_bps, None, None)
    return Split(config.pool_bps, config.next_pool_bps, config.next_split_hour + 1)


def set_instruction(authority: Pubkey, pool_bps: int, from_hour: int) -> Instruction:
    """Announces a share of the pool for the hours after `from_hour`."""
    return split_set(
        {"pool_bps": pool_bps, "from_hour": from_hour},
        {"authority": authority, "config": addresses.token_config()},
    )


def cancel_instruction(stopper: Pubkey) -> Instruction:
    """Takes an announced share back."""
    return split_cancel({"stopper": stopper, "config": addresses.token_config()})


async def announce(
    sender: Sender, authority: Keypair, pool_bps: int, first_hour: int | None
) -> Sent:
    """Announce the pool's share for `first_hour` and all after it; None for the next that can be.

    One that was announced and is not due is replaced. One that is due is taken over first.

    Raises:
        NotAllowed: another key is the authority.
        Refused: that hour has begun already, or the emission has ended by then.
        UsageError: the share is more than all.
    """
    if not 0 <= pool_bps <= BPS:
        raise UsageError(f"a share of {pool_bps} basis points is not accepted; 0 to {BPS} are")
    now = await Now.read(sender.rpc)
    if now.token.authority != authority.pubkey():
        raise NotAllowed(
            f"the authority of iog_token is {now.token.authority}, not {authority.pubkey()}"
        )
    earliest = max(now.hour, 1) + 1
    first = earliest if first_hour is None else first_hour
    if first < earliest:
        raise Refused(
            f"hour {now.hour} runs: another share holds from hour {earliest} on at the earliest"
        )
    if first > schedule.HOURS:
        raise Refused(
            f"the emission ends with hour {schedule.HOURS}; a later share changes nothing"
        )
    wanted = [set_instruction(authority.pubkey(), pool_bps, first - 1)]
    if _due(now.token, now):
        wanted.insert(0, pool.emission())
    return await sender.send(wanted, signers=[authority])


async def cancel(sender: Sender, stopper: Keypair) -> Sent:
    """Take back a share that was announced and is not due.

    Raises:
        NotAllowed: the key is neither the guardian nor the authority.
        Refused: none is announced, or its first hour has begun.
    """
    now = await Now.read(sender.rpc)
    config, key = now.token, stopper.pubkey()
    if key not in (config.guardian, config.authority):
        raise NotAllowed(
            f"an announced share is cancelled by the guardian {config.guardian} or the authority "
            f"{config.authority}, not by {key}"
        )
    if not config.next_split_hour:
        raise Refused(f"no share is announced; the pool gets {format_share(config.pool_bps)}")
    if _due(config, now):
        raise Refused(
            f"the share of {format_share(config.next_pool_bps)} holds since hour "
            f"{config.next_split_hour + 1} and cannot be cancelled; announce another one"
        )
    return await sender.send([cancel_instruction(key)], signers=[stopper])


def _due(config: Config, now: Now) -> bool:
    ended = schedule.hours_ended(config.start, config.hour_length, now.at)
    return config.next_split_hour != 0 and ended >= config.next_split_hour
