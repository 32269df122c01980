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


class JobOpenArgs(typing.TypedDict):
    spec_hash: bytes
    class_: Pubkey
    min_multiplier: int
    gpus: int
    max_price: int
    max_seconds: int
    runs: int
    window: int
    wait: int
    matcher: Pubkey


layout = borsh.CStruct(
    "spec_hash" / Bytes(32),
    "class_" / BorshPubkey,
    "min_multiplier" / borsh.U32,
    "gpus" / borsh.U16,
    "max_price" / borsh.U64,
    "max_seconds" / borsh.U32,
    "runs" / borsh.U32,
    "window" / borsh.U32,
    "wait" / borsh.U32,
    "matcher" / BorshPubkey,
)


class JobOpenAccounts(typing.TypedDict):
    signer: Pubkey
    config: Pubkey
    client: Pubkey
    delegate: typing.Optional[Pubkey]
    gang: typing.Optional[Pubkey]
    job: Pubkey
    vault: Pubkey
    mint: Pubkey
    wallet_tokens: Pubkey


def job_open(
    args: JobOpenArgs,
    accounts: JobOpenAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["signer"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["client"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["delegate"], is_signer=False, is_writable=True)
        if accounts["delegate"]
        else AccountMeta(pubkey=program_id, is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["gang"], is_signer=False, is_writable=True)
        if accounts["gang"]
        else AccountMeta(pubkey=program_id, is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["job"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["mint"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["wallet_tokens"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xe8F\xb4\xf7\xec\xeb,\x9e"
    encoded_args = layout.build(
        {
            "spec_hash": args["spec_hash"],
            "class_": args["class_"],
            "min_multiplier": args["min_multiplier"],
            "gpus": args["gpus"],
            "max_price": args["max_price"],
            "max_seconds": args["max_seconds"],
            "runs": args["runs"],
            "window": args["window"],
            "wait": args["wait"],
            "matcher": args["matcher"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
