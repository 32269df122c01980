"""What iog_staking should do with nodes, their stake and their co-stake: exact, without a chain.

A refusal is an exception that names the program's error; whoever calls works on a copy, so that a
refused step leaves nothing behind. Wallets are numbers. Slashing is not here: whoever adds it takes
amounts out of the buckets of a node into `frozen` and calls `demote`.
"""

from dataclasses import dataclass, field

from registry_world import COOLING, NODE_STATES, NOTICE

REGISTERED, ACTIVE, PAUSED, RETIRED = NODE_STATES.values()
MOST_COSTAKES = 2


class Refused(Exception):  # noqa: N818 - an outcome, as the chain's is
    """The program refuses the step with the error of this name."""


def require(holds: bool, error: str) -> None:
    if not holds:
        raise Refused(error)


@dataclass
class NodeModel:
    """A node, in the names of its account; `payee` and `costaker` are wallets."""

    owner: int
    needed: int
    payee: int
    prev_payee: int
    ask: int
    registered_at: int
    payee_from_hour: int = 0
    stake: int = 0
    prev_stake: int = 0
    stake_from_hour: int = 0
    cooling: int = 0
    cooling_until: int = 0
    costaker: int | None = None
    costake: int = 0
    cooling_costake: int = 0
    costake_cooling_until: int = 0
    costake_leave_at: int = 0
    costake_share_bps: int = 0
    prev_costake_share_bps: int = 0
    costake_from_hour: int = 0
    offer_amount: int = 0
    offer_share_bps: int = 0
    state: int = REGISTERED
    active_from_hour: int = 0
    busy: int = 0
    running: int = 0
    case_open: int = 0

    @property
    def met(self) -> bool:
        return self.stake + self.costake >= self.needed and 2 * self.stake >= self.needed

    @property
    def held(self) -> int:
        """What the vault keeps for it."""
        return self.stake + self.costake + self.cooling + self.cooling_costake

    @property
    def free(self) -> bool:
        """Nobody co-stakes, and nothing of a co-stake is left."""
        return not (self.costake_share_bps or self.costake or self.cooling_costake)

    def set_stake(self, stake: int, hour: int) -> None:
        if self.stake_from_hour < hour + 1:
            self.prev_stake, self.stake_from_hour = self.stake, hour + 1
        self.stake = stake

    def activate(self, hour: int) -> None:
        self.state, self.active_from_hour = ACTIVE, hour + 1

    def demote(self) -> None:
        if self.state in (ACTIVE, PAUSED) and not self.met:
            self.state, self.active_from_hour = REGISTERED, 0

    def end_costake(self, now: int, hour: int) -> None:
        end = min(now, self.costake_leave_at or now)
        self.cooling_costake += self.costake
        self.costake_cooling_until = end + COOLING
        self.costake = self.costake_leave_at = 0
        if self.costake_from_hour < hour + 1:
            self.prev_costake_share_bps = self.costake_share_bps
            self.costake_from_hour = hour + 1
        self.costake_share_bps = 0
        self.demote()


@dataclass
class StakingModel:
    """All nodes, the vault and the wallets; `now` in seconds, `hour` the one running."""

    needed: int
    nodes: list[NodeModel]
    wallets: list[int]
    now: int
    hour: int
    costakes: dict[int, int] = field(default_factory=dict)
    total: int = 0
    frozen: int = 0
    donated: int = 0
    paused: bool = False

    # --- money ------------------------------------------------------------------------------------

    def take(self, wallet: int, amount: int) -> None:
        require(self.wallets[wallet] >= amount, "1")  # the token program's InsufficientFunds
        self.wallets[wallet] -= amount
        self.total += amount

    def pay(self, wallet: int, amount: int) -> None:
        self.wallets[wallet] += amount
        self.total -= amount

    # --- nodes ------------------------------------------------------------------------------------

    def node_register(self, index: int, payee: int, ask: int) -> None:
        require(not self.paused, "StakingPaused")
        old = self.nodes[index]
        require(old.state == RETIRED, "NodeNotRetired")
        self.nodes[index] = NodeModel(old.owner, self.needed, payee, payee, ask, self.now)

    def node_ask(self, index: int, ask: int) -> None:
        require(self.nodes[index].state != RETIRED, "NodeRetired")
        self.nodes[index].ask = ask

    def node_payee(self, index: int, payee: int) -> None:
        node = self.nodes[index]
        require(node.state != RETIRED, "NodeRetired")
        if node.payee_from_hour < self.hour + 1:
            node.prev_payee, node.payee_from_hour = node.payee, self.hour + 1
        node.payee = payee

    def node_pause(self, index: int) -> None:
        node = self.nodes[index]
        require(node.state == ACTIVE, "NodeNotActive")
        node.state, node.active_from_hour = PAUSED, 0

    def node_resume(self, index: int) -> None:
        node = self.nodes[index]
        require(node.state in (REGISTERED, PAUSED), "NodeNotStopped")
        require(node.met, "StakeNotMet")
        node.activate(self.hour)

    def node_retire(self, index: int) -> None:
        node = self.nodes[index]
        require(node.state != RETIRED, "NodeRetired")
        require(not node.case_open, "CaseOpen")
        require(not node.running, "NodeBusy")
        require(not node.stake and not node.cooling, "StakeLeft")
        require(node.free and not node.offer_amount, "CostakeStands")
        node.state, node.active_from_hour = RETIRED, 0

    # --- stake ------------------------------------------------------------------------------------

    def stake_add(self, index: int, amount: int) -> None:
        node = self.nodes[index]
        require(not self.paused, "StakingPaused")
        require(amount > 0, "AmountZero")
        require(node.state != RETIRED, "NodeRetired")
        self.take(node.owner, amount)
        node.set_stake(node.stake + amount, self.hour)
        if node.state == REGISTERED and node.met:
            node.activate(self.hour)

    def stake_reduce(self, index: int, amount: int) -> None:
        node = self.nodes[index]
        require(amount > 0, "AmountZero")
        require(node.state in (ACTIVE, PAUSED), "NodeNotActive")
        require(not node.case_open, "CaseOpen")
        require(not node.costake_leave_at, "CostakeLeaving")
        left = node.stake - amount
        require(left >= 0 and left + node.costake >= node.needed, "RequirementHeld")
        require(2 * left >= node.needed, "OwnHalfHeld")
        node.set_stake(left, self.hour)
        self.pay(node.owner, amount)

    def stake_unstake(self, index: int) -> None:
        node = self.nodes[index]
        taken = node.costake_share_bps > 0
        require(bool(node.stake or taken or node.case_open), "NothingStaked")
        node.cooling += node.stake
        node.cooling_until = self.now + COOLING
        if node.stake:
            node.set_stake(0, self.hour)
        node.offer_amount = node.offer_share_bps = 0
        node.state, node.active_from_hour = REGISTERED, 0
        if taken:
            self.costakes[node.owner] -= 1
            node.end_costake(self.now, self.hour)

    def stake_withdraw(self, index: int) -> None:
        node = self.nodes[index]
        require(node.cooling > 0, "NothingCooling")
        require(self.now >= node.cooling_until, "StillCooling")
        require(not node.running, "NodeBusy")
        require(not node.case_open, "CaseOpen")
        self.pay(node.owner, node.cooling)
        node.cooling = node.cooling_until = 0

    # --- co-stake ---------------------------------------------------------------------------------

    def costake_offer(self, index: int, amount: int, share_bps: int) -> None:
        node = self.nodes[index]
        self._require_free(node)
        require(1 <= amount <= node.needed // 2, "OfferAmountOutOfRange")
        require(1 <= share_bps <= 10_000, "ShareOutOfRange")
        node.offer_amount, node.offer_share_bps = amount, share_bps
        self.costakes.setdefault(node.owner, 0)

    def costake_revoke(self, index: int) -> None:
        node = self.nodes[index]
        require(node.offer_amount > 0, "OfferMissing")
        node.offer_amount = node.offer_share_bps = 0

    def costake_accept(self, index: int, wallet: int, amount: int, share_bps: int) -> None:
        node = self.nodes[index]
        require(not self.paused, "StakingPaused")
        require(node.offer_amount > 0, "OfferMissing")
        offer = (node.offer_amount, node.offer_share_bps)
        require(offer == (amount, share_bps), "OfferDiffers")
        require(wallet != node.owner, "CostakeOwn")
        self._require_free(node)
        require(self.costakes[node.owner] < MOST_COSTAKES, "CostakesFull")
        self.take(wallet, amount)
        self.costakes[node.owner] += 1
        node.offer_amount = node.offer_share_bps = 0
        node.costaker, node.costake = wallet, amount
        node.prev_costake_share_bps, node.costake_share_bps = 0, share_bps
        node.costake_from_hour = self.hour + 1

    def costake_leave(self, index: int, wallet: int) -> None:
        node = self.nodes[index]
        require(node.costaker == wallet, "NotCostaker")
        require(node.costake_share_bps > 0, "CostakeMissing")
        require(not node.costake_leave_at, "CostakeLeaving")
        node.costake_leave_at = self.now + NOTICE

    def costake_end(self, index: int) -> None:
        node = self.nodes[index]
        require(node.costake_share_bps > 0, "CostakeMissing")
        left = bool(node.costake_leave_at) and self.now >= node.costake_leave_at
        require(left or not (node.costake or node.case_open), "CostakeNotDue")
        self.costakes[node.owner] -= 1
        node.end_costake(self.now, self.hour)

    def costake_withdraw(self, index: int) -> None:
        node = self.nodes[index]
        require(node.cooling_costake > 0, "NothingCooling")
        require(self.now >= node.costake_cooling_until, "StillCooling")
        require(not node.case_open, "CaseOpen")
        assert node.costaker is not None
        self.pay(node.costaker, node.cooling_costake)
        node.cooling_costake = node.costake_cooling_until = 0
        node.costaker = None

    def _require_free(self, node: NodeModel) -> None:
        require(node.state == ACTIVE, "NodeNotActive")
        require(not node.case_open, "CaseOpen")
        require(node.free, "CostakeStands")
