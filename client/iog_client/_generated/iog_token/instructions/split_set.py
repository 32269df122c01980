from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class SplitSetArgs(typing.TypedDict):
    pool_bps: int
    from_hour: int


layout = borsh.CStruct("pool_bps" / borsh.U16, "from_hour" / borsh.U32)


class SplitSetAccounts(typing.TypedDict):
    authority: Pubkey
    config: Pubkey


def split_set(
    args: SplitSetArgs,
    accounts: SplitSetAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x0f\xef;?dAc\x16"
    encoded_args = layout.build(
        {
            "pool_bps": args["pool_bps"],
            "from_hour": args["from_hour"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
