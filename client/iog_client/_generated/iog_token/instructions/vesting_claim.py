from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class VestingClaimAccounts(typing.TypedDict):
    payer: Pubkey
    config: Pubkey
    bucket: Pubkey
    vesting_vault: Pubkey
    destination: Pubkey


def vesting_claim(
    accounts: VestingClaimAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["payer"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["bucket"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["vesting_vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["destination"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xeb'0:#/\x0ei"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
