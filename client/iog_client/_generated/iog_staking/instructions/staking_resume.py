from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class StakingResumeAccounts(typing.TypedDict):
    authority: Pubkey
    config: Pubkey


def staking_resume(
    accounts: StakingResumeAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x97\xc6\x0bg\xaa4\x8a\x1b"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
