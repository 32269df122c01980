from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class JobExtendArgs(typing.TypedDict):
    seconds: int


layout = borsh.CStruct("seconds" / borsh.U32)


class JobExtendAccounts(typing.TypedDict):
    signer: Pubkey
    config: Pubkey
    client: Pubkey
    delegate: typing.Optional[Pubkey]
    job: Pubkey
    vault: Pubkey
    wallet_tokens: Pubkey


def job_extend(
    args: JobExtendArgs,
    accounts: JobExtendAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["signer"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["client"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["delegate"], is_signer=False, is_writable=True)
        if accounts["delegate"]
        else AccountMeta(pubkey=program_id, is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["job"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["wallet_tokens"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xb6.\x0e\xf8<\x13\xcd\xe0"
    encoded_args = layout.build(
        {
            "seconds": args["seconds"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
