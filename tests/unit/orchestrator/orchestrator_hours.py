"""Letting hours pass and closing them, and what owners and co-stakers do meanwhile."""

from orchestrator_network import HOUR, key_of
from orchestrator_world import Worker, World
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, stakes, tokens
from iog_client._generated.iog_staking import instructions as staking
from iog_client.amounts import IO
from iog_client.transactions import Sender


async def past(world: World, hour: int, grace: float = 1.5) -> None:
    """Let time pass until `hour` and the grace after it are over."""
    start = world.core.context.known.emission.start
    left = start + hour * HOUR + grace - world.core.context.ports.chain_clock.now()
    await world.hours(max(0.5, left))


async def close(world: World, steps: int = 4) -> None:
    """What the loop does within its next second."""
    for _ in range(steps):
        await world.core.hour_close.step()


async def earned(world: World, worker: Worker, hour: int) -> None:
    """An hour that the worker was there for, closed."""
    await past(world, hour, 0.4)
    await worker.hour_statement(hour)
    await past(world, hour)
    await close(world)


class Stakes:
    """What the owner of a node and its co-staker send."""

    def __init__(self, world: World, worker: Worker) -> None:
        self.world = world
        self.device = worker.key.pubkey()
        self.node = addresses.node(self.device)
        self.friend = key_of("friend")
        self.half = 8_000 * IO
        """Half of what a node of eight GPUs needs."""

    @property
    def owner(self) -> Pubkey:
        return self.world.owner.pubkey()

    async def co_stake(self, share_bps: int) -> None:
        """The owner offers half of the requirement, and the friend takes it."""
        world = self.world
        await tokens.airdrop_sol(world.rpc, self.friend.pubkey(), 10**10)
        await tokens.faucet_io(world.rpc, key_of("faucet"), self.friend.pubkey(), self.half)
        terms = {"amount": self.half, "share_bps": share_bps}
        record = addresses.owner_record(self.owner)
        offered = {"owner": self.owner, "node": self.node, "owner_record": record}
        await self._send(staking.costake_offer(terms, offered))  # type: ignore[arg-type]
        taken = {
            "costaker": self.friend.pubkey(),
            "config": addresses.staking_config(),
            "node": self.node,
            "owner_record": record,
            "costaker_tokens": addresses.tokens(self.friend.pubkey()),
            "stake_vault": addresses.stake_vault(),
            "token_config": addresses.token_config(),
        }
        await self._send(
            staking.costake_accept(terms, taken),  # type: ignore[arg-type]
            self.friend,
        )

    async def reduce(self) -> None:
        """The owner takes out what the friend has brought."""
        accounts = {
            "owner": self.owner,
            "config": addresses.staking_config(),
            "node": self.node,
            "stake_vault": addresses.stake_vault(),
            "destination": addresses.tokens(self.owner),
            "token_config": addresses.token_config(),
        }
        amount = {"amount": self.half}
        await self._send(staking.stake_reduce(amount, accounts))  # type: ignore[arg-type]

    async def leave(self) -> None:
        """The friend gives notice, and the notice runs out."""
        accounts = {
            "costaker": self.friend.pubkey(),
            "config": addresses.staking_config(),
            "node": self.node,
        }
        await self._send(staking.costake_leave(accounts), self.friend)  # type: ignore[arg-type]
        self.world.chain.warp(168 * HOUR)

    async def end(self) -> None:
        """Anyone ends the co-stake."""
        accounts = {
            "config": addresses.staking_config(),
            "node": self.node,
            "owner_record": addresses.owner_record(self.owner),
            "token_config": addresses.token_config(),
        }
        await self._send(staking.costake_end(accounts))  # type: ignore[arg-type]

    async def unstake(self) -> None:
        """The owner sends all stake on its way out."""
        accounts = {
            "owner": self.owner,
            "config": addresses.staking_config(),
            "node": self.node,
            "owner_record": None,
            "token_config": addresses.token_config(),
        }
        await self._send(staking.stake_unstake(accounts))  # type: ignore[arg-type]

    async def add(self, amount: int) -> None:
        """The owner stakes more than is required."""
        added = stakes.add_instruction(self.owner, self.device, amount)
        await self._send(added)

    async def slash(self, bps: int = 500) -> None:
        """The slasher opens a case, which takes a part of the stake."""
        slasher, evidence = key_of("authority"), bytes([7] * 32)
        accounts = {
            "slasher": slasher.pubkey(),
            "payer": slasher.pubkey(),
            "config": addresses.staking_config(),
            "node": self.node,
            "case": addresses.slash_case(self.node, evidence),
            "token_config": addresses.token_config(),
        }
        terms = {"kind": 5, "bps": bps, "evidence_hash": evidence}
        await self._send(staking.case_open(terms, accounts), slasher)  # type: ignore[arg-type]

    async def pause(self) -> None:
        await self._send(staking.node_pause({"owner": self.owner, "node": self.node}))

    async def pay_to(self, payee: Pubkey) -> None:
        accounts = {
            "owner": self.owner,
            "node": self.node,
            "token_config": addresses.token_config(),
        }
        await self._send(staking.node_payee({"payee": payee}, accounts))  # type: ignore[arg-type]

    async def _send(self, instruction: Instruction, signer: Keypair | None = None) -> None:
        await Sender(self.world.rpc, signer or self.world.owner).send([instruction])
