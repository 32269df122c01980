from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
import borsh_construct as borsh
from construct import Bytes
from ..program_id import PROGRAM_ID


class JobsInitializeArgs(typing.TypedDict):
    genesis_hash: bytes
    guardian: Pubkey
    arbiter: Pubkey


layout = borsh.CStruct(
    "genesis_hash" / Bytes(32), "guardian" / BorshPubkey, "arbiter" / BorshPubkey
)


class JobsInitializeAccounts(typing.TypedDict):
    program_key: Pubkey
    payer: Pubkey
    authority: Pubkey
    config: Pubkey
    fee_vault: Pubkey
    mint: Pubkey
    token_config: Pubkey


def jobs_initialize(
    args: JobsInitializeArgs,
    accounts: JobsInitializeAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["program_key"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["payer"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["fee_vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["mint"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xd9.\xef\x07\xea\xac\x06j"
    encoded_args = layout.build(
        {
            "genesis_hash": args["genesis_hash"],
            "guardian": args["guardian"],
            "arbiter": args["arbiter"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
