from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class GangOpenArgs(typing.TypedDict):
    members: int
    wait: int


layout = borsh.CStruct("members" / borsh.U16, "wait" / borsh.U32)


class GangOpenAccounts(typing.TypedDict):
    wallet: Pubkey
    client: Pubkey
    gang: Pubkey


def gang_open(
    args: GangOpenArgs,
    accounts: GangOpenAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["wallet"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["client"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["gang"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x93Q\x15\x13\xbf\xfe\xf6\xbd"
    encoded_args = layout.build(
        {
            "members": args["members"],
            "wait": args["wait"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
