from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class CostakeOfferArgs(typing.TypedDict):
    amount: int
    share_bps: int


layout = borsh.CStruct("amount" / borsh.U64, "share_bps" / borsh.U16)


class CostakeOfferAccounts(typing.TypedDict):
    owner: Pubkey
    node: Pubkey
    owner_record: Pubkey


def costake_offer(
    args: CostakeOfferArgs,
    accounts: CostakeOfferAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["owner"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["owner_record"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"W\x8cpc\xd8w\xf6\x93"
    encoded_args = layout.build(
        {
            "amount": args["amount"],
            "share_bps": args["share_bps"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
