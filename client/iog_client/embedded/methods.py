"""The methods of Solana's JSON-RPC that the embedded chain answers, and its own `iogWarp`."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable, Sequence
from typing import Any

from solders.account import Account
from solders.message import from_bytes_versioned
from solders.pubkey import Pubkey

from iog_client.embedded import encoding as enc
from iog_client.embedded.chain import EmbeddedChain
from iog_client.embedded.encoding import RpcError, invalid
from iog_client.embedded.execution import SLOTS_PER_EPOCH, Execution
from iog_client.errors import Refused, TransactionFailed

SOLANA_CORE = "2.3.0"
"""Release whose runtime rules the SVM of this version of `solders` follows, roughly."""
FEATURE_SET = 0
MARK = "iog-embedded"
"""What a version contains when it is the embedded chain's, and nobody else's."""
MAX_KEYS = 100
MAX_SIGNATURES = 256
MAX_WARP = 100 * 365 * 86_400

METHOD_NOT_FOUND = -32601
PREFLIGHT_FAILURE = -32002
BAD_SIGNATURE = -32003

Params = Sequence[Any]


class Methods:
    """JSON-RPC methods over one chain. Each takes the positional parameters and returns JSON."""

    def __init__(self, chain: EmbeddedChain, version: str) -> None:
        self._chain = chain
        self._version = version
        self._table: dict[str, Callable[[Params], Any]] = {
            "getAccountInfo": self._account_info,
            "getBalance": self._balance,
            "getBlockHeight": lambda _: chain.block_height,
            "getBlockTime": self._block_time,
            "getEpochInfo": self._epoch_info,
            "getFeeForMessage": self._fee_for_message,
            "getFirstAvailableBlock": lambda _: 0,
            "getGenesisHash": lambda _: str(chain.genesis_hash),
            "getHealth": lambda _: "ok",
            "getLatestBlockhash": self._latest_blockhash,
            "getMinimumBalanceForRentExemption": self._rent,
            "getMultipleAccounts": self._multiple_accounts,
            "getProgramAccounts": self._program_accounts,
            "getRecentPrioritizationFees": self._priority_fees,
            "getSignatureStatuses": self._statuses,
            "getSignaturesForAddress": self._signatures_for_address,
            "getSlot": lambda _: chain.slot,
            "getTokenAccountBalance": self._token_balance,
            "getTokenAccountsByOwner": self._token_accounts,
            "getTokenSupply": self._token_supply,
            "getTransaction": self._transaction,
            "getTransactionCount": lambda _: chain.transaction_count,
            "getVersion": self._get_version,
            "isBlockhashValid": self._blockhash_valid,
            "iogWarp": self._warp,
            "requestAirdrop": self._airdrop,
            "sendTransaction": self._send,
            "simulateTransaction": self._simulate,
        }

    def call(self, method: str, params: Params) -> Any:
        """Answers one call; `RpcError` for what is refused."""
        found = self._table.get(method)
        if found is None:
            raise RpcError(METHOD_NOT_FOUND, f"Method not found: {method}")
        return found(params)

    def _context(self, value: Any) -> dict[str, Any]:
        context = {"slot": self._chain.slot, "apiVersion": SOLANA_CORE}
        return {"context": context, "value": value}

    def _json(self, account: Account | None, config: dict[str, Any]) -> Any:
        return None if account is None else enc.account_json(account, config, self._decimals)

    def _decimals(self, mint: Pubkey) -> int:
        account = self._chain.account(mint)
        if account is None or len(account.data) != enc.MINT_SIZE or account.owner != enc.TOKEN:
            raise invalid(f"{mint} is not a token mint")
        return int(account.data[44])

    # the chain

    def _get_version(self, _: Params) -> Any:
        return {
            # A build tag, so that clients which show only this much say what they talk to.
            "solana-core": core_version(self._version),
            "feature-set": FEATURE_SET,
            "iog-embedded": self._version,
        }

    def _epoch_info(self, _: Params) -> Any:
        epoch, index = divmod(self._chain.slot, SLOTS_PER_EPOCH)
        return {
            "absoluteSlot": self._chain.slot,
            "blockHeight": self._chain.block_height,
            "epoch": epoch,
            "slotIndex": index,
            "slotsInEpoch": SLOTS_PER_EPOCH,
            "transactionCount": self._chain.transaction_count,
        }

    def _block_time(self, params: Params) -> Any:
        slot = enc.natural(enc.param(params, 0, int, "slot"), "slot")
        return self._chain.time_of_slot(slot)

    def _latest_blockhash(self, _: Params) -> Any:
        value, last = self._chain.latest_blockhash()
        return self._context({"blockhash": str(value), "lastValidBlockHeight": last})

    def _blockhash_valid(self, params: Params) -> Any:
        value = enc.blockhash(enc.param(params, 0, str, "blockhash"))
        return self._context(self._chain.blockhash_valid(value))

    def _priority_fees(self, _: Params) -> Any:
        return [{"slot": self._chain.slot, "prioritizationFee": 0}]

    def _rent(self, params: Params) -> Any:
        return self._chain.rent(enc.natural(enc.param(params, 0, int, "size"), "size", 2**40))

    def _warp(self, params: Params) -> Any:
        seconds = enc.natural(enc.param(params, 0, int, "seconds"), "seconds", MAX_WARP)
        return {"unixTimestamp": self._chain.warp(seconds)}

    # accounts

    def _account_info(self, params: Params) -> Any:
        account = self._chain.account(enc.address(enc.param(params, 0, str, "address")))
        return self._context(self._json(account, enc.options(params, 1)))

    def _multiple_accounts(self, params: Params) -> Any:
        keys = enc.param(params, 0, list, "addresses")
        if len(keys) > MAX_KEYS:
            raise invalid(f"{len(keys)} addresses; at most {MAX_KEYS} are accepted")
        config = {"encoding": "base64"} | enc.options(params, 1)
        found = [self._chain.account(enc.address(key)) for key in keys]
        return self._context([self._json(account, config) for account in found])

    def _balance(self, params: Params) -> Any:
        address = enc.address(enc.param(params, 0, str, "address"))
        return self._context(self._chain.balance(address))

    def _program_accounts(self, params: Params) -> Any:
        program = enc.address(enc.param(params, 0, str, "program"))
        config = enc.options(params, 1)
        size, patterns = enc.filters(config)
        found = self._chain.program_accounts(program, size, patterns)
        keyed = self._keyed(found, config)
        return self._context(keyed) if config.get("withContext") else keyed

    def _keyed(self, found: list[tuple[Pubkey, Account]], config: dict[str, Any]) -> Any:
        return [{"pubkey": str(key), "account": self._json(one, config)} for key, one in found]

    # tokens

    def _token_account(self, address: Pubkey) -> bytes:
        account = self._chain.account(address)
        size = enc.TOKEN_ACCOUNT_SIZE
        if account is None or account.owner != enc.TOKEN or len(account.data) != size:
            raise invalid(f"{address} is not a token account")
        return account.data

    def _token_balance(self, params: Params) -> Any:
        data = self._token_account(enc.address(enc.param(params, 0, str, "address")))
        decimals = self._decimals(Pubkey.from_bytes(data[:32]))
        return self._context(enc.amount_json(struct.unpack_from("<Q", data, 64)[0], decimals))

    def _token_supply(self, params: Params) -> Any:
        mint = enc.address(enc.param(params, 0, str, "mint"))
        decimals = self._decimals(mint)
        account = self._chain.account(mint)
        supply = struct.unpack_from("<Q", account.data, 36)[0] if account else 0
        return self._context(enc.amount_json(supply, decimals))

    def _token_accounts(self, params: Params) -> Any:
        owner = enc.address(enc.param(params, 0, str, "owner"))
        only = enc.param(params, 1, dict, "mint or programId")
        patterns = [(32, bytes(owner))]
        if "mint" in only:
            patterns.append((0, bytes(enc.address(only["mint"], "mint"))))
        elif "programId" not in only:
            raise invalid("an object with mint or programId is wanted")
        found = self._chain.program_accounts(enc.TOKEN, enc.TOKEN_ACCOUNT_SIZE, patterns)
        return self._context(self._keyed(found, enc.options(params, 2)))

    # transactions

    def _statuses(self, params: Params) -> Any:
        wanted = enc.param(params, 0, list, "signatures")
        if len(wanted) > MAX_SIGNATURES:
            raise invalid(f"{len(wanted)} signatures; at most {MAX_SIGNATURES} are accepted")
        return self._context([self._status(one) for one in wanted])

    def _status(self, text: Any) -> Any:
        record = self._chain.record(enc.signature(text))
        if record is None:
            return None
        return {
            "slot": record.slot,
            "confirmations": None,
            "err": record.error,
            "status": enc.status_json(record.error),
            "confirmationStatus": "finalized",
        }

    def _signatures_for_address(self, params: Params) -> Any:
        address = enc.address(enc.param(params, 0, str, "address"))
        config = enc.options(params, 1)
        before, until = config.get("before"), config.get("until")
        limit = config.get("limit")
        try:
            records = self._chain.records_of(
                address,
                before=enc.signature(before) if before else None,
                until=enc.signature(until) if until else None,
                limit=1000 if limit is None else enc.natural(limit, "limit", 1000),
            )
        except Refused as exc:
            raise invalid(exc.message) from exc
        return [
            {
                "signature": str(one.signature),
                "slot": one.slot,
                "err": one.error,
                "memo": None,
                "blockTime": one.time,
                "confirmationStatus": "finalized",
            }
            for one in records
        ]

    def _transaction(self, params: Params) -> Any:
        record = self._chain.record(enc.signature(enc.param(params, 0, str, "signature")))
        config = params[1] if len(params) > 1 else None
        if isinstance(config, str):  # the older form: the encoding alone
            config = {"encoding": config}
        return None if record is None else enc.record_json(record, config or {})

    def _fee_for_message(self, params: Params) -> Any:
        text = enc.param(params, 0, str, "message")
        try:
            message = from_bytes_versioned(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError) as exc:
            raise invalid("message is not a serialized message in base64") from exc
        return self._context(self._chain.fee(message))

    def _airdrop(self, params: Params) -> Any:
        address = enc.address(enc.param(params, 0, str, "address"))
        lamports = enc.natural(enc.param(params, 1, int, "lamports"), "lamports", 10**16)
        try:
            return str(self._chain.airdrop(address, lamports))
        except TransactionFailed as exc:
            raise RpcError(-32603, f"airdrop failed: {exc.message}") from exc

    def _send(self, params: Params) -> Any:
        config = enc.options(params, 1)
        raw = enc.decode(
            enc.param(params, 0, str, "transaction"), config.get("encoding"), "transaction"
        )
        try:
            return str(self._chain.send(raw, preflight=not config.get("skipPreflight")))
        except ValueError as exc:
            raise invalid(str(exc)) from exc
        except TransactionFailed as exc:
            if exc.err == "SignatureFailure":
                message = "Transaction signature verification failure"
                raise RpcError(BAD_SIGNATURE, message) from exc
            message = f"Transaction simulation failed: {describe(exc.err)}"
            data = self._result(Execution(exc.err, list(exc.logs), 0), None)
            raise RpcError(PREFLIGHT_FAILURE, message, data) from exc

    def _simulate(self, params: Params) -> Any:
        config = enc.options(params, 1)
        raw = enc.decode(
            enc.param(params, 0, str, "transaction"), config.get("encoding"), "transaction"
        )
        replace = bool(config.get("replaceRecentBlockhash"))
        verify = bool(config.get("sigVerify"))
        if verify and replace:
            raise invalid("sigVerify may not be used with replaceRecentBlockhash")
        try:
            outcome = self._chain.simulate(raw, verify=verify, replace_blockhash=replace)
        except ValueError as exc:
            raise invalid(str(exc)) from exc
        result = self._result(outcome, config.get("accounts"))
        if config.get("innerInstructions"):
            result["innerInstructions"] = enc.inner_json(outcome.inner)
        if replace:
            value, last = self._chain.latest_blockhash()
            result["replacementBlockhash"] = {
                "blockhash": str(value),
                "lastValidBlockHeight": last,
            }
        return self._context(result)

    def _result(self, outcome: Execution, wanted: Any) -> dict[str, Any]:
        returned = outcome.returned
        return {
            "err": outcome.error,
            "logs": outcome.logs,
            "accounts": None if wanted is None else self._after(outcome, wanted),
            "unitsConsumed": outcome.units,
            "returnData": returned and enc.returned_json(str(returned[0]), returned[1]),
            "innerInstructions": None,
        }

    def _after(self, outcome: Execution, wanted: Any) -> list[Any]:
        if not isinstance(wanted, dict) or not isinstance(wanted.get("addresses"), list):
            raise invalid("accounts must be an object with addresses")
        config = {"encoding": wanted.get("encoding") or "base64"}
        changed = dict(outcome.accounts)
        keys = [enc.address(key) for key in wanted["addresses"]]
        return [self._json(changed.get(key) or self._chain.account(key), config) for key in keys]


def core_version(version: str) -> str:
    """What the embedded chain calls itself where a node gives its release."""
    return f"{SOLANA_CORE}+{MARK}.{version}"


def describe(error: Any) -> str:
    """A transaction error in words, as validators put it."""
    if not isinstance(error, dict) or "InstructionError" not in error:
        known = {
            "BlockhashNotFound": "Blockhash not found",
            "AlreadyProcessed": "This transaction has already been processed",
            "AccountNotFound": "Attempt to debit an account but found no record of a prior credit.",
        }
        return known.get(error, str(error)) if isinstance(error, str) else str(error)
    index, what = error["InstructionError"]
    if isinstance(what, dict) and "Custom" in what:
        what = f"custom program error: {what['Custom']:#x}"
    return f"Error processing Instruction {index}: {what}"
