from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class DelegateCloseAccounts(typing.TypedDict):
    wallet: Pubkey
    delegate: Pubkey


def delegate_close(
    accounts: DelegateCloseAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["wallet"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["delegate"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"x^\xbc\xb7p\x98J\xf0"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
