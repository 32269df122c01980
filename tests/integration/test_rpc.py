"""The client against a real validator, and the embedded chain beside it."""

from __future__ import annotations

import time

import pytest
from solders.hash import Hash
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from iog_client import deploy, funds
from iog_client.embedded import EmbeddedChain
from iog_client.errors import InsufficientSol, Refused, TransactionFailed
from iog_client.rpc import HttpRpc, Rpc
from iog_client.testing import EmbeddedRpc
from iog_client.transactions import Sender

SOL = 10**9


def pay(payer: Keypair, to: Pubkey, lamports: int) -> bytes:
    return transfer(TransferParams(from_pubkey=payer.pubkey(), to_pubkey=to, lamports=lamports))


async def test_the_clock_of_a_validator_is_in_unix_seconds(rpc: HttpRpc) -> None:
    # A busy machine's validator falls behind by minutes; a wrong unit or offset would be years.
    assert abs(await rpc.chain_time() - time.time()) < 3600


async def test_a_validator_takes_v3_and_is_not_the_embedded_chain(rpc: HttpRpc) -> None:
    assert await deploy.architecture(rpc) == "v3"
    assert not await deploy.is_embedded(rpc)
    rent = await funds.rent_rate(rpc)
    assert (rent(0), rent(1000)) == (890_880, 7_850_880)


async def refusals(rpc: Rpc, payer: Keypair) -> list[object]:
    """What a chain says to transactions that it does not carry out."""
    said: list[object] = []

    async def refuse(
        key: Keypair, lamports: int, blockhash: Hash | None = None, spoilt: int = 0
    ) -> None:
        fresh = blockhash or (await rpc.latest_blockhash())[0]
        message = Message.new_with_blockhash(
            [pay(key, Pubkey(bytes(31) + b"\7"), lamports)], key.pubkey(), fresh
        )
        raw = bytearray(bytes(VersionedTransaction(message, [key])))
        raw[5] ^= spoilt
        try:
            await rpc.send(bytes(raw))
        except TransactionFailed as exc:
            said.append((exc.err, exc.logs))
        except Refused:
            said.append("refused")

    await refuse(payer, 10**15)
    await refuse(payer, 1)
    await refuse(payer, SOL, Hash.new_unique())
    await refuse(Keypair(), SOL)
    await refuse(payer, SOL, spoilt=1)
    return said


async def test_both_chains_refuse_alike(rpc: HttpRpc, payer: Keypair) -> None:
    chain = EmbeddedChain(programs={})
    chain.airdrop(payer.pubkey(), 100 * SOL)
    on_validator, embedded = await refusals(rpc, payer), await refusals(EmbeddedRpc(chain), payer)
    assert len(on_validator) == 5
    assert [_error(one) for one in on_validator] == [_error(one) for one in embedded]
    # the system program's own words, up to balances that fees made differ
    assert on_validator[0][1][-1] == embedded[0][1][-1]


def _error(one: object) -> object:
    refused = one == "refused" or (isinstance(one, tuple) and one[0] == "SignatureFailure")
    return "refused" if refused else one[0]


async def test_a_transaction_is_sent_and_confirmed(rpc: HttpRpc, payer: Keypair) -> None:
    to = Keypair().pubkey()
    sent = await Sender(rpc, payer).send([pay(payer, to, SOL)])
    assert await rpc.balance(to) == SOL
    outcome = await rpc.transaction(sent.signature)
    assert outcome is not None
    assert (outcome.slot, outcome.err) == (sent.slot, None)


async def test_a_payer_without_sol_is_told_so(rpc: HttpRpc) -> None:
    poor = Keypair()
    with pytest.raises(InsufficientSol):
        await Sender(rpc, poor).send([pay(poor, Keypair().pubkey(), SOL)])
