"""Rewards are claimed with a proof, once, and only under the root that is on chain."""

from dataclasses import replace

import pytest
from hour_samples import node as hour_node
from network_samples import HOUR, TestNetwork
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, rewards, tokens, wallets
from iog_client._generated.iog_rewards.instructions import root_propose
from iog_client._generated.iog_token.instructions import emission_advance
from iog_client.errors import NotAllowed, NotFound, Refused
from iog_client.hours import PublishedHour, publish, sha256_hex
from iog_client.hours_rule import HourInputs
from iog_client.hours_verify import verify

DELAY = 10
"""600 s at hours of 60 s."""


async def published(net: TestNetwork, owner: Keypair, payees: int = 3) -> PublishedHour:
    """Hour 1, in which nodes that need not exist have earned for wallets; its root proposed."""
    net.warp(HOUR)
    config = await tokens.config(net.rpc)
    wallets = [owner.pubkey(), *(Keypair().pubkey() for _ in range(payees - 1))]
    nodes = [
        replace(hour_node(seed + 1), payee=str(wallet), requirement=0)
        for seed, wallet in enumerate(wallets)
    ]
    hour = publish(
        HourInputs(
            genesis_hash=str(await net.rpc.genesis_hash()),
            mint=str(addresses.mint()),
            distributor=str(addresses.distributor()),
            jobs_program=str(addresses.JOBS),
            start=config.start,
            hour_length=config.hour_length,
            to_rewards_total=rewards.to_rewards_by(config, 1) or 0,
            nodes=nodes,
        )
    )
    await propose(net, hour)
    return hour


async def propose(net: TestNetwork, hour: PublishedHour) -> None:
    oracle = net.oracle
    await net.sender(oracle).send(
        [
            emission_advance(
                {
                    "config": addresses.token_config(),
                    "mint": addresses.mint(),
                    "rewards_vault": addresses.rewards_vault(),
                    "pool_vault": addresses.pool_vault(),
                }
            ),
            root_propose(
                {
                    "epoch": hour.hour,
                    "root": bytes.fromhex(hour.root or ""),
                    "total": hour.total,
                    "count": len(hour.leaves),
                    "data_hash": bytes.fromhex(sha256_hex(hour.to_bytes())),
                },
                {
                    "oracle": oracle.pubkey(),
                    "distributor": addresses.distributor(),
                    "token_config": addresses.token_config(),
                },
            ),
        ]
    )


async def test_a_wallet_claims_what_it_has_earned_once(net: TestNetwork) -> None:
    owner = await net.wallet()
    hour = await published(net, owner)
    net.warp(DELAY)
    proof = rewards.proof_of(hour, owner.pubkey())
    done = await rewards.claim(net.sender(owner), proof)
    assert done.amount == dict(hour.leaves)[str(owner.pubkey())] > 0
    assert await tokens.balance(net.rpc, owner.pubkey()) == done.amount
    assert await rewards.claimed(net.rpc, owner.pubkey()) == done.amount
    with pytest.raises(Refused, match="nothing to claim"):
        await rewards.claim(net.sender(owner), proof)


async def test_anyone_may_claim_for_a_wallet_and_pays_only_the_fee(net: TestNetwork) -> None:
    owner, payer = await net.wallet(), await net.wallet()
    hour = await published(net, owner)
    net.warp(DELAY)
    other = next(name for name, _ in hour.leaves if name != str(owner.pubkey()))
    key = Pubkey.from_string(other)
    done = await rewards.claim(net.sender(payer), rewards.proof_of(hour, key))
    assert await tokens.balance(net.rpc, key) == done.amount
    assert await tokens.balance(net.rpc, payer.pubkey()) == 0


async def test_a_root_that_is_not_due_yet_pays_nothing(net: TestNetwork) -> None:
    owner = await net.wallet()
    with pytest.raises(NotFound, match="no root of rewards on chain yet"):
        await rewards.claim(
            net.sender(owner),
            rewards.RewardProof(
                wallet=str(owner.pubkey()), epoch=1, root="0" * 64, cumulative=1, proof=[]
            ),
        )
    hour = await published(net, owner)
    with pytest.raises(NotFound, match="no root of rewards on chain yet"):
        await rewards.claim(net.sender(owner), rewards.proof_of(hour, owner.pubkey()))


async def test_a_proof_that_the_program_would_refuse_is_not_sent(net: TestNetwork) -> None:
    owner = await net.wallet()
    hour = await published(net, owner)
    net.warp(DELAY)
    good = rewards.proof_of(hour, owner.pubkey())
    more = good.model_copy(update={"cumulative": good.cumulative + 1})
    with pytest.raises(Refused, match="the proof does not lead from"):
        await rewards.claim(net.sender(owner), more)
    stale = good.model_copy(update={"root": "0" * 64, "epoch": 9})
    with pytest.raises(Refused, match="for the root of hour 9, live is hour 1"):
        await rewards.claim(net.sender(owner), stale)
    with pytest.raises(NotFound, match="has earned nothing by hour 1"):
        rewards.proof_of(hour, Keypair().pubkey())


async def test_the_emission_on_chain_is_what_the_formula_says(net: TestNetwork) -> None:
    owner = await net.wallet()
    await published(net, owner)
    config = await tokens.config(net.rpc)
    assert config.advanced_hour == 1
    assert config.to_rewards == rewards.to_rewards_by(config, 1) == 410_958_904_110


async def test_an_hour_is_compared_with_the_root_and_the_nodes_on_chain(net: TestNetwork) -> None:
    owner = await net.wallet()
    hour = await published(net, owner, payees=1)
    facts = await rewards.chain_facts(net.rpc, 1)
    assert facts.pending is not None
    assert facts.classes["h100-pcie"].pool == "enterprise"
    assert facts.nodes == {}
    verdict = verify(hour.to_bytes(), None, facts)
    assert verdict.anchor == "pending"
    # Its nodes were made up, so this is all there is to find.
    assert [line.partition(": ")[2] for line in verdict.problems] == [
        "its signature is not over 3600 s of hour 1",
        "not registered on chain",
        "multiplier is 1000 in the file, 10000 on chain",
    ]


def guardian(net: TestNetwork) -> Keypair:
    assert net.record.keys.guardian is not None
    return wallets.load(net.record.keys.guardian)


async def test_a_pending_root_is_vetoed_and_may_be_proposed_again(net: TestNetwork) -> None:
    owner = await net.wallet()
    hour = await published(net, owner)
    dropped, _ = await rewards.veto(net.sender(owner), guardian(net))
    assert (dropped.epoch, dropped.root) == (1, hour.root)
    assert rewards.roots(await rewards.distributor(net.rpc)) == (None, None)
    with pytest.raises(Refused, match="no root of rewards is pending"):
        await rewards.veto(net.sender(owner), guardian(net))
    await propose(net, hour)


async def test_only_the_guardian_vetoes(net: TestNetwork) -> None:
    owner = await net.wallet()
    await published(net, owner)
    with pytest.raises(NotAllowed, match=f"is {guardian(net).pubkey()}, not {owner.pubkey()}"):
        await rewards.veto(net.sender(owner), owner)


async def test_a_root_that_is_live_is_vetoed_no_more(net: TestNetwork) -> None:
    owner = await net.wallet()
    await published(net, owner)
    net.warp(DELAY + 3)
    with pytest.raises(Refused, match="the root of hour 1 is live since 3 s: no veto any more"):
        await rewards.veto(net.sender(owner), guardian(net))
