from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class NodePayeeArgs(typing.TypedDict):
    payee: Pubkey


layout = borsh.CStruct("payee" / BorshPubkey)


class NodePayeeAccounts(typing.TypedDict):
    owner: Pubkey
    node: Pubkey
    token_config: Pubkey


def node_payee(
    args: NodePayeeArgs,
    accounts: NodePayeeAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["owner"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"?\xb4\xc4\xee\xe3\x87\xc5I"
    encoded_args = layout.build(
        {
            "payee": args["payee"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
