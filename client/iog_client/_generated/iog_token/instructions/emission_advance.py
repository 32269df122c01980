from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class EmissionAdvanceAccounts(typing.TypedDict):
    config: Pubkey
    mint: Pubkey
    rewards_vault: Pubkey
    pool_vault: Pubkey


def emission_advance(
    accounts: EmissionAdvanceAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["mint"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["rewards_vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["pool_vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x9e\x13Z\xe6\x92\x88h\x13"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
