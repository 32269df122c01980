from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class NodeReleaseArgs(typing.TypedDict):
    gpus: int


layout = borsh.CStruct("gpus" / borsh.U16)


class NodeReleaseAccounts(typing.TypedDict):
    jobs_signer: Pubkey
    node: Pubkey


def node_release(
    args: NodeReleaseArgs,
    accounts: NodeReleaseAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["jobs_signer"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xcd\x99\np\xc7\xbc\x18\x9f"
    encoded_args = layout.build(
        {
            "gpus": args["gpus"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
