from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class EmissionStartArgs(typing.TypedDict):
    at: int


layout = borsh.CStruct("at" / borsh.I64)


class EmissionStartAccounts(typing.TypedDict):
    authority: Pubkey
    config: Pubkey


def emission_start(
    args: EmissionStartArgs,
    accounts: EmissionStartAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b'nv\xa3"0$\n\x94'
    encoded_args = layout.build(
        {
            "at": args["at"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
