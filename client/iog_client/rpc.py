"""The one seam to a Solana node: what this project asks of it, and the implementation over HTTP.

Everything is read at commitment `confirmed`: an account, a status and a blockhash then describe
the same fork. Transaction errors are kept in the form of Solana's JSON-RPC (see `TransactionError`)
so that every implementation says the same.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import httpx
from solana.exceptions import SolanaRpcException
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solana.rpc.core import RPCException
from solana.rpc.types import MemcmpOpts, TxOpts
from solders.errors import SerdeJSONError
from solders.hash import Hash
from solders.pubkey import Pubkey
from solders.rpc.responses import SendTransactionResp
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from iog_client import again, proxies
from iog_client.endpoints import unmade
from iog_client.errors import NotAllowed, Refused, TransactionFailed, Unreachable

Reply = TypeVar("Reply")

TransactionError = str | dict[str, object]
"""`"BlockhashNotFound"`, `{"InstructionError": [0, {"Custom": 6000}]}`, …"""

OTHER_NODE = "--rpc or IOG_RPC_URL names another Solana node"

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What httpx raises before it has sent anything of a request."""

CLOCK_SYSVAR = Pubkey.from_string("SysvarC1ock11111111111111111111111111111111")
RENT_SYSVAR = Pubkey.from_string("SysvarRent111111111111111111111111111111111")
ACCOUNTS_PER_CALL = 100
STATUSES_PER_CALL = 256
APART = 32
"""Slots that the nodes behind one address may be apart from each other."""
SIGNATURE_FEE = 5000
"""Lamports a signature."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is on chain. `lamports` is 10^-9 SOL."""

    lamports: int
    data: bytes
    owner: Pubkey
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """Where a transaction stands. `confirmation` is processed, confirmed or finalized."""

    slot: int
    err: TransactionError | None
    confirmation: str

    @property
    def confirmed(self) -> bool:
        return self.confirmation in ("confirmed", "finalized")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running a transaction did (or, simulated, would do)."""

    slot: int
    err: TransactionError | None
    logs: tuple[str, ...]
    units: int


class Rpc(Protocol):
    """What this project asks of a Solana node. Every method may raise `Unreachable`."""

    async def account(self, address: Pubkey) -> Account | None: ...

    async def accounts(self, addresses: Sequence[Pubkey]) -> list[Account | None]:
        """In the order asked for, however many."""
        ...

    async def program_accounts(
        self,
        program: Pubkey,
        *,
        data_size: int | None = None,
        memcmp: Sequence[tuple[int, bytes]] = (),
    ) -> list[tuple[Pubkey, Account]]:
        """Accounts a program owns, of that size and with those bytes at those offsets."""
        ...

    async def balance(self, address: Pubkey) -> int:
        """Lamports; 0 for an account that does not exist."""
        ...

    async def latest_blockhash(self) -> tuple[Hash, int]:
        """A blockhash and the last block height at which it is accepted."""
        ...

    async def block_height(self) -> int: ...

    async def slot(self) -> int: ...

    async def chain_time(self) -> int:
        """Unix seconds by the Clock sysvar, which is what programs read."""
        ...

    async def genesis_hash(self) -> Hash: ...

    async def version(self) -> str: ...

    async def send(self, transaction: bytes, *, preflight: bool = True) -> Signature:
        """Hand over a signed transaction. Raises `TransactionFailed` when preflight refuses it."""
        ...

    async def simulate(self, transaction: bytes) -> Outcome: ...

    async def statuses(self, signatures: Sequence[Signature]) -> list[Status | None]:
        """In the order asked for; None for a signature the node has never seen."""
        ...

    async def transaction(self, signature: Signature) -> Outcome | None: ...

    async def airdrop(self, address: Pubkey, lamports: int) -> Signature:
        """SOL out of nothing, on chains that have a faucet; `NotAllowed` on others."""
        ...

    async def close(self) -> None: ...


class HttpRpc:
    """A node spoken to over HTTP: a cluster, `solana-test-validator` or the embedded chain.

    What it cuts off is asked once more, after a pause by `sleep` (see `again`). A node that was
    killed answers from what it had stored long before, until it has read its ledger again: what it
    says is not taken before it is where it was, `APART` slots apart. `transport` takes the place of
    the network, for tests.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 30,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: again.Sleep = asyncio.sleep,
    ) -> None:
        self.url = url
        self._newest = 0
        self._client = AsyncClient(url, commitment=Confirmed, timeout=timeout)
        self._client._provider.session = proxies.client(
            again.Client, [url], sleep=sleep, timeout=timeout, transport=transport
        )

    async def account(self, address: Pubkey) -> Account | None:
        return (await self.accounts([address]))[0]

    async def accounts(self, addresses: Sequence[Pubkey]) -> list[Account | None]:
        found: list[Account | None] = []
        for start in range(0, len(addresses), ACCOUNTS_PER_CALL):
            part = list(addresses[start : start + ACCOUNTS_PER_CALL])
            reply = await self._ask(self._client.get_multiple_accounts(part))
            self._hold(reply.context.slot)
            found += [None if one is None else _account(one) for one in reply.value]
        return found

    async def program_accounts(
        self,
        program: Pubkey,
        *,
        data_size: int | None = None,
        memcmp: Sequence[tuple[int, bytes]] = (),
    ) -> list[tuple[Pubkey, Account]]:
        filters: list[int | MemcmpOpts] = [] if data_size is None else [data_size]
        filters += [MemcmpOpts(offset=offset, bytes=list(data)) for offset, data in memcmp]
        reply = await self._ask(
            self._client.get_program_accounts(program, encoding="base64", filters=filters)
        )
        return [(one.pubkey, _account(one.account)) for one in reply.value]

    async def balance(self, address: Pubkey) -> int:
        reply = await self._ask(self._client.get_balance(address))
        self._hold(reply.context.slot)
        return int(reply.value)

    async def latest_blockhash(self) -> tuple[Hash, int]:
        reply = await self._ask(self._client.get_latest_blockhash())
        self._hold(reply.context.slot)
        value = reply.value
        return value.blockhash, value.last_valid_block_height

    async def block_height(self) -> int:
        return int((await self._ask(self._client.get_block_height())).value)

    async def slot(self) -> int:
        return int((await self._ask(self._client.get_slot())).value)

    async def chain_time(self) -> int:
        clock = await self.account(CLOCK_SYSVAR)
        if clock is None:
            raise Refused(f"{self.url} has no clock account, so it is not a Solana node")
        return clock_time(clock.data)

    async def genesis_hash(self) -> Hash:
        found: Hash = (await self._ask(self._client.get_genesis_hash())).value
        return found

    async def version(self) -> str:
        return str((await self._ask(self._client.get_version())).value.solana_core)

    async def send(self, transaction: bytes, *, preflight: bool = True) -> Signature:
        options = TxOpts(
            skip_preflight=not preflight, preflight_commitment=Confirmed, max_retries=0
        )
        try:
            reply: SendTransactionResp = await self._ask(
                self._client.send_raw_transaction(transaction, options)
            )
        except _RpcRefusal as refusal:
            raise refusal.as_transaction() from None
        return reply.value

    async def simulate(self, transaction: bytes) -> Outcome:
        signed = VersionedTransaction.from_bytes(transaction)
        reply = await self._ask(self._client.simulate_transaction(signed))
        said = json.loads(reply.value.to_json())
        units = said.get("unitsConsumed") or 0
        return Outcome(reply.context.slot, said["err"], tuple(said.get("logs") or ()), units)

    async def statuses(self, signatures: Sequence[Signature]) -> list[Status | None]:
        found: list[Status | None] = []
        for start in range(0, len(signatures), STATUSES_PER_CALL):
            part = list(signatures[start : start + STATUSES_PER_CALL])
            reply = await self._ask(
                self._client.get_signature_statuses(part, search_transaction_history=True)
            )
            found += [None if one is None else _status(one.to_json()) for one in reply.value]
        return found

    async def transaction(self, signature: Signature) -> Outcome | None:
        reply = await self._ask(
            self._client.get_transaction(signature, max_supported_transaction_version=0)
        )
        if reply.value is None:
            return None
        meta = json.loads(reply.value.transaction.to_json())["meta"] or {}
        return Outcome(
            reply.value.slot,
            meta.get("err"),
            tuple(meta.get("logMessages") or ()),
            meta.get("computeUnitsConsumed") or 0,
        )

    async def airdrop(self, address: Pubkey, lamports: int) -> Signature:
        try:
            reply = await self._ask(self._client.request_airdrop(address, lamports))
        except _RpcRefusal as refusal:
            raise NotAllowed(f"{self.url} gives no SOL away: {refusal.reason}") from None
        signature: Signature = reply.value
        return signature

    async def close(self) -> None:
        await self._client.close()

    def _hold(self, slot: int) -> None:
        """Refuse what describes the chain as it was before what has been read already."""
        if slot < self._newest - APART:
            why = f"it has gone back from slot {self._newest} to {slot}, and has to catch up"
            raise Unreachable(self.url, why)
        self._newest = max(self._newest, slot)

    async def _ask(self, call: Awaitable[Reply]) -> Reply:
        try:
            return await call
        except SolanaRpcException as error:
            asked = not isinstance(error.__cause__, _NOT_SENT)
            why = _why(error.__cause__) + proxies.by_way_of(self.url)
            foreign = _is_foreign(error.__cause__)
            raise Unreachable(self.url, why, asked=asked, foreign=foreign) from error
        except RPCException as error:
            raise _RpcRefusal(self.url, error.args[0]) from error
        except (httpx.InvalidURL, SerdeJSONError, ValueError) as error:
            why = f"it does not speak Solana's JSON-RPC ({error})"
            asked = not isinstance(error, httpx.InvalidURL)
            raise Unreachable(self.url, why, asked=asked, foreign=asked) from error
        except BaseException as error:
            # solders panics on an error object without its usual data, and pyo3 hands that on as a
            # class of its own that no `except Exception` sees.
            if type(error).__name__ != "PanicException":
                raise
            raise Unreachable(self.url, "it does not speak Solana's JSON-RPC") from error


class _RpcRefusal(Refused):
    """A JSON-RPC error object, as solders typed it."""

    def __init__(self, url: str, reply: object) -> None:
        said = json.loads(reply.to_json()) if hasattr(reply, "to_json") else {}
        error = said.get("error") or said
        self.data = error.get("data") or {}
        self.reason = str(error.get("message") or reply)
        super().__init__(f"{url} refused the request: {self.reason}")

    def as_transaction(self) -> TransactionFailed | _RpcRefusal:
        """The preflight's own error where there is one."""
        if isinstance(self.data, dict) and self.data.get("err") is not None:
            return TransactionFailed(self.data["err"], self.data.get("logs") or ())
        return self


def clock_time(data: bytes) -> int:
    """The unix time in the bytes of the Clock sysvar (slot, epoch start, epoch, …, unix time)."""
    return int(struct.unpack_from("<q", data, 32)[0])


def rent_of(data: bytes, size: int) -> int:
    """Lamports that keep an account of `size` bytes, by the bytes of the Rent sysvar."""
    per_byte, threshold = struct.unpack_from("<Qd", data)
    return int((128 + size) * per_byte * threshold)


def _account(one: object) -> Account:
    lamports, data, owner = one.lamports, bytes(one.data), one.owner  # type: ignore[attr-defined]
    return Account(lamports, data, owner, one.executable)  # type: ignore[attr-defined]


def _status(text: str) -> Status:
    said = json.loads(text)
    return Status(said["slot"], said.get("err"), said.get("confirmationStatus") or "processed")


def _is_foreign(cause: BaseException | None) -> bool:
    """Whether the answer is one that no Solana node gives; who asks too often is refused by one."""
    if not isinstance(cause, httpx.HTTPStatusError):
        return False
    said = cause.response
    return said.is_client_error and said.status_code != httpx.codes.TOO_MANY_REQUESTS


def _why(cause: BaseException | None) -> str:
    if isinstance(cause, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(cause, again.CUT):
        return again.why(cause)
    if isinstance(cause, httpx.HTTPStatusError):
        return f"it answers HTTP {cause.response.status_code}"
    if cause is not None and (said := unmade(cause)):
        return f"{said} ({OTHER_NODE})"
    return str(cause) or type(cause).__name__
