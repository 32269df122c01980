"""Every instruction on nodes, stake and co-stake in any order, compared with the model of them.

`NodeMachine` is the seam for slashing: a machine that adds cases derives from it.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from node_model import ACTIVE, PAUSED, NodeModel, Refused, StakingModel
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from machines import Machine
from registry_world import ASK, NOBODY, NOTICE, STAKE, Registry, registry
from stages import HOUR, network
from world import START, ProgramFailed, World, transfer_tokens

OWNERS = [0, 0, 0, 1]
"""The owner of each node: one has three, as an owner may have two taken offers."""
COSTAKERS = (2, 3)
STRANGER = 4
FUNDS = [5 * STAKE, 2 * STAKE, 3 * STAKE // 2, STAKE, STAKE]
"""Of each wallet: enough for most steps, too little for some."""

NODES = st.integers(0, len(OWNERS) - 1)
AIM = st.sampled_from([True, True, True, False])
"""Mostly a node at which the step may work: at random most steps would only be refused."""
AROUND = st.sampled_from([-1, 0, 0, 0, 1])
AMOUNTS = st.sampled_from([1, 5, STAKE // 4, STAKE // 2, STAKE])
OFFERS = st.sampled_from([1, STAKE // 8, STAKE // 4, STAKE // 2, STAKE // 2 + 1])
SAME = [
    field
    for field in NodeModel.__dataclass_fields__
    if field not in ("owner", "needed", "payee", "prev_payee", "costaker")
]


class NodeMachine(Machine):
    """Four nodes of two owners, two co-stakers and a stranger."""

    model: StakingModel

    @initialize()
    def bring_up(self) -> None:
        """All nodes have their stake, one of each owner a co-stake; the second hour."""
        self.world = World()
        base = registry(network(self.world)).classed()
        self.keys = [self.world.keypair() for _ in FUNDS]
        for key, amount in zip(self.keys, FUNDS, strict=True):
            base.net.fund(key.pubkey(), amount)
        self.nodes: list[Registry] = []
        models = []
        for owner in OWNERS:
            node = replace(base, owner=self.keys[owner], device=self.world.keypair())
            node.payee = self.keys[owner].pubkey()
            self.world.send(node.agreement(), node.node_register(), signers=[node.owner])
            self.nodes.append(node)
            models.append(NodeModel(owner, STAKE, owner, owner, node.read_node().ask, self.now))
        self.model = StakingModel(STAKE, models, list(FUNDS), self.now, 1)
        for index in range(len(OWNERS)):
            self.attempt(self.nodes[index].stake_add(), index, "stake_add", STAKE)
        for index, wallet in zip((0, OWNERS.index(1)), COSTAKERS, strict=True):
            self.costake_offer(index, False, STAKE // 4, 2_500)
            self.costake_accept(index, False, wallet, 0)
        self.pass_time(HOUR)

    # --- time and what lies around ----------------------------------------------------------------

    @rule(seconds=st.sampled_from([1, HOUR // 2, HOUR, NOTICE]))
    def wait(self, seconds: int) -> None:
        self.pass_time(seconds)

    @rule(around=AROUND)
    def wait_for_what_is_next(self, around: int) -> None:
        """To about the second at which something of a node may leave; then all of it is tried."""
        later = [
            (end, index)
            for index, node in enumerate(self.model.nodes)
            for end in (node.cooling_until, node.costake_cooling_until, node.costake_leave_at)
            if end > self.now + 1
        ]
        if later:
            end, index = min(later)
            self.pass_time(end + around - self.now)
            self.costake_end(index, False)
            self.stake_withdraw(index, False)
            self.costake_withdraw(index, False)

    @rule(amount=st.integers(1, 1_000), pool=st.booleans())
    def donate(self, amount: int, pool: bool) -> None:
        key = self.keys[STRANGER]
        vault = addresses.pool_vault() if pool else addresses.stake_vault()
        gift = transfer_tokens(key.pubkey(), addresses.tokens(key.pubkey()), vault, amount)
        self.world.send(gift, signers=[key])
        self.model.wallets[STRANGER] -= amount
        self.model.donated += 0 if pool else amount

    @rule(index=NODES)
    def a_job_begins_or_ends(self, index: int) -> None:
        """As iog_jobs brings about."""
        node = self.model.nodes[index]
        if node.running:
            self.nodes[index].hold(0)
            node.busy = node.running = 0
        elif node.state == ACTIVE:
            self.nodes[index].hold(3)
            node.busy, node.running = 3, 1

    # --- nodes ------------------------------------------------------------------------------------

    @rule(index=NODES, ask=st.integers(0, 9), payee=st.integers(0, len(FUNDS) - 1))
    def node_ask_and_payee(self, index: int, ask: int, payee: int) -> None:
        self.attempt(self.nodes[index].node_ask(ask), index, "node_ask", ask)
        call = self.nodes[index].node_payee(self.keys[payee].pubkey())
        self.attempt(call, index, "node_payee", payee)

    @rule(index=NODES)
    def node_pause(self, index: int) -> None:
        self.attempt(self.nodes[index].node_pause(), index, "node_pause")

    @rule(index=NODES, aim=AIM)
    def node_resume(self, index: int, aim: bool) -> None:
        index = self.aimed(index, aim, lambda node: node.state == PAUSED)
        self.attempt(self.nodes[index].node_resume(), index, "node_resume")

    @rule(index=NODES, aim=AIM)
    def node_retire(self, index: int, aim: bool) -> None:
        """Then it is registered again, if it was."""
        index = self.aimed(index, aim, lambda node: not node.held)
        self.attempt(self.nodes[index].node_retire(), index, "node_retire")
        node, owner = self.nodes[index], self.model.nodes[index].owner
        calls = (node.agreement(), node.node_register())
        self.attempt(calls, index, "node_register", owner, ASK)

    # --- stake ------------------------------------------------------------------------------------

    @rule(index=NODES, amount=AMOUNTS | st.just(0), around=AROUND)
    def stake_add(self, index: int, amount: int, around: int) -> None:
        chosen = max(0, amount + around)
        self.attempt(self.nodes[index].stake_add(chosen), index, "stake_add", chosen)

    @rule(index=NODES, around=AROUND, part=st.sampled_from([1, 2]))
    def stake_reduce(self, index: int, around: int, part: int) -> None:
        """About all that is above the requirement, or half of it."""
        node = self.model.nodes[index]
        above = max(0, node.stake + node.costake - node.needed) // part
        chosen = max(0, above + around)
        self.attempt(self.nodes[index].stake_reduce(chosen), index, "stake_reduce", chosen)

    @rule(index=NODES)
    def stake_unstake(self, index: int) -> None:
        taken = self.model.nodes[index].costake_share_bps > 0
        self.attempt(self.nodes[index].stake_unstake(record=taken), index, "stake_unstake")

    @rule(index=NODES, aim=AIM)
    def stake_withdraw(self, index: int, aim: bool) -> None:
        index = self.aimed(
            index, aim, lambda node: node.cooling > 0 and node.cooling_until <= self.now
        )
        self.attempt(self.nodes[index].stake_withdraw(), index, "stake_withdraw")

    @rule(index=NODES, around=AROUND)
    def leave_for_good(self, index: int, around: int) -> None:
        """Owner and co-staker go, and the node is registered anew."""
        self.stake_unstake(index)
        self.wait_for_what_is_next(around)
        self.wait_for_what_is_next(0)
        self.node_retire(index, False)
        self.stake_add(index, STAKE, 0)

    # --- co-stake ---------------------------------------------------------------------------------

    @rule(
        index=NODES, aim=AIM, amount=OFFERS, share_bps=st.sampled_from([1, 2_500, 10_000, 10_001])
    )
    def costake_offer(self, index: int, aim: bool, amount: int, share_bps: int) -> None:
        index = self.aimed(index, aim, lambda node: node.free and node.state == ACTIVE)
        call = self.nodes[index].costake_offer(amount, share_bps)
        self.attempt(call, index, "costake_offer", amount, share_bps)

    @rule(index=NODES, amount=OFFERS, wallet=st.sampled_from(COSTAKERS))
    def costake_offer_and_accept(self, index: int, amount: int, wallet: int) -> None:
        self.costake_offer(index, True, amount, 10_000)
        self.costake_accept(index, True, wallet, 0)

    @rule(index=NODES)
    def costake_revoke(self, index: int) -> None:
        self.attempt(self.nodes[index].costake_revoke(), index, "costake_revoke")

    @rule(index=NODES, aim=AIM, wallet=st.sampled_from((*COSTAKERS, *COSTAKERS, 0)), around=AROUND)
    def costake_accept(self, index: int, aim: bool, wallet: int, around: int) -> None:
        """On the offer's terms or about them; by an owner too."""
        index = self.aimed(index, aim, lambda node: node.offer_amount > 0)
        offered = self.model.nodes[index]
        if self.model.costakes.get(offered.owner) is None:
            return  # no record, so no account to name
        terms = max(0, offered.offer_amount + around), offered.offer_share_bps
        self.nodes[index].costaker = self.keys[wallet]
        call = self.nodes[index].costake_accept(*terms)
        self.attempt(call, index, "costake_accept", wallet, *terms, signer=self.keys[wallet])

    @rule(index=NODES, aim=AIM, wallet=st.sampled_from(COSTAKERS))
    def costake_leave(self, index: int, aim: bool, wallet: int) -> None:
        index = self.aimed(index, aim, lambda node: node.costake_share_bps > 0)
        costaker = self.model.nodes[index].costaker
        wallet = wallet if costaker is None or not aim else costaker
        self.nodes[index].costaker = self.keys[wallet]
        call = self.nodes[index].costake_leave()
        self.attempt(call, index, "costake_leave", wallet, signer=self.keys[wallet])

    @rule(index=NODES, aim=AIM)
    def costake_end(self, index: int, aim: bool) -> None:
        index = self.aimed(index, aim, lambda node: 0 < node.costake_leave_at <= self.now)
        if self.model.costakes.get(self.model.nodes[index].owner) is not None:
            self.attempt(self.nodes[index].costake_end(), index, "costake_end")

    @rule(index=NODES, aim=AIM)
    def costake_withdraw(self, index: int, aim: bool) -> None:
        index = self.aimed(
            index,
            aim,
            lambda node: node.cooling_costake > 0 and node.costake_cooling_until <= self.now,
        )
        costaker = self.model.nodes[index].costaker
        self.nodes[index].costaker = self.keys[COSTAKERS[0] if costaker is None else costaker]
        self.attempt(self.nodes[index].costake_withdraw(), index, "costake_withdraw")

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def nodes_are_as_the_model_says(self) -> None:
        for node, model in zip(self.nodes, self.model.nodes, strict=True):
            found: Any = node.read_node()
            assert {name: getattr(found, name) for name in SAME} == {
                name: getattr(model, name) for name in SAME
            }
            assert found.owner == self.wallet(model.owner)
            assert (found.payee, found.prev_payee) == (
                self.wallet(model.payee),
                self.wallet(model.prev_payee),
            )
            assert found.costaker == self.wallet(model.costaker)

    @invariant()
    def every_unit_is_somewhere(self) -> None:
        config, world = self.nodes[0].read_staking(), self.world
        held = sum(node.held for node in self.model.nodes) + self.model.frozen
        assert config.total_staked == self.model.total == held
        assert config.frozen == self.model.frozen
        assert world.balance(addresses.stake_vault()) == held + self.model.donated
        balances = [world.balance(addresses.tokens(key.pubkey())) for key in self.keys]
        assert balances == self.model.wallets

    @invariant()
    def whoever_is_active_has_its_stake(self) -> None:
        for node in self.model.nodes:
            if node.state in (ACTIVE, PAUSED):
                assert node.stake + node.costake >= node.needed
                assert 2 * node.stake >= node.needed

    @invariant()
    def owners_are_counted_right(self) -> None:
        for owner, count in self.model.costakes.items():
            taken = [n for n in self.model.nodes if n.owner == owner and n.costake_share_bps]
            assert count == len(taken) <= 2
            assert self.nodes[OWNERS.index(owner)].read_record().costakes == count

    # --- how --------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return self.world.now

    def pass_time(self, seconds: int) -> None:
        self.world.now += seconds
        self.model.now = self.now
        self.model.hour = (self.now - START) // HOUR + 1

    def aimed(self, index: int, aim: bool, fits: Callable[[NodeModel], bool]) -> int:
        """The node of that number, or when aiming one that fits, if any does."""
        found = [at for at, node in enumerate(self.model.nodes) if fits(node)]
        return found[index % len(found)] if aim and found else index

    def wallet(self, number: int | None) -> Pubkey:
        return NOBODY if number is None else self.keys[number].pubkey()

    def attempt(
        self,
        calls: Instruction | tuple[Instruction, ...],
        index: int,
        step: str,
        *args: int,
        signer: Keypair | None = None,
    ) -> None:
        """The chain does what the model does, or refuses with the error that the model names."""
        model = deepcopy(self.model)
        expected = _outcome(lambda: getattr(model, step)(index, *args))
        sent = calls if isinstance(calls, tuple) else (calls,)
        signers = [signer or self.nodes[index].owner]
        found = _outcome(lambda: self.world.send(*sent, signers=signers))
        assert found == expected, step
        self.happened(step, found)
        if expected is None:
            self.model = model

    def happened(self, step: str, outcome: str | None) -> None:
        """For those who count what a run has reached."""


def _outcome(step: Callable[[], object]) -> str | None:
    """The name of the refusal, None where there is none."""
    try:
        step()
    except Refused as refused:
        return str(refused)
    except ProgramFailed as failed:
        return failed.name
    return None
