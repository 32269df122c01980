"""The backers' pool against exact fractions, in any order of what wallets and cranks do."""

from math import floor

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from solders.pubkey import Pubkey

from iog_client import addresses
from machines import Machine, machine_test
from pool_model import ExactBacker, ExactPool, Refusal
from pool_world import FUNDS, LEAST, Pool, to_pool
from registry_world import refused
from stages import HOUR, IO, advance, network
from world import World

WALLETS = 4
who = st.integers(0, WALLETS - 1)
amounts = st.one_of(
    st.integers(1, 9),
    st.sampled_from([LEAST - 1, LEAST, LEAST + 1]),
    st.integers(1, 300_000 * IO),
)


class PoolMachine(Machine):
    def __init__(self) -> None:
        super().__init__()
        self.pool = Pool(network(World()).started().staking().rewards())
        self.keys = [self.pool.wallet() for _ in range(WALLETS)]
        self.exact = ExactPool([ExactBacker() for _ in self.keys])
        self.hour = 0
        """Hours that the emission is advanced."""
        self.start = self.pool.world.now
        self.donated: dict[Pubkey, int] = {addresses.stake_vault(): 0, addresses.pool_vault(): 0}

    # --- time and emission ------------------------------------------------------------------------

    @property
    def ended(self) -> int:
        return (self.pool.world.now - self.start) // HOUR

    @rule(seconds=st.sampled_from([1, HOUR // 2, HOUR - 1]))
    def seconds_pass(self, seconds: int) -> None:
        self.pool.world.now += seconds

    @rule(count=st.one_of(st.integers(1, 3), st.integers(4, 800)), minted=st.booleans())
    def hours_pass(self, count: int, minted: bool) -> None:
        self.pool.net.pass_hours(count)
        if minted:
            self.mint()

    @rule()
    def mint(self) -> None:
        self.pool.world.send(advance())
        self.hour = self.ended

    @rule(vault=st.sampled_from(["stake_vault", "pool_vault"]), amount=st.integers(1, 3 * LEAST))
    def donate(self, vault: str, amount: int) -> None:
        address: Pubkey = getattr(addresses, vault)()
        self.pool.donate(address, amount)
        self.donated[address] += amount

    # --- wallets ----------------------------------------------------------------------------------

    def updated(self) -> bool:
        """Whether the program accepts the hour; if so the model takes it over."""
        if self.hour != self.ended:
            return False
        self.exact.update(to_pool(self.hour))
        return True

    @rule()
    def pool_advance(self) -> None:
        if self.updated():
            self.pool.advance()
        else:
            with refused("PoolEmissionBehind"):
                self.pool.advance()

    @rule(who=who, amount=amounts)
    def stake(self, who: int, amount: int) -> None:
        key = self.keys[who]
        amount = min(amount, self.pool.tokens(key))
        if not amount:
            return
        if self.updated():
            self.pool.stake(key, amount)
            self.exact.stake(who, amount)
        else:
            with refused("PoolEmissionBehind"):
                self.pool.stake(key, amount)

    @rule(who=who, amount=st.one_of(amounts, st.just(0)), whole=st.booleans())
    def unstake(self, who: int, amount: int, whole: bool) -> None:
        key, backer = self.keys[who], self.exact.backers[who]
        if not self.has_backer(who):
            return
        amount = backer.staked if whole else amount
        if self.hour != self.ended:
            with refused("PoolEmissionBehind"):
                self.pool.unstake(key, amount)
            return
        try:
            if 0 < amount <= backer.staked:  # a refused instruction takes nothing over
                self.updated()
            self.exact.unstake(who, amount, self.pool.world.now)
        except Refusal as refusal:
            with refused(str(refusal)):
                self.pool.unstake(key, amount)
        else:
            self.pool.unstake(key, amount)

    @rule(who=who, wait=st.booleans())
    def withdraw(self, who: int, wait: bool) -> None:
        key, backer = self.keys[who], self.exact.backers[who]
        if not self.has_backer(who):
            return
        if wait and backer.unbonding:
            self.pool.world.now = max(self.pool.world.now, backer.until)
        before = self.pool.tokens(key)
        try:
            amount = self.exact.withdraw(who, self.pool.world.now)
        except Refusal as refusal:
            with refused(str(refusal)):
                self.pool.withdraw(key)
        else:
            self.pool.withdraw(key)
            assert self.pool.tokens(key) == before + amount

    @rule(who=who)
    def claim(self, who: int) -> None:
        key, backer = self.keys[who], self.exact.backers[who]
        if not self.has_backer(who):
            return
        if self.hour != self.ended:
            with refused("PoolEmissionBehind"):
                self.pool.claim(key)
            return
        if self.exact.seen != to_pool(self.hour):  # what the hours brought counts for the claim
            self.pool_advance()
        due, before = self.pool.claimable(key), self.pool.tokens(key)
        if not due:
            with refused("NothingDue"):
                self.pool.claim(key)
            return
        self.pool.claim(key)
        assert self.pool.tokens(key) == before + due
        backer.paid += due

    def has_backer(self, who: int) -> bool:
        return self.pool.world.exists(addresses.backer(self.keys[who].pubkey()))

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def the_sums_are_the_model_s(self) -> None:
        config = self.pool.read()
        unbonding = sum(backer.unbonding for backer in self.exact.backers)
        assert (config.pool_total, config.pool_unbonding) == (self.exact.total, unbonding)
        assert (config.pool_seen, config.pool_released) == (self.exact.seen, self.exact.released)

    @invariant()
    def the_vaults_are_whole(self) -> None:
        balance, config = self.pool.world.balance, self.pool.read()
        stake, pool = addresses.stake_vault(), addresses.pool_vault()
        staked = config.pool_total + config.pool_unbonding
        assert balance(stake) - self.donated[stake] == staked
        paid = sum(backer.paid for backer in self.exact.backers)
        assert balance(pool) - self.donated[pool] == to_pool(self.hour) - paid
        for key, backer in zip(self.keys, self.exact.backers, strict=True):
            principal = backer.staked + backer.unbonding
            assert self.pool.tokens(key) == FUNDS - principal + backer.paid

    @invariant()
    def nobody_gets_more_than_the_share(self) -> None:
        everything = 0
        for key, backer in zip(self.keys, self.exact.backers, strict=True):
            got = backer.paid + self.pool.claimable(key)
            everything += got
            assert floor(backer.earned - backer.rounding) <= got <= backer.earned
        assert everything <= self.exact.released <= self.exact.seen


TestPool = machine_test(PoolMachine, examples=50, steps=40)
