from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
import borsh_construct as borsh
from construct import Bytes
from ..program_id import PROGRAM_ID


class CaseOpenArgs(typing.TypedDict):
    kind: int
    bps: int
    evidence_hash: bytes


layout = borsh.CStruct("kind" / borsh.U8, "bps" / borsh.U16, "evidence_hash" / Bytes(32))


class CaseOpenAccounts(typing.TypedDict):
    slasher: Pubkey
    payer: Pubkey
    config: Pubkey
    node: Pubkey
    case: Pubkey
    token_config: Pubkey


def case_open(
    args: CaseOpenArgs,
    accounts: CaseOpenAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["slasher"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["payer"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["case"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b'\x00\x06\xe6w\xf4m"M'
    encoded_args = layout.build(
        {
            "kind": args["kind"],
            "bps": args["bps"],
            "evidence_hash": args["evidence_hash"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
