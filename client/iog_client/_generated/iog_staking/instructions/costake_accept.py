from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class CostakeAcceptArgs(typing.TypedDict):
    amount: int
    share_bps: int


layout = borsh.CStruct("amount" / borsh.U64, "share_bps" / borsh.U16)


class CostakeAcceptAccounts(typing.TypedDict):
    costaker: Pubkey
    config: Pubkey
    node: Pubkey
    owner_record: Pubkey
    costaker_tokens: Pubkey
    stake_vault: Pubkey
    token_config: Pubkey


def costake_accept(
    args: CostakeAcceptArgs,
    accounts: CostakeAcceptAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["costaker"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["owner_record"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["costaker_tokens"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["stake_vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x0c\x8a\xb5[\x96\x9d\xa6\x1b"
    encoded_args = layout.build(
        {
            "amount": args["amount"],
            "share_bps": args["share_bps"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
