from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class StakeUnstakeAccounts(typing.TypedDict):
    owner: Pubkey
    config: Pubkey
    node: Pubkey
    owner_record: typing.Optional[Pubkey]
    token_config: Pubkey


def stake_unstake(
    accounts: StakeUnstakeAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["owner"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["owner_record"], is_signer=False, is_writable=True)
        if accounts["owner_record"]
        else AccountMeta(pubkey=program_id, is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xa2\x19U\x9cR\xbc\x05\xa2"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
