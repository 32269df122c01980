"""Emission, shares of the pool and vesting in any order, against an exact model.

The model knows nothing of cranks: a share holds from its hour on, and what a crank leaves behind is
computed from the hours that have ended alone.
"""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_token.accounts import Bucket
from machines import Machine, machine_test
from stages import GENESIS, HOUR, MONTH, advance, allocate, claim_vesting, network, seal, start
from token_calls import HOURS, TOTAL, cancel_split, config, emitted, set_split
from world import ProgramFailed, World, transfer_tokens

CAP = 800_000_000 * 10**8


@dataclass(frozen=True)
class Plan:
    """A genesis bucket's amount and schedule."""

    amount: int
    launch_bps: int
    cliff_months: int
    linear_months: int

    def due(self, months: int) -> int:
        launch = int(Fraction(self.amount * self.launch_bps, 10_000))
        passed = months - self.cliff_months
        if passed < 0:
            return launch
        rest = self.amount - launch
        if passed >= self.linear_months:
            return self.amount
        return launch + int(Fraction(rest * passed, self.linear_months))


PLANS = [
    Plan(GENESIS // 2, 10_000, 0, 0),
    Plan(GENESIS // 3, 777, 6, 24),
    Plan(GENESIS - GENESIS // 2 - GENESIS // 3, 0, 0, 48),
]
VAULTS = {
    "rewards": addresses.rewards_vault,
    "pool": addresses.pool_vault,
    "vesting": addresses.vesting_vault,
}


class EmissionMachine(Machine):
    """One network from the start of its emission to long after its end."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.net = network(self.world)
        self.holders = [self.net.beneficiary, self.world.keypair(), self.world.keypair()]
        self.advanced = 0
        self.announced: tuple[int, int] | None = None
        self.taken = [0] * len(PLANS)
        self.given = dict.fromkeys(VAULTS, 0)
        self.burned = 0

    @initialize(pool_bps=st.sampled_from([0, 1, 1_000, 3_333, 10_000]))
    def starts(self, pool_bps: int) -> None:
        self.shares = [(0, pool_bps)]
        net, world = self.net.initialized(pool_bps=pool_bps), self.world
        for index, plan in enumerate(PLANS):
            bucket = allocate(
                net,
                index=index,
                amount=plan.amount,
                beneficiary=self.holders[index].pubkey(),
                launch_bps=plan.launch_bps,
                cliff_months=plan.cliff_months,
                linear_months=plan.linear_months,
            )
            world.send(bucket, signers=[net.authority])
            world.tokens(self.holders[index].pubkey())
        world.send(seal(net), signers=[net.authority])
        world.send(start(net, world.now), signers=[net.authority])
        net.staking().rewards()
        self.begin = world.now
        self.vests(0)

    # --- the model --------------------------------------------------------------------------------

    @property
    def ended(self) -> int:
        return min((self.world.now - self.begin) // HOUR, HOURS)

    @property
    def running(self) -> int:
        return (self.world.now - self.begin) // HOUR + 1

    @property
    def due(self) -> bool:
        return self.announced is not None and self.ended >= self.announced[0]

    def to_pool(self, hour: int) -> int:
        """The pool's total after an hour, by the shares that hold until then."""
        ends = [begin for begin, _ in self.shares[1:]] + [hour]
        return sum(
            int(Fraction((emitted(end) - emitted(begin)) * bps, 10_000))
            for (begin, bps), end in zip(self.shares, ends, strict=True)
        )

    def refused(self, error: str, instruction: Instruction, *signers: Keypair) -> None:
        with pytest.raises(ProgramFailed, match=f"^{error}"):
            self.world.send(instruction, signers=signers)

    # --- time and cranks --------------------------------------------------------------------------

    @rule(seconds=st.one_of(st.integers(1, 3 * HOUR), st.integers(1, 30 * MONTH)))
    def time_passes(self, seconds: int) -> None:
        self.world.now += seconds

    @rule(hours=st.integers(1, 3), off=st.sampled_from([-1, 0, 1]))
    def time_passes_to_the_edge_of_an_hour(self, hours: int, off: int) -> None:
        self.world.now = self.begin + (self.running + hours) * HOUR + off

    @rule()
    def cranks(self) -> None:
        events = self.world.events(self.world.send(advance()))
        assert len(events) == (self.ended > self.advanced)
        self.advanced = max(self.advanced, self.ended)
        if self.due:
            assert self.announced is not None
            self.shares.append(self.announced)
            self.announced = None

    # --- shares -----------------------------------------------------------------------------------

    @rule(bps=st.integers(0, 10_001), ahead=st.integers(-2, 4))
    def announces(self, bps: int, ahead: int) -> None:
        hour = max(self.running + ahead, 0)
        instruction = set_split(self.net, bps, hour)
        if bps > 10_000:
            self.refused("ShareAboveWhole", instruction, self.net.authority)
        elif hour < self.running:
            self.refused("SplitTooEarly", instruction, self.net.authority)
        elif hour >= HOURS:
            self.refused("SplitTooLate", instruction, self.net.authority)
        elif self.due:
            self.refused("SplitDue", instruction, self.net.authority)
        else:
            self.world.send(instruction, signers=[self.net.authority])
            self.announced = (hour, bps)

    @rule(who=st.sampled_from(["guardian", "authority", "slasher"]))
    def cancels(self, who: str) -> None:
        key = getattr(self.net, who)
        instruction = cancel_split(key.pubkey())
        if who == "slasher":
            self.refused("NotGuardianNorAuthority", instruction, key)
        elif self.announced is None:
            self.refused("NoSplit", instruction, key)
        elif self.due:
            self.refused("SplitDue", instruction, key)
        else:
            self.world.send(instruction, signers=[key])
            self.announced = None

    # --- vesting, gifts, losses -------------------------------------------------------------------

    @rule(index=st.integers(0, len(PLANS) - 1))
    def vests(self, index: int) -> None:
        due = PLANS[index].due((self.running - 1) // 730)
        instruction = claim_vesting(self.world, index, self.holders[index].pubkey())
        if due == self.taken[index]:
            self.refused("NothingDue", instruction)
        else:
            self.world.send(instruction)
            self.taken[index] = due

    @rule(vault=st.sampled_from(sorted(VAULTS)), amount=st.integers(1, 10**6))
    def someone_gives(self, vault: str, amount: int) -> None:
        source = self.world.tokens(self.net.beneficiary.pubkey())
        target = VAULTS[vault]()
        owner = self.net.beneficiary
        gift = transfer_tokens(owner.pubkey(), source, target, amount)
        self.world.send(gift, signers=[owner])
        self.given[vault] += amount

    @precondition(lambda self: self.burned < 10**7)
    @rule(amount=st.integers(1, 10**6))
    def someone_burns(self, amount: int) -> None:
        owner = self.net.beneficiary
        loss = burn(owner.pubkey(), addresses.tokens(owner.pubkey()), amount)
        self.world.send(loss, signers=[owner])
        self.burned += amount

    # --- what holds after every step --------------------------------------------------------------

    @invariant()
    def the_configuration_is_the_models(self) -> None:
        state = config(self.world)
        pool = self.to_pool(self.advanced)
        assert (state.advanced_hour, state.minted) == (self.advanced, emitted(self.advanced))
        assert (state.to_pool, state.to_rewards) == (pool, emitted(self.advanced) - pool)
        assert (state.split_from_hour, state.pool_bps) == self.shares[-1]
        assert (state.next_split_hour, state.next_pool_bps) == (self.announced or (0, 0))

    @invariant()
    def every_vault_holds_what_it_was_given(self) -> None:
        state, balance = config(self.world), self.world.balance
        assert balance(addresses.rewards_vault()) == state.to_rewards + self.given["rewards"]
        assert balance(addresses.pool_vault()) == state.to_pool + self.given["pool"]
        left = GENESIS - sum(self.taken)
        assert balance(addresses.vesting_vault()) == left + self.given["vesting"]
        for index, taken in enumerate(self.taken):
            assert self.world.account(Bucket, addresses.bucket(index)).claimed == taken

    @invariant()
    def the_supply_is_the_schedules_and_never_above_the_cap(self) -> None:
        supply = self.world.supply()
        assert supply == GENESIS + emitted(self.advanced) - self.burned
        assert supply + self.burned <= GENESIS + TOTAL == CAP


def burn(owner: Pubkey, tokens: Pubkey, amount: int) -> Instruction:
    metas = [
        AccountMeta(tokens, False, True),
        AccountMeta(addresses.mint(), False, True),
        AccountMeta(owner, True, False),
    ]
    return Instruction(addresses.SPL_TOKEN, b"\x08" + amount.to_bytes(8, "little"), metas)


TestEmission = machine_test(EmissionMachine, examples=55, steps=50)
