"""Slash cases between everything that owners, co-stakers and backers do, in any order, against a
model in plain integers: no unit is made, lost or counted twice."""

from hashlib import sha256
from typing import Any

from case_model import SlashingModel
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from node_machine import AMOUNTS, AROUND, COSTAKERS, NODES, STRANGER, NodeMachine

from iog_client import addresses
from iog_client._generated.iog_token import accounts as token_accounts
from machines import machine_test
from pool_world import Pool
from slash_world import APPEAL, APPEALED, KINDS, Court
from stages import GENESIS, advance

BPS = [0, 1, 333, 500, 501, 2_500, 2_501, 10_000, 10_001]


class Slashing(NodeMachine):
    model: SlashingModel

    @initialize()
    def bring_up(self) -> None:
        super().bring_up()
        self.model = SlashingModel(**vars(self.model))
        self.pool = Pool(self.nodes[0].net.rewards())
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

    @rule(index=NODES, kind=st.sampled_from([1, 2, 3]), bps=st.sampled_from([1, 7_777, 10_000]))
    def case_that_may_take_all(self, index: int, kind: int, bps: int) -> None:
        self.case_open(index, kind, bps)

    @rule(index=NODES, other=st.sampled_from((None, None, *COSTAKERS)))
    def case_appeal(self, index: int, other: int | None) -> None:
        if index in self.model.cases:
            wallet = self.model.nodes[index].owner if other is None else other
            call = self.court(index).case_appeal(self.keys[wallet].pubkey())
            self.attempt(call, index, "case_appeal", wallet, signer=self.keys[wallet])

    @rule(index=NODES)
    def case_uphold(self, index: int) -> None:
        if index in self.model.cases:
            court = self.court(index)
            self.attempt(court.case_uphold(), index, "case_uphold", True, signer=court.arbiter)

    @rule(index=NODES, right=st.integers(0, 3))
    def case_drop(self, index: int, right: int) -> None:
        if index in self.model.cases:
            court = self.court(index)
            arbiter = (self.model.newest(index).state == APPEALED) == bool(right)
            judge = court.arbiter if arbiter else court.slasher
            self.attempt(court.case_drop(judge), index, "case_drop", arbiter, signer=judge)

    @rule(index=NODES)
    def case_close(self, index: int) -> None:
        if index in self.model.cases:
            self.attempt(self.court(index).case_close(), index, "case_close")

    @rule(index=NODES, around=AROUND)
    def wait_for_the_deadline(self, index: int, around: int) -> None:
        if index in self.model.cases:
            until = self.model.newest(index).deadline + around
            self.pass_time(max(0, until - self.now))

    @rule()
    def wait_a_month(self) -> None:
        self.pass_time(APPEAL)

    # --- the pool and the guardian ----------------------------------------------------------------

    @rule(amount=AMOUNTS, out=st.booleans())
    def pool_changes(self, amount: int, out: bool) -> None:
        key, config = self.keys[STRANGER], self.pool.read()
        self.world.send(advance())
        if out and config.pool_total >= amount:
            self.pool.unstake(key, amount)
        elif self.model.wallets[STRANGER] >= amount and not self.model.paused:
            self.pool.stake(key, amount)
            self.model.wallets[STRANGER] -= amount
            self.model.backed += amount

    @rule()
    def pool_withdraw(self) -> None:
        if self.world.exists(addresses.backer(self.keys[STRANGER].pubkey())):
            backer = self.pool.read_backer(self.keys[STRANGER])
            if backer.unbonding:
                self.pass_time(max(0, backer.unbonding_until - self.now))
                self.pool.withdraw(self.keys[STRANGER])
                self.model.wallets[STRANGER] += backer.unbonding
                self.model.backed -= backer.unbonding

    @rule()
    def the_program_pauses_or_resumes(self) -> None:
        self.model.paused = not self.model.paused
        self.nodes[0].pause_program(self.model.paused)

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def every_unit_is_somewhere(self) -> None:
        config, world, model = self.pool.read(), self.world, self.model
        buckets = sum(node.held for node in model.nodes)
        assert (config.total_staked, config.frozen) == (buckets + model.frozen, model.frozen)
        assert config.total_staked == model.total
        assert config.pool_total + config.pool_unbonding == model.backed
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


TestSlashing = machine_test(Slashing, examples=34, steps=60)
