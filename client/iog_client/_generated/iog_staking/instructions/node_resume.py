from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class NodeResumeAccounts(typing.TypedDict):
    owner: Pubkey
    node: Pubkey
    token_config: Pubkey


def node_resume(
    accounts: NodeResumeAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["owner"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["node"], is_signer=False, is_writable=True),
        AccountMeta(pubkey=accounts["token_config"], is_signer=False, is_writable=False),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"\xe9K\xdb\xde\xd3\x7fJ\xb3"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
