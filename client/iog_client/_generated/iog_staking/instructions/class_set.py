from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from construct import Bytes
from ..program_id import PROGRAM_ID


class ClassSetArgs(typing.TypedDict):
    slug: bytes
    multiplier: int
    pool: int
    enabled: int


layout = borsh.CStruct(
    "slug" / Bytes(16),
    "multiplier" / borsh.U32,
    "pool" / borsh.U8,
    "enabled" / borsh.U8,
)


class ClassSetAccounts(typing.TypedDict):
    authority: Pubkey
    payer: Pubkey
    config: Pubkey
    class_: Pubkey
    token_config: Pubkey


def class_set(
    args: ClassSetArgs,
    accounts: ClassSetAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["payer"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["class_"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xa7W~\x96\xbep]R"
    encoded_args = layout.build(
        {
            "slug": args["slug"],
            "multiplier": args["multiplier"],
            "pool": args["pool"],
            "enabled": args["enabled"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
