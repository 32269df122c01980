from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class JobJoinAccounts(typing.TypedDict):
    device: Pubkey
    job: Pubkey
    node: Pubkey
    gang: Pubkey
    config: Pubkey
    staking_program: Pubkey


def job_join(
    accounts: JobJoinAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["device"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["job"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["gang"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["staking_program"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xe9\x90\x9a\x02\x832VT"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
