from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class CostakeLeaveAccounts(typing.TypedDict):
    costaker: Pubkey
    config: Pubkey
    node: Pubkey


def costake_leave(
    accounts: CostakeLeaveAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["costaker"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x86\xc5i(\xa7\xdbJ\xa2"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
