from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
from construct import Construct
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class ClientOpenArgs(typing.TypedDict):
    matchers: list[Pubkey]


layout = borsh.CStruct("matchers" / borsh.Vec(typing.cast(Construct, BorshPubkey)))


class ClientOpenAccounts(typing.TypedDict):
    wallet: Pubkey
    client: Pubkey


def client_open(
    args: ClientOpenArgs,
    accounts: ClientOpenAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["wallet"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["client"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b'R\x1e\xd7\x85\xb4"\xa35'
    encoded_args = layout.build(
        {
            "matchers": args["matchers"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
