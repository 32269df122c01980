from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class GuardianSetArgs(typing.TypedDict):
    guardian: Pubkey


layout = borsh.CStruct("guardian" / BorshPubkey)


class GuardianSetAccounts(typing.TypedDict):
    authority: Pubkey
    config: Pubkey


def guardian_set(
    args: GuardianSetArgs,
    accounts: GuardianSetAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x99\xb6U\xff}f\xe5G"
    encoded_args = layout.build(
        {
            "guardian": args["guardian"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
