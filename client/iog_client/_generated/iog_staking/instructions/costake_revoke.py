from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class CostakeRevokeAccounts(typing.TypedDict):
    owner: Pubkey
    node: Pubkey


def costake_revoke(
    accounts: CostakeRevokeAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["owner"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b" \xad\xa8#|\xc9-M"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
