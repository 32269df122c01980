from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class JobReleaseArgs(typing.TypedDict):
    reason: int


layout = borsh.CStruct("reason" / borsh.U8)


class JobReleaseAccounts(typing.TypedDict):
    signer: Pubkey
    job: Pubkey
    node: Pubkey
    config: Pubkey
    staking_program: Pubkey


def job_release(
    args: JobReleaseArgs,
    accounts: JobReleaseAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["signer"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["job"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["staking_program"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x02;\x18w\xb5*t("
    encoded_args = layout.build(
        {
            "reason": args["reason"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
