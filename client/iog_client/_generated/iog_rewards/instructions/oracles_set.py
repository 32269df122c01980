from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..._support import BorshPubkey
from construct import Construct
import borsh_construct as borsh
from ..program_id import PROGRAM_ID


class OraclesSetArgs(typing.TypedDict):
    threshold: int
    oracles: list[Pubkey]


layout = borsh.CStruct(
    "threshold" / borsh.U8, "oracles" / borsh.Vec(typing.cast(Construct, BorshPubkey))
)


class OraclesSetAccounts(typing.TypedDict):
    authority: Pubkey
    distributor: Pubkey


def oracles_set(
    args: OraclesSetArgs,
    accounts: OraclesSetAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["distributor"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\x80_\x8a\xd1\xf3\xb6\x82\xcd"
    encoded_args = layout.build(
        {
            "threshold": args["threshold"],
            "oracles": args["oracles"],
        }
    )
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
