from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class PoolAdvanceAccounts(typing.TypedDict):
    config: Pubkey
    token_config: Pubkey


def pool_advance(
    accounts: PoolAdvanceAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xe8\x1f*\xd3\x18I\x08:"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
