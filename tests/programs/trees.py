"""Reward trees for tests, and the instructions that propose and claim against them."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.instructions.reward_claim import reward_claim
from iog_client._generated.iog_rewards.instructions.root_propose import root_propose
from iog_client.merkle import Tree, leaf, parent
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


@dataclass(frozen=True)
class Branch:
    """A tree as deep as is wanted, of which one pair of leaves is known, both given alike."""

    wallets: tuple[Pubkey, Pubkey]
    epoch: int
    cumulative: int
    depth: int

    @property
    def hour(self) -> Hour:
        """What instructions are built from before they are told of this tree."""
        return Hour(self.epoch, dict.fromkeys(self.wallets, self.cumulative))

    @property
    def leaves(self) -> tuple[bytes, bytes]:
        first, second = (
            leaf(addresses.distributor(), wallet, self.cumulative) for wallet in self.wallets
        )
        return first, second

    @property
    def upper(self) -> list[bytes]:
        return [hashlib.sha256(f"node {level}".encode()).digest() for level in range(1, self.depth)]

    @property
    def root(self) -> bytes:
        node = parent(*self.leaves)
        for sibling in self.upper:
            node = parent(node, sibling)
        return node

    def claim(self, world: World, which: int) -> Instruction:
        proof = [self.leaves[1 - which], *self.upper]
        changes = {"expected_root": self.root, "cumulative": self.cumulative, "proof": proof}
        return claim(world, self.hour, self.wallets[which], **changes)

    def propose(self, net: Network) -> Instruction:
        """With a total that leaves room for further branches."""
        total = 10**9 + self.epoch
        changes = {"root": self.root, "total": total, "count": 2**self.depth}
        return propose(net, self.hour, **changes)


def cheap_wallets() -> Iterator[Pubkey]:
    """Wallets whose recipient and token account have the highest bump."""
    mint, token = bytes(addresses.mint()), bytes(addresses.SPL_TOKEN)
    for number in count():
        seed = hashlib.sha256(f"claimer {number}".encode()).digest()
        wallet = Keypair.from_seed(seed).pubkey()
        derived = [
            Pubkey.find_program_address([b"recipient", bytes(wallet)], addresses.REWARDS),
            Pubkey.find_program_address([bytes(wallet), token, mint], addresses.ATA_PROGRAM),
        ]
        if all(bump == 255 for _, bump in derived):
            yield wallet
