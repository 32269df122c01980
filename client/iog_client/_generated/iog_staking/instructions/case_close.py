from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class CaseCloseAccounts(typing.TypedDict):
    config: Pubkey
    node: Pubkey
    case: Pubkey
    stake_vault: Pubkey
    mint: Pubkey
    token_config: Pubkey


def case_close(
    accounts: CaseCloseAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["case"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["stake_vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["mint"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xc0\xaa\x17G\x01\xdb9\xa8"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
