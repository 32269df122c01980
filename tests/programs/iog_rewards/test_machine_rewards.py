"""Roots and claims in any order, against an exact model of the distributor and of every wallet."""

from dataclasses import dataclass, field

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.accounts import Recipient
from iog_client._generated.iog_token.accounts import Config
from machines import Machine, machine_test
from rewards_calls import distributor, pause, resume, set_oracles, veto
from stages import HOUR, advance, network
from trees import DELAY, Hour, claim, cosigned, propose
from world import ProgramFailed, World, transfer_tokens

WALLETS = [Pubkey.from_bytes(bytes([40 + at]) * 32) for at in range(5)]
EMPTY = Hour(0, {})


@dataclass
class Root:
    """A proposed hour with the total that its oracles state for it."""

    hour: Hour
    total: int
    due: int = 0


@dataclass
class Model:
    """What the distributor and the wallets should hold."""

    live: Root = field(default_factory=lambda: Root(EMPTY, 0))
    pending: Root | None = None
    old: list[Hour] = field(default_factory=list)
    had: dict[Pubkey, int] = field(default_factory=lambda: dict.fromkeys(WALLETS, 0))
    paused: bool = False
    threshold: int = 1
    given: int = 0

    def promote(self, now: int) -> None:
        if self.pending is not None and now >= self.pending.due:
            self.old.append(self.live.hour)
            self.live, self.pending = self.pending, None

    def promoted(self, now: int) -> Root:
        due = self.pending is not None and now >= self.pending.due
        return self.pending if due and self.pending else self.live


class RewardsMachine(Machine):
    """One distributor with five wallets and three oracles."""

    @initialize()
    def starts(self) -> None:
        self.world = World()
        self.net = network(self.world).running()
        for wallet in WALLETS:
            self.world.tokens(wallet)
        self.donor = self.net.fund(self.net.oracles[2].pubkey(), 10**12)
        self.model = Model()

    def refused(self, error: str, instruction: Instruction, *signers: Keypair) -> None:
        with pytest.raises(ProgramFailed, match=f"^{error}"):
            self.world.send(instruction, signers=signers)

    @property
    def token(self) -> Config:
        return self.world.account(Config, addresses.token_config())

    # --- time and cranks --------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1, DELAY - 1, DELAY, HOUR, 3 * HOUR, 100 * HOUR]))
    def time_passes(self, seconds: int) -> None:
        self.world.now += seconds

    @rule()
    def cranks(self) -> None:
        self.world.send(advance())

    # --- roots ------------------------------------------------------------------------------------

    @rule(data=st.data(), lie=st.sampled_from([None, None, None, "low", "below", "above"]))
    def proposes(self, data: st.DataObject, lie: str | None) -> None:
        """Leaves rise, one may fall; the epoch is the next, a later or an impossible one."""
        live = self.model.promoted(self.world.now)
        token = self.token
        epoch = data.draw(
            st.one_of(
                st.just(token.advanced_hour),
                st.just(live.hour.epoch + 1),
                st.sampled_from([0, live.hour.epoch, token.advanced_hour + 1, 2**32 - 1]),
            )
        )
        room = max(token.to_rewards - live.total, 0)
        grow = st.integers(0, room // len(WALLETS))
        leaves = {wallet: live.hour.given.get(wallet, 0) + data.draw(grow) for wallet in WALLETS}
        if data.draw(st.booleans()):
            fallen = data.draw(st.sampled_from(WALLETS))
            leaves[fallen] = data.draw(st.integers(0, leaves[fallen]))
        hour = Hour(epoch, leaves)
        total = {
            "low": live.total,
            "below": live.total - 1,
            "above": token.to_rewards + 1,
        }.get(lie or "", max(hour.total, live.total))
        if total >= 0:
            self.propose(Root(hour, total), data.draw(st.integers(0, 2)))

    def propose(self, root: Root, others: int) -> None:
        net, world, model, epoch = self.net, self.world, self.model, root.hour.epoch
        keys = net.oracles[1 : 1 + others]
        instruction = cosigned(propose(net, root.hour, total=root.total), keys)
        error = self.proposal_error(root, 1 + others)
        if error is not None:
            self.refused(error, instruction, net.oracles[0], *keys)
            return
        world.send(instruction, signers=[net.oracles[0], *keys])
        model.promote(world.now)
        root.due = world.now + DELAY
        model.pending = root
        assert epoch <= self.token.advanced_hour

    def proposal_error(self, root: Root, signatures: int) -> str | None:
        model, now, token = self.model, self.world.now, self.token
        live, epoch = model.promoted(now), root.hour.epoch
        refusals = [
            ("Paused", model.paused),
            ("TooFewOracles", signatures < model.threshold),
            ("RootPending", model.pending is not None and now < model.pending.due),
            ("EpochNotNew", epoch <= live.hour.epoch),
            ("EpochNotMinted", epoch > token.advanced_hour),
            ("TotalFell", root.total < live.total),
            ("TotalAboveEmission", root.total > token.to_rewards),
        ]
        return next((name for name, holds in refusals if holds), None)

    @rule(who=st.sampled_from(["guardian", "guardian", "authority"]))
    def vetoes(self, who: str) -> None:
        key, pending = getattr(self.net, who), self.model.pending
        if who != "guardian":
            self.refused("WrongGuardian", veto(key.pubkey()), key)
        elif pending is None:
            self.refused("NoRootPending", veto(key.pubkey()), key)
        elif self.world.now >= pending.due:
            self.refused("RootDue", veto(key.pubkey()), key)
        else:
            self.world.send(veto(key.pubkey()), signers=[key])
            self.model.pending = None

    # --- authorities ------------------------------------------------------------------------------

    @rule(who=st.sampled_from(["guardian", "authority", "slasher"]))
    def pauses(self, who: str) -> None:
        key = getattr(self.net, who)
        if who == "slasher":
            self.refused("NotGuardianNorAuthority", pause(key.pubkey()), key)
        elif self.model.paused:
            self.refused("Paused", pause(key.pubkey()), key)
        else:
            self.world.send(pause(key.pubkey()), signers=[key])
            self.model.paused = True

    @rule()
    def resumes(self) -> None:
        if self.model.paused:
            self.world.send(resume(self.net), signers=[self.net.authority])
            self.model.paused = False
        else:
            self.refused("NotPaused", resume(self.net), self.net.authority)

    @rule(threshold=st.integers(0, 4))
    def sets_the_threshold(self, threshold: int) -> None:
        keys = [oracle.pubkey() for oracle in self.net.oracles]
        instruction = set_oracles(self.net, threshold, keys)
        if 1 <= threshold <= 3:
            self.world.send(instruction, signers=[self.net.authority])
            self.model.threshold = threshold
        else:
            self.refused("ThresholdOutOfRange", instruction, self.net.authority)

    # --- claims and gifts -------------------------------------------------------------------------

    @rule(wallet=st.sampled_from(WALLETS), more=st.sampled_from([0, 0, 0, 1]))
    def claims(self, wallet: Pubkey, more: int) -> None:
        """Against the root that is live or due, sometimes for one unit more than it gives."""
        model, world = self.model, self.world
        root = model.promoted(world.now)
        if root.hour.epoch == 0:
            self.refused("StaleRoot", claim(world, Hour(1, {wallet: 1}), wallet))
            return
        leaf = root.hour.given[wallet]
        instruction = claim(world, root.hour, wallet, cumulative=leaf + more)
        if more:
            self.refused("WrongProof", instruction)
        elif leaf <= model.had[wallet]:
            self.refused("NothingToClaim", instruction)
        elif sum(model.had.values()) + leaf - model.had[wallet] > root.total:
            self.refused("TotalExceeded", instruction)
        else:
            world.send(instruction)
            model.promote(world.now)
            model.had[wallet] = leaf

    @rule(wallet=st.sampled_from(WALLETS))
    def claims_against_another_root(self, wallet: Pubkey) -> None:
        """Against one that was live before, or is not yet."""
        model, now = self.model, self.world.now
        live = model.promoted(now).hour
        waiting = [model.pending.hour] if model.pending and now < model.pending.due else []
        for other in [*model.old[-1:], *waiting]:
            if other.epoch and other.tree.root != (live.tree.root if live.epoch else b""):
                self.refused("StaleRoot", claim(self.world, other, wallet))

    @rule(amount=st.integers(1, 10**6))
    def someone_gives(self, amount: int) -> None:
        owner = self.net.oracles[2]
        gift = transfer_tokens(owner.pubkey(), self.donor, addresses.rewards_vault(), amount)
        self.world.send(gift, signers=[owner])
        self.model.given += amount

    # --- what holds after every step --------------------------------------------------------------

    @invariant()
    def the_distributor_is_the_models(self) -> None:
        state, model = distributor(self.world), self.model
        assert (state.epoch, state.total) == (model.live.hour.epoch, model.live.total)
        assert state.root == (model.live.hour.tree.root if state.epoch else bytes(32))
        pending = model.pending or Root(EMPTY, 0)
        assert (state.pending_epoch, state.pending_total) == (pending.hour.epoch, pending.total)
        assert state.active_at == pending.due
        assert (state.paused, state.threshold) == (model.paused, model.threshold)
        assert state.claimed == sum(model.had.values())

    @invariant()
    def everyone_has_what_was_claimed_and_no_more_than_was_emitted(self) -> None:
        had, token = self.model.had, self.token
        for wallet, amount in had.items():
            assert self.world.balance(addresses.tokens(wallet)) == amount
            record = addresses.recipient(wallet)
            assert self.world.exists(record) == (amount > 0)
            if amount:
                assert self.world.account(Recipient, record).claimed == amount
        paid = sum(had.values())
        assert paid <= self.model.live.total <= token.to_rewards
        left = token.to_rewards - paid + self.model.given
        assert self.world.balance(addresses.rewards_vault()) == left


TestRewards = machine_test(RewardsMachine, examples=45, steps=50)
