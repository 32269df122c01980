from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class SlasherSetArgs(typing.TypedDict):
    slasher: Pubkey


layout = borsh.CStruct("slasher" / BorshPubkey)


class SlasherSetAccounts(typing.TypedDict):
    authority: Pubkey
    config: Pubkey


def slasher_set(
    args: SlasherSetArgs,
    accounts: SlasherSetAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"@\x9a\x8b\xe5\xdfcX\t"
    encoded_args = layout.build(
        {
            "slasher": args["slasher"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
