from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class PoolWithdrawAccounts(typing.TypedDict):
    config: Pubkey
    backer: Pubkey
    stake_vault: Pubkey
    wallet_tokens: Pubkey


def pool_withdraw(
    accounts: PoolWithdrawAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["backer"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["stake_vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["wallet_tokens"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"2\x01\x17\x19\x87\xdd\x9f\xb6"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
