from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class TokenInitializeArgs(typing.TypedDict):
    hour_length: int
    pool_bps: int
    guardian: Pubkey


layout = borsh.CStruct("hour_length" / borsh.U32, "pool_bps" / borsh.U16, "guardian" / BorshPubkey)


class TokenInitializeAccounts(typing.TypedDict):
    program_key: Pubkey
    payer: Pubkey
    authority: Pubkey
    config: Pubkey
    mint: Pubkey
    vesting_vault: Pubkey


def token_initialize(
    args: TokenInitializeArgs,
    accounts: TokenInitializeAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["program_key"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["payer"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["mint"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["vesting_vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xc3\x94\xf3\x8c\xa7\x8f\x94p"
    encoded_args = layout.build(
        {
            "hour_length": args["hour_length"],
            "pool_bps": args["pool_bps"],
            "guardian": args["guardian"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
