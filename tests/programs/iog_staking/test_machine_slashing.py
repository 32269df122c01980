"""Slash cases between everything that owners, co-stakers and backers do, in any order, against a
model in plain integers: no unit is made, lost or counted twice."""

from hashlib import sha256
from typing import Any

from case_model import SlashingModel
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from node_machine import AMOUNTS, AROUND, COSTAKERS, NODES, NodeMachine

from iog_client import addresses
from iog_client._generated.iog_token import accounts as token_accounts
from machines import machine_test
from pool_world import Pool
from registry_world import NOTICE, STAKE
from slash_world import APPEALED, KINDS, Court
from stages import GENESIS, advance
from world import swap

STEPS = ["appeal", "appeal", "uphold", "drop", "close"]
WAYS = [
    ("drop",),
    ("wait", "close"),
    ("appeal", "drop"),
    ("appeal", "uphold"),
    ("appeal", "wait", "close"),
]
PARTS = st.sampled_from([1, 7_777, 10_000, 10_000])
BACKING = 10 * STAKE
BPS = [0, 1, 333, 500, 501, 2_500, 2_501, 10_000, 10_001]


class Slashing(NodeMachine):
    model: SlashingModel

    @initialize()
    def bring_up(self) -> None:
        super().bring_up()
        self.model = SlashingModel(**vars(self.model))
        self.pool = Pool(self.nodes[0].net.rewards())
        self.backer = self.pool.wallet(BACKING)
        self.opened = 0
        self.evidence: dict[int, bytes] = {}

    def attempt(self, *args: Any, **options: Any) -> None:
        """A second passes between any two steps."""
        super().attempt(*args, **options)
        self.pass_time(1)

    def court(self, index: int) -> Court:
        """Of the newest case of a node."""
        return Court(self.nodes[index], self.evidence[index])

    # --- slasher, parties and arbiter -------------------------------------------------------------

    @rule(index=NODES, kind=st.integers(0, len(KINDS) + 1), bps=st.sampled_from(BPS))
    def case_open(self, index: int, kind: int, bps: int) -> None:
        self.opened += 1
        court = Court(self.nodes[index], sha256(self.opened.to_bytes(4, "big")).digest())
        seen = len(self.model.cases.get(index, []))
        self.attempt(
            court.case_open(kind, bps), index, "case_open", kind, bps, signer=court.slasher
        )
        if len(self.model.cases.get(index, [])) > seen:
            self.evidence[index] = court.evidence

    @rule(index=NODES, bps=PARTS, ways=st.sampled_from(WAYS))
    def case_is_decided(self, index: int, bps: int, ways: tuple[str, ...]) -> None:
        self.run(index, bps, ways)

    @rule(index=NODES, bps=PARTS, ways=st.sampled_from(WAYS))
    def case_of_an_owner_who_leaves(self, index: int, bps: int, ways: tuple[str, ...]) -> None:
        self.run(index, bps, ways, owner=True)

    @rule(index=NODES, bps=PARTS, ways=st.sampled_from(WAYS))
    def case_of_a_co_staker_who_leaves(self, index: int, bps: int, ways: tuple[str, ...]) -> None:
        self.run(index, bps, ways, costaker=True)

    def run(self, index: int, bps: int, ways: tuple[str, ...], **leave: bool) -> None:
        """A case from the opening to the end, with somebody leaving in between."""
        self.the_program_pauses_or_resumes(False)
        if leave:
            self.stake_add(index, STAKE, 0)
            self.costake_offer_and_accept(index, STAKE // 4, COSTAKERS[0])
        self.case_open(index, 1, bps)
        if not self.model.nodes[index].case_open:
            return
        self.leave(index, **leave)
        for step in ways:
            if step == "wait":
                self.pass_time(max(0, self.model.newest(index).deadline - self.now))
            else:
                getattr(self, f"case_{step}")(index, None)

    @rule(pick=NODES, step=st.sampled_from(STEPS), other=st.sampled_from((None, *COSTAKERS)))
    def case_goes_on(self, pick: int, step: str, other: int | None) -> None:
        """Of a node whose case is open, where there is one."""
        nodes = self.under_case or sorted(self.model.cases)
        if nodes:
            index = nodes[pick % len(nodes)]
            getattr(self, f"case_{step}")(index, other)

    @rule(pick=NODES, around=AROUND)
    def case_waits_for_its_deadline(self, pick: int, around: int) -> None:
        if nodes := self.under_case:
            index = nodes[pick % len(nodes)]
            until = self.model.newest(index).deadline + around
            self.pass_time(max(0, until - self.now))
            self.attempt(self.court(index).case_close(), index, "case_close")

    def leave(self, index: int, *, owner: bool = False, costaker: bool = False) -> None:
        if owner:
            self.stake_unstake(index)
        wallet = self.model.nodes[index].costaker
        if costaker and wallet is not None:
            self.costake_leave(index, False, wallet)
            self.pass_time(NOTICE)
            self.costake_end(index, False)

    def case_appeal(self, index: int, other: int | None) -> None:
        wallet = self.model.nodes[index].owner if other is None else other
        call = self.court(index).case_appeal(self.keys[wallet].pubkey())
        self.attempt(call, index, "case_appeal", wallet, signer=self.keys[wallet])

    def case_uphold(self, index: int, other: int | None) -> None:
        court = self.court(index)
        arbiter = other is None
        judge = court.arbiter if arbiter else court.slasher
        call = swap(court.case_uphold(), court.arbiter.pubkey(), judge.pubkey())
        self.attempt(call, index, "case_uphold", arbiter, signer=judge)

    def case_drop(self, index: int, other: int | None) -> None:
        court = self.court(index)
        arbiter = (self.model.newest(index).state == APPEALED) == (other is None)
        judge = court.arbiter if arbiter else court.slasher
        self.attempt(court.case_drop(judge), index, "case_drop", arbiter, signer=judge)

    def case_close(self, index: int, other: int | None) -> None:
        self.attempt(self.court(index).case_close(), index, "case_close")

    @property
    def under_case(self) -> list[int]:
        return [index for index, node in enumerate(self.model.nodes) if node.case_open]

    # --- the pool and the guardian ----------------------------------------------------------------

    @rule(amount=AMOUNTS, out=st.booleans())
    def pool_changes(self, amount: int, out: bool) -> None:
        self.world.send(advance())
        if out and self.pool.read().pool_total >= amount:
            self.pool.unstake(self.backer, amount)
        elif not self.model.paused and self.pool.tokens(self.backer) >= amount:
            self.pool.stake(self.backer, amount)
            self.model.backed += amount

    @rule()
    def pool_withdraw(self) -> None:
        if self.pool.read().pool_unbonding:
            backer = self.pool.read_backer(self.backer)
            self.pass_time(max(0, backer.unbonding_until - self.now))
            self.pool.withdraw(self.backer)
            self.model.backed -= backer.unbonding

    @rule(paused=st.sampled_from([False, False, False, True]))
    def the_program_pauses_or_resumes(self, paused: bool) -> None:
        self.model.paused = paused
        self.nodes[0].pause_program(paused)

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def every_unit_is_somewhere(self) -> None:
        config, world, model = self.pool.read(), self.world, self.model
        buckets = sum(node.held for node in model.nodes)
        assert (config.total_staked, config.frozen) == (buckets + model.frozen, model.frozen)
        assert config.total_staked == model.total
        assert config.pool_total + config.pool_unbonding == model.backed
        assert self.pool.tokens(self.backer) == BACKING - model.backed
        vault = world.balance(addresses.stake_vault())
        assert vault - model.donated == config.total_staked + model.backed
        balances = [world.balance(addresses.tokens(key.pubkey())) for key in self.keys]
        assert balances == model.wallets
        minted = world.account(token_accounts.Config, addresses.token_config()).minted
        assert world.supply() == GENESIS + minted - model.burned

    @invariant()
    def frozen_stake_is_what_open_cases_hold(self) -> None:
        opened = [cases[-1] for cases in self.model.cases.values() if cases[-1].state <= APPEALED]
        assert self.model.frozen == sum(sum(case.parts) for case in opened)
        assert len(opened) == sum(node.case_open for node in self.model.nodes)
        for index, cases in self.model.cases.items():
            court = self.court(index)
            assert (court.read().state, court.read().deadline) == (
                cases[-1].state,
                cases[-1].deadline,
            )
            assert list(court.parts()) == cases[-1].parts


TestSlashing = machine_test(Slashing, examples=64, steps=36)
