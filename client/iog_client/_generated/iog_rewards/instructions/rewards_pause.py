from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class RewardsPauseAccounts(typing.TypedDict):
    stopper: Pubkey
    distributor: Pubkey


def rewards_pause(
    accounts: RewardsPauseAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["stopper"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["distributor"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"M\xc3\x85\x89j\x88\xfb\xfb"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
