"""The right to change a program on a real validator: handed on, and given up."""

from __future__ import annotations

import pytest
from solders.keypair import Keypair

from iog_client import authorities, prebuilt
from iog_client.deploy import Deployer
from iog_client.errors import NotAllowed, Refused
from iog_client.prebuilt import ProgramFile
from iog_client.rpc import HttpRpc


async def test_the_right_to_change_a_program_is_handed_on_and_given_up(
    rpc: HttpRpc, payer: Keypair
) -> None:
    identity, multisig, last = Keypair(), Keypair(), Keypair()
    real = prebuilt.load("iog_rewards", "v3")
    program = ProgramFile("iog_rewards", identity.pubkey(), "v3", real.path, real.code)
    work = Deployer(rpc, payer, payer)
    await work.run(await work.plan([program]), {program.id: identity})
    only = {"iog_rewards": program.id}

    async def holder() -> object:
        [found] = await authorities.read(rpc, only)
        return found.authority

    # To an address that does not sign, as a multisig's.
    assert await authorities.change(rpc, payer, payer, multisig.pubkey(), only)
    assert await holder() == multisig.pubkey()
    assert await authorities.change(rpc, payer, payer, multisig.pubkey(), only) == []
    with pytest.raises(NotAllowed, match=str(multisig.pubkey())):
        await authorities.change(rpc, payer, payer, payer.pubkey(), only)

    # To a key that signs too; then to nobody, for good.
    await authorities.change(rpc, payer, multisig, last, only)
    assert await holder() == last.pubkey()
    await authorities.change(rpc, payer, last, None, only)
    assert await holder() is None
    with pytest.raises(Refused, match="nobody may change iog_rewards"):
        await authorities.change(rpc, payer, last, last, only)
    newer = ProgramFile("iog_rewards", program.id, "v3", real.path, real.code + b"\1")
    with pytest.raises(Refused, match="nobody may change it"):
        await Deployer(rpc, payer, last).plan([newer])
