from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class AuthorityProposeArgs(typing.TypedDict):
    new: Pubkey


layout = borsh.CStruct("new" / BorshPubkey)


class AuthorityProposeAccounts(typing.TypedDict):
    authority: Pubkey
    config: Pubkey


def authority_propose(
    args: AuthorityProposeArgs,
    accounts: AuthorityProposeAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x81W\x9c\x17@\xda0\x01"
    encoded_args = layout.build(
        {
            "new": args["new"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
