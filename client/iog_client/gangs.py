"""Gangs: jobs of one client that start together or not at all."""

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, jobs, records
from iog_client._generated.iog_jobs.accounts import Client, Gang
from iog_client._generated.iog_jobs.instructions.gang_open import gang_open
from iog_client.errors import Refused, UsageError
from iog_client.rpc import Rpc
from iog_client.times import moment
from iog_client.transactions import Sender, Sent

LEAST_MEMBERS, MOST_MEMBERS = 2, 64
MOST_WAIT = 30 * 86_400


def open_instruction(wallet: Pubkey, number: int, members: int, wait: int) -> Instruction:
    """Opens the wallet's gang `number`, whose members have `wait` seconds to be opened and join."""
    return gang_open(
        {"members": members, "wait": wait},
        {
            "wallet": wallet,
            "client": addresses.client(wallet),
            "gang": addresses.gang(wallet, number),
        },
    )


async def get(rpc: Rpc, wallet: Pubkey, number: int) -> Gang:
    """A wallet's gang. Raises `NotFound`."""
    missing = f"{wallet} has no gang {number}; `iog gang open` opens one"
    return await records.get(rpc, Gang, addresses.gang(wallet, number), missing)


async def search(rpc: Rpc, wallet: Pubkey) -> list[Gang]:
    """All gangs of a wallet, the newest first."""
    found = await records.search(rpc, addresses.JOBS, Gang, [(8, bytes(wallet))])
    return sorted((gang for _, gang in found), key=lambda one: one.number, reverse=True)


def state(gang: Gang, now: int) -> str:
    """`open` while members lack, `waiting` until all have joined, `started`, or `incomplete`."""
    if gang.started_at:
        return "started"
    if now >= gang.deadline:
        return "incomplete"
    return "open" if gang.opened < gang.members else "waiting"


async def require_room(rpc: Rpc, wallet: Pubkey, number: int) -> Gang:
    """See that a gang takes another member.

    Raises:
        NotFound: the wallet has no such gang.
        Refused: all its members are opened, or its time is over.
    """
    gang, now = await get(rpc, wallet, number), await rpc.chain_time()
    if gang.opened >= gang.members:
        raise Refused(f"all {gang.members} members of gang {number} are opened")
    if now >= gang.deadline:
        raise Refused(f"the gang {number} was to start by {moment(gang.deadline, now)}")
    return gang


async def open_gang(
    sender: Sender, wallet: Keypair, members: int, wait: int, matcher: Pubkey | None = None
) -> tuple[int, Sent]:
    """Open a gang of so many jobs, and say its number. `matcher` may then place the wallet's jobs.

    Raises:
        Refused: the wallet has opened no job yet, and no matcher is known.
        UsageError: there are too few or too many members, or the wait is too long.
    """
    rpc, owner = sender.rpc, wallet.pubkey()
    if not LEAST_MEMBERS <= members <= MOST_MEMBERS:
        raise UsageError(
            f"a gang of {members} is not accepted; one has {LEAST_MEMBERS} to {MOST_MEMBERS} jobs"
        )
    if not 1 <= wait <= MOST_WAIT:
        raise UsageError(f"a wait of {wait} s is not accepted; 1 s to 30 days are")
    client = await records.find(rpc, Client, addresses.client(owner))
    if client is None and matcher is None:
        raise Refused(f"{owner} lets no orchestrator place its jobs yet; --matcher names one")
    allowed = await jobs.allow_instructions(rpc, owner, matcher) if matcher else []
    number = int(client.next_gang) if client else 0
    opened = open_instruction(owner, number, members, wait)
    return number, await sender.send([*allowed, opened], signers=[wallet])
