from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class JobsPauseAccounts(typing.TypedDict):
    stopper: Pubkey
    config: Pubkey


def jobs_pause(
    accounts: JobsPauseAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["stopper"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xd1\xc9\xc1\xfd\x94C#\x96"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
