from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class JobProveArgs(typing.TypedDict):
    counter: int
    seconds: int


layout = borsh.CStruct("counter" / borsh.U64, "seconds" / borsh.U64)


class JobProveAccounts(typing.TypedDict):
    job: Pubkey
    config: Pubkey
    instructions: Pubkey


def job_prove(
    args: JobProveArgs,
    accounts: JobProveAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["job"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["instructions"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xbf\xcd\xbdg%\xb2S\xa2"
    encoded_args = layout.build(
        {
            "counter": args["counter"],
            "seconds": args["seconds"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
