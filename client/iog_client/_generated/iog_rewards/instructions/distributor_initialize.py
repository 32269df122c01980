from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
from construct import Construct
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class DistributorInitializeArgs(typing.TypedDict):
    guardian: Pubkey
    threshold: int
    oracles: list[Pubkey]


layout = borsh.CStruct(
    "guardian" / BorshPubkey,
    "threshold" / borsh.U8,
    "oracles" / borsh.Vec(typing.cast(Construct, BorshPubkey)),
)


class DistributorInitializeAccounts(typing.TypedDict):
    program_key: Pubkey
    payer: Pubkey
    authority: Pubkey
    distributor: Pubkey
    vault: Pubkey
    mint: Pubkey
    token_config: Pubkey


def distributor_initialize(
    args: DistributorInitializeArgs,
    accounts: DistributorInitializeAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["program_key"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["payer"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["distributor"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["mint"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xb9\x97^\xec\xa8\xb3\xf8\\"
    encoded_args = layout.build(
        {
            "guardian": args["guardian"],
            "threshold": args["threshold"],
            "oracles": args["oracles"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
