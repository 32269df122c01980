"""Stake, co-stake, the pool and slash cases of two nodes of one owner, in any order, against a
model in plain integers: no unit is made, lost or counted twice."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from solders.instruction import Instruction
from solders.keypair import Keypair

from iog_client import addresses
from iog_client._generated.iog_token import accounts as token_accounts
from machines import Machine, machine_test
from pool_world import Pool
from registry_world import COOLING, FUNDS, NOTICE, SHARE_BPS, STAKE, Registry
from registry_world import registry as bring_up
from slash_world import APPEAL, KINDS, Court
from stages import GENESIS, HOUR, advance, network
from stake_model import ExactNode, ExactOwner
from world import ProgramFailed, World

NODES = 2
place = st.integers(0, NODES - 1)
amounts = st.one_of(
    st.integers(1, 9),
    st.sampled_from([STAKE // 2 - 1, STAKE // 2, STAKE - 1, STAKE]),
    st.integers(1, STAKE),
)
kinds = st.integers(0, len(KINDS) + 1)
shares = st.one_of(st.sampled_from([0, 1, 499, 500, 501, 2_500, 2_501, 10_000]), st.integers(1, 99))


class SlashingMachine(Machine):
    def __init__(self) -> None:
        super().__init__()
        first = bring_up(network(World())).registered()
        second = Registry(first.net, first.owner, first.world.keypair())
        first.world.send(second.agreement(), second.node_register(), signers=[second.owner])
        self.world, self.nodes = first.world, [first, second]
        for node in self.nodes:
            first.net.fund(node.costaker.pubkey(), FUNDS)
        self.pool = Pool(first.net)
        self.backer, self.pool_amount = self.pool.backed(), 10 * STAKE
        self.pool.stake(self.backer, self.pool_amount - self.pool.read().pool_total)
        self.owner = ExactOwner()
        self.exact = [ExactNode(self.owner) for _ in self.nodes]
        self.donated = 0

    # --- doing and comparing ----------------------------------------------------------------------

    def attempt(self, accepted: bool, call: Instruction, *signers: Keypair) -> None:
        """The program does what the model did: accepts, or refuses."""
        refusal = None
        try:
            self.world.send(call, signers=signers)
        except ProgramFailed as failed:
            refusal = failed
        assert (refusal is None) == accepted, f"{refusal}"
        self.world.now += 1

    def by_owner(self, at: int, verb: str, *args: Any, **options: Any) -> None:
        """A verb of the owner that takes no time."""
        node, model = self.nodes[at], self.exact[at]
        accepted = getattr(model, verb)(*args)
        self.attempt(accepted, getattr(node, verb)(*args, **options), node.owner)

    def in_time(self, at: int, verb: str, *signers: Keypair, **options: Any) -> None:
        """A verb whose outcome depends on the time alone."""
        accepted = getattr(self.exact[at], verb)(self.world.now)
        self.attempt(accepted, getattr(self.nodes[at], verb)(**options), *signers)

    def court(self, at: int) -> Court:
        """Of the newest case of a node, or of the first to come."""
        number = max(len(self.exact[at].cases), 1)
        return Court(self.nodes[at], sha256(bytes([at, number])).digest())

    def judge(self, at: int, verb: str, call: Callable[[Court], Instruction], key: Keypair) -> None:
        if not self.exact[at].cases:
            return
        accepted = getattr(self.exact[at], verb)(self.world.now)
        self.attempt(accepted, call(self.court(at)), key)

    # --- the owner and the co-stakers -------------------------------------------------------------

    @initialize(amount=st.sampled_from([STAKE, STAKE + 7, 2 * STAKE]))
    def both_are_staked(self, amount: int) -> None:
        for at in range(NODES):
            self.by_owner(at, "stake_add", amount)

    @rule(at=place, amount=amounts)
    def stake_add(self, at: int, amount: int) -> None:
        self.by_owner(at, "stake_add", amount)

    @rule(at=place, amount=amounts)
    def stake_reduce(self, at: int, amount: int) -> None:
        self.by_owner(at, "stake_reduce", amount)

    @rule(at=place)
    def stake_unstake(self, at: int) -> None:
        record = self.world.exists(self.nodes[at].record)
        self.in_time(at, "stake_unstake", self.nodes[at].owner, record=record)

    @rule(at=place)
    def stake_withdraw(self, at: int) -> None:
        self.in_time(at, "stake_withdraw")

    @rule(at=place, verb=st.sampled_from(["node_pause", "node_resume"]))
    def node_pause(self, at: int, verb: str) -> None:
        self.by_owner(at, verb)

    @rule(at=place, amount=amounts, other=amounts, same=st.integers(0, 5))
    def costake_offer_and_accept(self, at: int, amount: int, other: int, same: int) -> None:
        self.by_owner(at, "costake_offer", amount)
        named = amount if same else other
        node, key = self.nodes[at], self.nodes[at].costaker
        if self.world.exists(node.record):
            accepted = self.exact[at].costake_accept(named)
            self.attempt(accepted, node.costake_accept(named, SHARE_BPS), key)

    @rule(at=place)
    def costake_leave(self, at: int) -> None:
        # A wallet that has never co-staked is not the co-staker: refused like one that has left.
        self.in_time(at, "costake_leave", self.nodes[at].costaker)

    @rule(at=place)
    def costake_end(self, at: int) -> None:
        if self.world.exists(self.nodes[at].record):
            self.in_time(at, "costake_end")

    @rule(at=place)
    def costake_withdraw(self, at: int) -> None:
        self.in_time(at, "costake_withdraw")

    # --- slasher, parties and arbiter -------------------------------------------------------------

    @rule(at=place, kind=kinds, bps=shares)
    def case_open(self, at: int, kind: int, bps: int) -> None:
        node = self.nodes[at]
        evidence = sha256(bytes([at, len(self.exact[at].cases) + 1])).digest()
        accepted = self.exact[at].case_open(kind, bps, self.world.now)
        call = Court(node, evidence).case_open(kind, bps)
        self.attempt(accepted, call, node.net.slasher)

    @rule(at=place, total=st.sampled_from([1, 2, 3]))
    def case_takes_everything(self, at: int, total: int) -> None:
        self.case_open(at, total, 10_000)

    @rule(at=place)
    def case_appeal(self, at: int) -> None:
        owner = self.nodes[at].owner
        self.judge(at, "case_appeal", lambda court: court.case_appeal(owner.pubkey()), owner)

    @rule(at=place)
    def case_uphold(self, at: int) -> None:
        self.judge(at, "case_uphold", Court.case_uphold, self.nodes[at].net.arbiter)

    @rule(at=place)
    def case_drop(self, at: int) -> None:
        net, case = self.nodes[at].net, self.exact[at].case
        key = net.arbiter if case and case.state else net.slasher
        self.judge(at, "case_drop", lambda court: court.case_drop(key), key)

    @rule(at=place)
    def case_close(self, at: int) -> None:
        self.judge(at, "case_close", Court.case_close, self.world.payer)

    # --- time, the pool and strangers -------------------------------------------------------------

    @rule(seconds=st.sampled_from([HOUR, NOTICE, COOLING, APPEAL]))
    def time_passes(self, seconds: int) -> None:
        self.world.now += seconds

    @rule(amount=st.integers(1, STAKE), out=st.booleans())
    def pool_changes(self, amount: int, out: bool) -> None:
        self.world.send(advance())
        if out and self.pool.read().pool_total >= amount:
            self.pool.unstake(self.backer, amount)
        elif self.pool.tokens(self.backer) >= amount:
            self.pool.stake(self.backer, amount)

    @rule(amount=st.integers(1, STAKE))
    def donate(self, amount: int) -> None:
        self.pool.donate(addresses.stake_vault(), amount)
        self.donated += amount

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def the_nodes_are_the_model_s(self) -> None:
        for node, model in zip(self.nodes, self.exact, strict=True):
            seen = node.read_node()
            assert (seen.stake, seen.costake, seen.cooling, seen.cooling_costake) == model.buckets
            assert (seen.state, seen.case_open) == (model.state, int(model.case is not None))
            assert (seen.offer_amount, seen.costake_share_bps > 0) == (model.offer, model.shared)
            assert seen.costake_leave_at == model.leave_at
            if model.cooling:
                assert seen.cooling_until == model.until
            if model.cooling_costake:
                assert seen.costake_cooling_until == model.costake_until

    @invariant()
    def no_unit_is_made_or_lost(self) -> None:
        config = self.pool.read()
        frozen = sum(model.frozen for model in self.exact)
        buckets = sum(sum(model.buckets) for model in self.exact)
        assert (config.frozen, config.total_staked) == (frozen, buckets + frozen)
        vault = self.world.balance(addresses.stake_vault()) - self.donated
        assert vault == config.total_staked + config.pool_total + config.pool_unbonding
        emitted = self.world.account(token_accounts.Config, addresses.token_config()).minted
        assert self.world.supply() == GENESIS + emitted - self.owner.burned

    @invariant()
    def an_owner_s_taken_offers_are_counted(self) -> None:
        record = self.nodes[0].record
        if self.world.exists(record):
            assert self.nodes[0].read_record().costakes == self.owner.costakes


TestSlashing = machine_test(SlashingMachine, examples=50, steps=40)
