from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class JobAssignAccounts(typing.TypedDict):
    matcher: Pubkey
    config: Pubkey
    job: Pubkey
    node: Pubkey
    gang: typing.Optional[Pubkey]
    class_: Pubkey
    token_config: Pubkey


def job_assign(
    accounts: JobAssignAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["matcher"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["job"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["gang"], is_signer=False, is_writable=False)
        if accounts["gang"]
        else AccountMeta(pubkey=program_id, is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["class_"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\n08El\x83\xab@"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
