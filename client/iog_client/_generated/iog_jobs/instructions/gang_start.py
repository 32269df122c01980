from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class GangStartAccounts(typing.TypedDict):
    job: Pubkey
    gang: Pubkey
    config: Pubkey


def gang_start(
    accounts: GangStartAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["job"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["gang"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x82w\xc6\x83\x1c\x8b+\xe8"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
