from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class ArbiterSetArgs(typing.TypedDict):
    arbiter: Pubkey


layout = borsh.CStruct("arbiter" / BorshPubkey)


class ArbiterSetAccounts(typing.TypedDict):
    authority: Pubkey
    config: Pubkey


def arbiter_set(
    args: ArbiterSetArgs,
    accounts: ArbiterSetAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"I\xa5\x02\xef$7\xa0K"
    encoded_args = layout.build(
        {
            "arbiter": args["arbiter"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
