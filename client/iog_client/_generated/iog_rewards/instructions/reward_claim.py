from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.system_program import ID as SYS_PROGRAM_ID
from ..._support import TOKEN_PROGRAM_ID
from solders.instruction import Instruction, AccountMeta
from construct import Construct
import borsh_construct as borsh
from construct import Bytes
from ..program_id import PROGRAM_ID


class RewardClaimArgs(typing.TypedDict):
    expected_root: bytes
    cumulative: int
    proof: list[bytes]


layout = borsh.CStruct(
    "expected_root" / Bytes(32),
    "cumulative" / borsh.U64,
    "proof" / borsh.Vec(typing.cast(Construct, Bytes(32))),
)


class RewardClaimAccounts(typing.TypedDict):
    payer: Pubkey
    distributor: Pubkey
    recipient: Pubkey
    wallet: Pubkey
    vault: Pubkey
    destination: Pubkey


def reward_claim(
    args: RewardClaimArgs,
    accounts: RewardClaimAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["payer"], is_signer=True, is_writable=True),
        AccountMeta(pubkey=accounts["distributor"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["recipient"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["wallet"], is_signer=False, is_writable=False),
        AccountMeta(pubkey=accounts["vault"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["destination"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=TOKEN_PROGRAM_ID, is_signer=False, is_writable=False),
        AccountMeta(pubkey=SYS_PROGRAM_ID, is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"=%N0\xc6\xcc\xe5\xf5"
    encoded_args = layout.build(
        {
            "expected_root": args["expected_root"],
            "cumulative": args["cumulative"],
            "proof": args["proof"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
