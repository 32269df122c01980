from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class DelegateSetArgs(typing.TypedDict):
    per_job: int
    per_day: int


layout = borsh.CStruct("per_job" / borsh.U64, "per_day" / borsh.U64)


class DelegateSetAccounts(typing.TypedDict):
    wallet: Pubkey
    key: Pubkey
    delegate: Pubkey


def delegate_set(
    args: DelegateSetArgs,
    accounts: DelegateSetAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["wallet"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["key"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["delegate"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x8b\x10\xe6g\xfe\xa6\x14\xa5"
    encoded_args = layout.build(
        {
            "per_job": args["per_job"],
            "per_day": args["per_day"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
