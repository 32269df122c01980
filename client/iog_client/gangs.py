"""Gangs: jobs of one client that start together or not at all."""

from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, funds, jobs, records
from iog_client._generated.iog_jobs.accounts import Client, Gang, Job
from iog_client._generated.iog_jobs.instructions.gang_open import gang_open
from iog_client.errors import Refused, UsageError
from iog_client.rpc import SIGNATURE_FEE, Rpc
from iog_client.times import moment
from iog_client.transactions import Sender, Sent, compile_message

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
    _check(members, wait)
    client = await records.find(rpc, Client, addresses.client(owner))
    if client is None and matcher is None:
        raise Refused(f"{owner} lets no orchestrator place its jobs yet; --matcher names one")
    allowed = await jobs.allow_instructions(rpc, owner, matcher) if matcher else []
    number = int(client.next_gang) if client else 0
    opened = open_instruction(owner, number, members, wait)
    return number, await sender.send([*allowed, opened], signers=[wallet])


async def open_whole(
    sender: Sender, wallet: Keypair, terms: jobs.Terms, members: int, wait: int
) -> tuple[int, list[int]]:
    """Open a gang and all of its jobs, which have the same terms, in as few transactions as hold
    them. The numbers of the gang and of its jobs.

    Raises:
        Refused: the network is paused, or the wallet holds too little for all of them.
        UsageError: there are too few or too many members, or the wait is too long.
    """
    rpc, owner = sender.rpc, wallet.pubkey()
    _check(members, wait)
    settings = await jobs.require_open(rpc)
    most = jobs.quote(terms.max_price, terms.gpus, terms.max_seconds, settings.fee_bps)
    await funds.require(rpc, owner, members * most.funded, "the gang's escrow")
    client = await records.find(rpc, Client, addresses.client(owner))
    gang, first = (int(client.next_gang), int(client.next_job)) if client else (0, 0)
    numbers = list(range(first, first + members))
    place = addresses.gang(owner, gang)
    wanted = [
        *await jobs.allow_instructions(rpc, owner, terms.matcher),
        open_instruction(owner, gang, members, wait),
        *(jobs.open_instruction(owner, number, terms, gang=place) for number in numbers),
    ]
    for batch in packed(owner, wanted):
        await sender.send(batch, signers=[wallet])
    return gang, numbers


async def opening_cost(rpc: Rpc, wallet: Pubkey, members: int) -> int:
    """Lamports that opening a gang and its jobs takes at most: fees, and rent of what is made."""
    rent = await funds.rent_rate(rpc)
    one = await jobs.opening_cost(rpc, wallet)
    more = SIGNATURE_FEE + rent(Job.size) + rent(jobs.TOKEN_ACCOUNT_BYTES)
    return one + rent(Gang.size) + (members - 1) * more


def packed(payer: Pubkey, wanted: list[Instruction]) -> list[list[Instruction]]:
    """The instructions in their order, as many in each transaction as it has bytes for."""
    batches: list[list[Instruction]] = [[]]
    for instruction in wanted:
        batch = [*batches[-1], instruction]
        try:
            compile_message(payer, batch, Hash.default())
        except Refused:
            batches.append([instruction])
        else:
            batches[-1] = batch
    return batches


def _check(members: int, wait: int) -> None:
    if not LEAST_MEMBERS <= members <= MOST_MEMBERS:
        raise UsageError(
            f"a gang of {members} is not accepted; one has {LEAST_MEMBERS} to {MOST_MEMBERS} jobs"
        )
    if not 1 <= wait <= MOST_WAIT:
        raise UsageError(f"a wait of {wait} s is not accepted; 1 s to 30 days are")
