from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class NodeRegisterArgs(typing.TypedDict):
    gpus: int
    ask: int
    payee: Pubkey


layout = borsh.CStruct("gpus" / borsh.U16, "ask" / borsh.U64, "payee" / BorshPubkey)


class NodeRegisterAccounts(typing.TypedDict):
    owner: Pubkey
    config: Pubkey
    class_: Pubkey
    node: Pubkey
    token_config: Pubkey
    instructions: Pubkey
    device: Pubkey


def node_register(
    args: NodeRegisterArgs,
    accounts: NodeRegisterAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["owner"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["class_"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["instructions"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["device"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"G\xb6\x8f\x1b\xaa\x9b\n2"
    encoded_args = layout.build(
        {
            "gpus": args["gpus"],
            "ask": args["ask"],
            "payee": args["payee"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
