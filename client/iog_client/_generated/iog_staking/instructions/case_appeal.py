from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class CaseAppealAccounts(typing.TypedDict):
    party: Pubkey
    config: Pubkey
    case: Pubkey


def case_appeal(
    accounts: CaseAppealAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["party"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["case"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"B\xc4\x945\xda\x8a9\x08"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
