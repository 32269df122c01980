from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class RootVetoAccounts(typing.TypedDict):
    guardian: Pubkey
    distributor: Pubkey


def root_veto(
    accounts: RootVetoAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["guardian"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["distributor"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xce\x8aq\xfa\xfb#\x18m"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
