from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class PoolClaimAccounts(typing.TypedDict):
    config: Pubkey
    backer: Pubkey
    pool_vault: Pubkey
    wallet_tokens: Pubkey
    token_config: Pubkey


def pool_claim(
    accounts: PoolClaimAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["backer"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["pool_vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["wallet_tokens"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xc2\x0f\x03\xa9\x16\xc2\xb2\xb3"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
