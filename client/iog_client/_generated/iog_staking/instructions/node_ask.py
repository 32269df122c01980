from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class NodeAskArgs(typing.TypedDict):
    ask: int


layout = borsh.CStruct("ask" / borsh.U64)


class NodeAskAccounts(typing.TypedDict):
    owner: Pubkey
    node: Pubkey


def node_ask(
    args: NodeAskArgs,
    accounts: NodeAskAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["owner"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"VC*t\xf1\r\x94\xa3"
    encoded_args = layout.build(
        {
            "ask": args["ask"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
