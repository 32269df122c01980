"""Solana's JSON forms of accounts and transactions, and the filters of account searches."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import based58
from solders.account import Account
from solders.hash import Hash, ParseHashError
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from iog_client.embedded.ledger import Record

TOKEN = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
TOKEN_ACCOUNT_SIZE = 165
MINT_SIZE = 82
MAX_BASE58 = 128
MAX_FILTERS = 4

INVALID_PARAMS = -32602
UNSUPPORTED_VERSION = -32015


class RpcError(Exception):
    """A JSON-RPC error object."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        self.code, self.message, self.data = code, message, data
        super().__init__(message)


def invalid(message: str) -> RpcError:
    return RpcError(INVALID_PARAMS, f"Invalid params: {message}")


# what comes in


def param(params: Sequence[Any], index: int, kind: type, name: str) -> Any:
    """The parameter at `index`, which must be of JSON type `kind`."""
    if index >= len(params):
        raise invalid(f"{name} is missing")
    return _typed(params[index], kind, name)


def _typed(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        words = {str: "a string", int: "an integer", list: "an array", dict: "an object"}
        raise invalid(f"{name} must be {words.get(kind, kind.__name__)}")
    return value


def natural(value: Any, name: str, most: int = 2**63 - 1) -> int:
    number: int = _typed(value, int, name)
    if not 0 <= number <= most:
        raise invalid(f"{name} must be from 0 to {most}")
    return number


def options(params: Sequence[Any], index: int) -> dict[str, Any]:
    """The trailing configuration object; empty when left out or null."""
    if index >= len(params) or params[index] is None:
        return {}
    found: dict[str, Any] = _typed(params[index], dict, "configuration")
    return found


def address(value: Any, name: str = "address") -> Pubkey:
    try:
        return Pubkey.from_string(_typed(value, str, name))
    except ValueError as exc:
        raise invalid(f"{name} is not a base58 address") from exc


def signature(value: Any) -> Signature:
    try:
        return Signature.from_string(_typed(value, str, "signature"))
    except ValueError as exc:
        raise invalid("signature is not 64 bytes in base58") from exc


def blockhash(value: Any) -> Hash:
    try:
        return Hash.from_string(_typed(value, str, "blockhash"))
    except (ValueError, ParseHashError) as exc:
        raise invalid("blockhash is not 32 bytes in base58") from exc


def decode(text: Any, encoding: Any, name: str) -> bytes:
    """Bytes of a base58 or base64 text."""
    value: str = _typed(text, str, name)
    try:
        if encoding == "base64":
            return base64.b64decode(value, validate=True)
        if encoding in ("base58", None):
            return based58.b58decode(value.encode())
    except (binascii.Error, ValueError) as exc:
        raise invalid(f"{name} is not {encoding or 'base58'}") from exc
    raise invalid(f"encoding {encoding!r}; base58 and base64 are accepted")


def filters(config: Mapping[str, Any]) -> tuple[int | None, list[tuple[int, bytes]]]:
    """Size and byte patterns that accounts must match."""
    size: int | None = None
    patterns: list[tuple[int, bytes]] = []
    given = _typed(config.get("filters") or [], list, "filters")
    if len(given) > MAX_FILTERS:
        raise invalid(f"at most {MAX_FILTERS} filters are accepted")
    for one in given:
        if not isinstance(one, dict) or len(one) != 1:
            raise invalid("a filter is an object with dataSize or memcmp")
        if "dataSize" in one:
            size = natural(one["dataSize"], "dataSize")
        elif "memcmp" in one:
            patterns.append(_pattern(_typed(one["memcmp"], dict, "memcmp")))
        else:
            raise invalid(f"filter {next(iter(one))!r}; dataSize and memcmp are accepted")
    return size, patterns


def _pattern(memcmp: Mapping[str, Any]) -> tuple[int, bytes]:
    offset = natural(memcmp.get("offset"), "memcmp offset")
    value = memcmp.get("bytes")
    if isinstance(value, list):
        if not all(type(one) is int and 0 <= one <= 255 for one in value):
            raise invalid("memcmp bytes must be integers from 0 to 255")
        return offset, bytes(value)
    return offset, decode(value, memcmp.get("encoding"), "memcmp bytes")


# what goes out


def account_json(account: Account, config: Mapping[str, Any], decimals: Any) -> dict[str, Any]:
    """An account; `decimals(mint)` is asked for the parsed form of token accounts."""
    return {
        "lamports": account.lamports,
        "owner": str(account.owner),
        "executable": account.executable,
        "rentEpoch": 2**64 - 1,
        "space": len(account.data),
        "data": _data_json(account, config, decimals),
    }


def _data_json(account: Account, config: Mapping[str, Any], decimals: Any) -> Any:
    encoding = config.get("encoding")
    data = account.data
    part = config.get("dataSlice")
    if part is not None:
        start = natural(_typed(part, dict, "dataSlice").get("offset"), "dataSlice offset")
        data = data[start : start + natural(part.get("length"), "dataSlice length")]
    if encoding == "jsonParsed":
        parsed = _parsed(account, decimals)
        return parsed or [base64.b64encode(data).decode(), "base64"]
    if encoding == "base64":
        return [base64.b64encode(data).decode(), "base64"]
    if encoding not in ("base58", "binary", None):
        raise invalid(f"encoding {encoding!r}; base58, base64 and jsonParsed are accepted")
    if len(data) > MAX_BASE58:
        raise invalid(f"base58 is for at most {MAX_BASE58} bytes of data; use base64")
    text = based58.b58encode(data).decode()
    return [text, "base58"] if encoding == "base58" else text


def _parsed(account: Account, decimals: Any) -> dict[str, Any] | None:
    """The parsed form of a token account or mint; None for anything else."""
    if account.owner != TOKEN or len(account.data) not in (TOKEN_ACCOUNT_SIZE, MINT_SIZE):
        return None
    if len(account.data) == MINT_SIZE:
        kind, info = "mint", _mint_info(account.data)
    else:
        kind, info = "account", _token_info(account.data, decimals)
    parsed = {"type": kind, "info": info}
    return {"program": "spl-token", "parsed": parsed, "space": len(account.data)}


def _option(data: bytes, at: int) -> str | None:
    present = data[at : at + 4] == b"\1\0\0\0"
    return str(Pubkey.from_bytes(data[at + 4 : at + 36])) if present else None


def _mint_info(data: bytes) -> dict[str, Any]:
    return {
        "mintAuthority": _option(data, 0),
        "supply": str(struct.unpack_from("<Q", data, 36)[0]),
        "decimals": data[44],
        "isInitialized": bool(data[45]),
        "freezeAuthority": _option(data, 46),
    }


def _token_info(data: bytes, decimals: Any) -> dict[str, Any]:
    mint = Pubkey.from_bytes(data[:32])
    places = decimals(mint)
    info: dict[str, Any] = {
        "mint": str(mint),
        "owner": str(Pubkey.from_bytes(data[32:64])),
        "tokenAmount": amount_json(struct.unpack_from("<Q", data, 64)[0], places),
        "state": {1: "initialized", 2: "frozen"}.get(data[108], "uninitialized"),
        "isNative": data[109:113] == b"\1\0\0\0",
    }
    delegate = _option(data, 72)
    if delegate:
        info["delegate"] = delegate
        info["delegatedAmount"] = amount_json(struct.unpack_from("<Q", data, 121)[0], places)
    return info


def amount_json(amount: int, decimals: int) -> dict[str, Any]:
    whole, rest = divmod(amount, 10**decimals)
    text = f"{whole}.{rest:0{decimals}d}".rstrip("0").rstrip(".") if decimals else str(whole)
    return {
        "amount": str(amount),
        "decimals": decimals,
        "uiAmount": amount / 10**decimals,
        "uiAmountString": text,
    }


def inner_json(groups: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Inner instructions as kept in a record, their data in base58."""
    return [
        {
            "index": group["index"],
            "instructions": [
                one | {"data": _base58(bytes.fromhex(one["data"]))} for one in group["instructions"]
            ],
        }
        for group in groups
    ]


def returned_json(program: str, data: bytes) -> dict[str, Any]:
    return {"programId": program, "data": [base64.b64encode(data).decode(), "base64"]}


def _base58(data: bytes) -> str:
    return based58.b58encode(data).decode()


def status_json(error: Any) -> dict[str, Any]:
    return {"Ok": None} if error is None else {"Err": error}


def record_json(record: Record, config: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of `getTransaction`."""
    transaction = VersionedTransaction.from_bytes(record.raw)
    legacy = not isinstance(transaction.message, MessageV0)
    if not legacy and config.get("maxSupportedTransactionVersion") is None:
        raise RpcError(
            UNSUPPORTED_VERSION,
            "Transaction version (0) is not supported by the requesting client. Please try the"
            ' request again with the following configuration parameter: "maxSupportedTransaction'
            'Version": 0',
        )
    answer = {
        "slot": record.slot,
        "blockTime": record.time,
        "transaction": _transaction_json(transaction, record.raw, config.get("encoding")),
        "meta": _meta_json(record),
    }
    if config.get("maxSupportedTransactionVersion") is not None:
        answer["version"] = "legacy" if legacy else 0
    return answer


def _meta_json(record: Record) -> dict[str, Any]:
    meta = record.meta
    returned = meta["returned"]
    found: dict[str, Any] = {
        "err": record.error,
        "status": status_json(record.error),
        "fee": meta["fee"],
        "preBalances": meta["before"],
        "postBalances": meta["after"],
        "innerInstructions": inner_json(meta["inner"]),
        "logMessages": meta["logs"],
        "preTokenBalances": None,
        "postTokenBalances": None,
        "rewards": [],
        "loadedAddresses": {"writable": [], "readonly": []},
        "computeUnitsConsumed": meta["units"],
    }
    if returned is not None:
        found["returnData"] = returned_json(returned[0], bytes.fromhex(returned[1]))
    return found


def _transaction_json(transaction: VersionedTransaction, raw: bytes, encoding: Any) -> Any:
    if encoding == "base64":
        return [base64.b64encode(raw).decode(), "base64"]
    if encoding == "base58":
        return [_base58(raw), "base58"]
    if encoding not in ("json", None):
        raise invalid(f"encoding {encoding!r}; json, base58 and base64 are accepted")
    message = transaction.message
    header = message.header
    found: dict[str, Any] = {
        "header": {
            "numRequiredSignatures": header.num_required_signatures,
            "numReadonlySignedAccounts": header.num_readonly_signed_accounts,
            "numReadonlyUnsignedAccounts": header.num_readonly_unsigned_accounts,
        },
        "accountKeys": [str(key) for key in message.account_keys],
        "recentBlockhash": str(message.recent_blockhash),
        "instructions": [
            {
                "programIdIndex": one.program_id_index,
                "accounts": list(one.accounts),
                "data": _base58(bytes(one.data)),
                "stackHeight": None,
            }
            for one in message.instructions
        ],
    }
    if isinstance(message, MessageV0):
        found["addressTableLookups"] = []
    return {"signatures": [str(one) for one in transaction.signatures], "message": found}
