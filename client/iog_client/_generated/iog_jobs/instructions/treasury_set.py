from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class TreasurySetArgs(typing.TypedDict):
    treasury: Pubkey
    burn_bps: int


layout = borsh.CStruct("treasury" / BorshPubkey, "burn_bps" / borsh.U16)


class TreasurySetAccounts(typing.TypedDict):
    authority: Pubkey
    config: Pubkey


def treasury_set(
    args: TreasurySetArgs,
    accounts: TreasurySetAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x9e\xa7\xb2@T|\x16\xad"
    encoded_args = layout.build(
        {
            "treasury": args["treasury"],
            "burn_bps": args["burn_bps"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
