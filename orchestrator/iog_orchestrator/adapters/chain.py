"""The chain over `iog_client`: reads decoded, transactions sent and confirmed, errors made ours."""

import base64
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from iog_client import addresses, records
from iog_client import jobs as client_jobs
from iog_client._generated.iog_jobs.accounts import Delegate
from iog_client.errors import IogError, NotFound, ProgramError, TimedOut, Unreachable
from iog_client.reasons import EndReason
from iog_client.rpc import Rpc
from iog_client.tokens import create_missing
from iog_client.transactions import Draft, Sender
from iog_orchestrator.adapters import chain_accounts as accounts
from iog_orchestrator.adapters import chain_instructions as instructions
from iog_orchestrator.domain.errors import ChainRefused, ChainUnreachable
from iog_orchestrator.domain.jobs import ChainGang, ChainJob, JobState, RunEnd
from iog_orchestrator.domain.network import Distributor, Emission
from iog_orchestrator.domain.nodes import ChainClass, ChainNode
from iog_orchestrator.ports import Cosigned, Prepared

MAX_DRAFTS = 10_000


class ProgramChain:
    """`ports.Chain` over an RPC endpoint; `matcher` pays all fees, `oracle` proposes roots."""

    def __init__(self, rpc: Rpc, matcher: Keypair, oracle: Keypair) -> None:
        self._rpc = rpc
        self._sender = Sender(rpc, matcher)
        self._matcher = matcher.pubkey()
        self._oracle = oracle
        self._nodes: dict[Pubkey, tuple[bytes, ChainNode]] = {}
        self._drafts: OrderedDict[str, Draft] = OrderedDict()
        self._state_at = accounts.offset_of(accounts.Job, "state")
        self._matcher_at = accounts.offset_of(accounts.Job, "matcher")

    async def time(self) -> float:
        with _ours():
            return float(await self._rpc.chain_time())

    async def emission(self) -> Emission:
        return accounts.emission(await self._data(addresses.token_config(), "iog_token's config"))

    async def distributor(self) -> Distributor:
        data = await self._data(addresses.distributor(), "iog_rewards' distributor")
        return accounts.distributor(data)

    async def classes(self, hour: int | None = None) -> list[ChainClass]:
        config = await self._data(addresses.token_config(), "iog_token's config")
        with _ours():
            running = accounts.hour_at(config, await self._rpc.chain_time())
            found = await self._rpc.program_accounts(
                addresses.STAKING,
                data_size=accounts.Class.size,
                memcmp=[(0, accounts.Class.discriminator)],
            )
        counts = running if hour is None else hour
        return [accounts.node_class(address, account.data, counts) for address, account in found]

    async def nodes(self) -> list[ChainNode]:
        with _ours():
            found = await self._rpc.program_accounts(
                addresses.STAKING,
                data_size=accounts.Node.size,
                memcmp=[(0, accounts.Node.discriminator)],
            )
        return [self._node(address, account.data) for address, account in found]

    async def node(self, device: str) -> ChainNode | None:
        address = addresses.node(instructions.key(device))
        with _ours():
            account = await self._rpc.account(address)
        return None if account is None else accounts.node(address, account.data)

    async def jobs(self) -> list[ChainJob]:
        with _ours():
            found = await self._rpc.program_accounts(
                addresses.JOBS,
                data_size=accounts.Job.size,
                memcmp=[
                    (0, accounts.Job.discriminator),
                    (self._matcher_at, bytes(self._matcher)),
                ],
            )
        # Settled jobs stay on chain for ever; most of what is found is not worth decoding.
        return [
            accounts.job(address, account.data)
            for address, account in found
            if account.data[self._state_at] != JobState.SETTLED
        ]

    async def job(self, address: str) -> ChainJob | None:
        with _ours():
            account = await self._rpc.account(instructions.key(address))
        if account is None or account.owner != addresses.JOBS:
            return None
        try:
            return accounts.job(instructions.key(address), account.data)
        except ValueError:
            return None

    async def lamports(self) -> int:
        with _ours():
            return await self._rpc.balance(self._matcher)

    async def gang(self, address: str) -> ChainGang | None:
        with _ours():
            account = await self._rpc.account(instructions.key(address))
        return None if account is None else accounts.gang(instructions.key(address), account.data)

    async def funded(self, address: str) -> bool:
        with _ours():
            return await self._rpc.balance(instructions.key(address)) > 0

    async def is_delegate(self, wallet: str, key: str) -> bool:
        place = addresses.delegate(instructions.key(wallet), instructions.key(key))
        with _ours():
            return await records.find(self._rpc, Delegate, place) is not None

    async def next_job(self, client: str) -> int:
        with _ours():
            return await client_jobs.next_number(self._rpc, instructions.key(client))

    def job_address(self, client: str, number: int) -> str:
        return str(addresses.job(instructions.key(client), number))

    async def assign(self, job: ChainJob, node: ChainNode) -> None:
        await self._send([instructions.assign(self._matcher, job, node)])

    async def prepare_start(self, job: ChainJob) -> Prepared:
        return await self._prepare([instructions.start(job)])

    async def prepare_join(self, job: ChainJob) -> Prepared:
        return await self._prepare([instructions.join(job)])

    async def start_member(self, job: ChainJob) -> None:
        await self._send([instructions.start_member(job)])

    async def prepare_finish(self, job: ChainJob, end: RunEnd, proof: Cosigned | None) -> Prepared:
        proven = [] if proof is None else instructions.prove(self._matcher, job, proof)
        return await self._prepare([*proven, instructions.finish(job, end)])

    async def prepare_release(self, job: ChainJob, reason: str) -> Prepared:
        given = EndReason.from_label(reason)
        return await self._prepare([instructions.release(instructions.key(job.device), job, given)])

    async def release(self, job: ChainJob) -> None:
        await self._send([instructions.release(self._matcher, job, EndReason.NODE_LOST)])

    async def submit(self, prepared: Prepared, device: str, signature: str) -> None:
        draft = self._drafts.pop(prepared.message, None)
        if draft is None:
            raise ChainRefused("the transaction that was signed is no longer known")
        with _ours():
            try:
                device_signature = Signature.from_string(signature)
            except ValueError as error:
                raise ChainRefused("the device's signature is not base58") from error
            signed = self._sender.complete(
                draft, signatures={instructions.key(device): device_signature}
            )
            await self._sender.deliver(signed)

    async def prove(self, job: ChainJob, proof: Cosigned) -> None:
        await self._send(instructions.prove(self._matcher, job, proof))

    async def expire(self, job: ChainJob) -> None:
        await self._send([instructions.expire(self._matcher, job)])

    async def settle(self, job: ChainJob) -> None:
        with _ours():
            paid = instructions.paid_by(job)
            created = await create_missing(self._rpc, self._matcher, paid)
        await self._send([*created, instructions.settle(self._matcher, job)])

    async def propose(self, epoch: int, root: str, total: int, count: int, data_hash: str) -> None:
        proposal = instructions.propose(self._oracle.pubkey(), epoch, root, total, count, data_hash)
        await self._send([instructions.advance(), proposal], [self._oracle])

    async def advance(self) -> None:
        await self._send([instructions.advance()])

    def _node(self, address: Pubkey, data: bytes) -> ChainNode:
        """Decoding is the dear part of reading thousands of nodes that are as they were."""
        known = self._nodes.get(address)
        if known is None or known[0] != data:
            known = self._nodes[address] = (data, accounts.node(address, data))
        return known[1]

    async def _prepare(self, wanted: Sequence[Instruction]) -> Prepared:
        with _ours():
            draft = await self._sender.draft(wanted)
        message = base64.b64encode(bytes(draft.message)).decode()
        self._drafts[message] = draft
        if len(self._drafts) > MAX_DRAFTS:
            self._drafts.popitem(last=False)
        return Prepared(message)

    async def _send(self, wanted: Sequence[Instruction], signers: Sequence[Keypair] = ()) -> None:
        with _ours():
            await self._sender.send(wanted, signers=signers)

    async def _data(self, address: Pubkey, what: str) -> bytes:
        with _ours():
            account = await self._rpc.account(address)
            if account is None:
                raise NotFound(f"{what} is not on this chain")
        return account.data


@contextmanager
def _ours() -> Iterator[None]:
    """Turns the client's errors into the core's."""
    try:
        yield
    except (Unreachable, TimedOut) as error:
        # no outcome is not a refusal: what was sent may still be carried out
        raise ChainUnreachable(error.message) from error
    except ProgramError as error:
        raise ChainRefused(error.message, error.name) from error
    except IogError as error:
        raise ChainRefused(error.message) from error
