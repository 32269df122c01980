from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class GenesisAllocateArgs(typing.TypedDict):
    index: int
    amount: int
    beneficiary: Pubkey
    launch_bps: int
    cliff_months: int
    linear_months: int


layout = borsh.CStruct(
    "index" / borsh.U8,
    "amount" / borsh.U64,
    "beneficiary" / BorshPubkey,
    "launch_bps" / borsh.U16,
    "cliff_months" / borsh.U16,
    "linear_months" / borsh.U16,
)


class GenesisAllocateAccounts(typing.TypedDict):
    authority: Pubkey
    payer: Pubkey
    config: Pubkey
    bucket: Pubkey


def genesis_allocate(
    args: GenesisAllocateArgs,
    accounts: GenesisAllocateAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["payer"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["bucket"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xec\x9b\x96\xab\xd4\xea\x03\xf8"
    encoded_args = layout.build(
        {
            "index": args["index"],
            "amount": args["amount"],
            "beneficiary": args["beneficiary"],
            "launch_bps": args["launch_bps"],
            "cliff_months": args["cliff_months"],
            "linear_months": args["linear_months"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
