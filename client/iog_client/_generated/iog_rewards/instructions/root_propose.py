from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from construct import Bytes
from ..program_id import PROGRAM_ID


class RootProposeArgs(typing.TypedDict):
    epoch: int
    root: bytes
    total: int
    count: int
    data_hash: bytes


layout = borsh.CStruct(
    "epoch" / borsh.U32,
    "root" / Bytes(32),
    "total" / borsh.U64,
    "count" / borsh.U32,
    "data_hash" / Bytes(32),
)


class RootProposeAccounts(typing.TypedDict):
    oracle: Pubkey
    distributor: Pubkey
    token_config: Pubkey


def root_propose(
    args: RootProposeArgs,
    accounts: RootProposeAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["oracle"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["distributor"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x1b\xcb\x14\xd5{\xeb<b"
    encoded_args = layout.build(
        {
            "epoch": args["epoch"],
            "root": args["root"],
            "total": args["total"],
            "count": args["count"],
            "data_hash": args["data_hash"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
