from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class StakingPauseAccounts(typing.TypedDict):
    stopper: Pubkey
    config: Pubkey


def staking_pause(
    accounts: StakingPauseAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["stopper"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xb0\xdc\xf4\xe4\xa1\xabr\xb1"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
