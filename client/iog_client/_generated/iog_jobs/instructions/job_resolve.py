from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class JobResolveArgs(typing.TypedDict):
    seconds: int


layout = borsh.CStruct("seconds" / borsh.U64)


class JobResolveAccounts(typing.TypedDict):
    signer: Pubkey
    job: Pubkey
    config: Pubkey


def job_resolve(
    args: JobResolveArgs,
    accounts: JobResolveAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["signer"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["job"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xd4\x15\xa6W\xf78\x01\x83"
    encoded_args = layout.build(
        {
            "seconds": args["seconds"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
