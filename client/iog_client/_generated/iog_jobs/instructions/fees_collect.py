from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class FeesCollectAccounts(typing.TypedDict):
    config: Pubkey
    fee_vault: Pubkey
    mint: Pubkey
    treasury_tokens: typing.Optional[Pubkey]


def fees_collect(
    accounts: FeesCollectAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["fee_vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["mint"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["treasury_tokens"], is_signer=False, is_writable=True)
        if accounts["treasury_tokens"]
        else AccountMeta(pubkey=program_id, is_signer=False, is_writable=False),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xaaR\xa8\xd4\x9e\x9b\xbb}"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
