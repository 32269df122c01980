from __future__ import annotations
import typing
from solders.pubkey import Pubkey
from solders.instruction import Instruction, AccountMeta
from ..program_id import PROGRAM_ID


class AuthorityAcceptAccounts(typing.TypedDict):
    pending_authority: Pubkey
    config: Pubkey


def authority_accept(
    accounts: AuthorityAcceptAccounts,
    program_id: Pubkey = PROGRAM_ID,
    remaining_accounts: typing.Optional[typing.List[AccountMeta]] = None,
) -> Instruction:
    keys: list[AccountMeta] = [
        AccountMeta(pubkey=accounts["pending_authority"], is_signer=True, is_writable=False),
        AccountMeta(pubkey=accounts["config"], is_signer=False, is_writable=True),
    ]
    if remaining_accounts is not None:
        keys += remaining_accounts
    identifier = b"/\xd8\xc2\xf4\xa6'J\xef"
    encoded_args = b""
    data = identifier + encoded_args
    return Instruction(program_id, data, keys)
