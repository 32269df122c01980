from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class JobCancelAccounts(typing.TypedDict):
    signer: Pubkey
    job: Pubkey
    node: typing.Optional[Pubkey]
    gang: typing.Optional[Pubkey]
    config: Pubkey
    staking_program: Pubkey


def job_cancel(
    accounts: JobCancelAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["signer"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["job"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True)
        if accounts["node"]
        else AccountMeta(pubkey=program_id, is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["gang"], is_signer=False, is_writable=True)
        if accounts["gang"]
        else AccountMeta(pubkey=program_id, is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["staking_program"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"B\xf2\x92\x9d\xc4i*'"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
