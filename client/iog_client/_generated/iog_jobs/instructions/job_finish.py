from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from construct import Bytes
from ..program_id import PROGRAM_ID


class JobFinishArgs(typing.TypedDict):
    result_hash: bytes
    reason: int


layout = borsh.CStruct("result_hash" / Bytes(32), "reason" / borsh.U8)


class JobFinishAccounts(typing.TypedDict):
    device: Pubkey
    job: Pubkey
    node: Pubkey
    config: Pubkey
    staking_program: Pubkey


def job_finish(
    args: JobFinishArgs,
    accounts: JobFinishAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["device"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["job"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["staking_program"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xd2\x0bAI\x9b\x08\x9cI"
    encoded_args = layout.build(
        {
            "result_hash": args["result_hash"],
            "reason": args["reason"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
