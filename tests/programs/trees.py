"""Reward trees for tests, and the instructions that propose and claim against them."""

from collections.abc import Sequence
from dataclasses import dataclass

from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.instructions.reward_claim import reward_claim
from iog_client._generated.iog_rewards.instructions.root_propose import root_propose
from iog_client.merkle import Tree
from stages import Network
from world import World

DELAY = 600
"""Seconds, on hours of their natural length, from the proposal of a root until it can be live."""

DATA_HASH = bytes(range(100, 132))


@dataclass(frozen=True)
class Hour:
    """What an epoch gives: cumulative base units by wallet."""

    epoch: int
    given: dict[Pubkey, int]

    @property
    def tree(self) -> Tree:
        return Tree(addresses.distributor(), self.given.items())

    @property
    def total(self) -> int:
        return sum(self.given.values())


def propose(net: Network, hour: Hour, **changes: object) -> Instruction:
    """The first oracle proposes an hour; arguments changed as named."""
    args = {
        "epoch": hour.epoch,
        "root": hour.tree.root,
        "total": hour.total,
        "count": len(hour.given),
        "data_hash": DATA_HASH,
    } | changes
    accounts = {
        "oracle": net.oracles[0].pubkey(),
        "distributor": addresses.distributor(),
        "token_config": addresses.token_config(),
    }
    return root_propose(args, accounts)


def cosigned(instruction: Instruction, others: Sequence[Keypair]) -> Instruction:
    """The same instruction with further signers behind its accounts."""
    metas = [*instruction.accounts, *(AccountMeta(key.pubkey(), True, False) for key in others)]
    return Instruction(instruction.program_id, instruction.data, metas)


def claim(world: World, hour: Hour, wallet: Pubkey, **changes: object) -> Instruction:
    """Claims for a wallet against an hour's root; arguments changed as named."""
    args = {
        "expected_root": hour.tree.root,
        "cumulative": hour.given.get(wallet, 0),
        "proof": hour.tree.proof(wallet) if wallet in hour.given else [],
    } | changes
    accounts = {
        "payer": world.payer.pubkey(),
        "distributor": addresses.distributor(),
        "recipient": addresses.recipient(wallet),
        "wallet": wallet,
        "vault": addresses.rewards_vault(),
        "destination": addresses.tokens(wallet),
    }
    return reward_claim(args, accounts)


def publish(net: Network, hour: Hour, *, live: bool = True) -> None:
    """Proposes an hour and, if it shall be live, waits until it can be."""
    net.world.send(propose(net, hour), signers=[net.oracles[0]])
    if live:
        net.world.now += DELAY
