"""What slash cases should do with a node's stake: the rest of `node_model.py`."""

from dataclasses import dataclass, field

from node_model import PAUSED, REGISTERED, NodeModel, StakingModel, require

from slash_world import APPEAL, APPEALED, DECIDE, DROPPED, KINDS, OPEN, UPHELD, taken

MOST_BPS = dict(KINDS.values())


@dataclass
class CaseModel:
    parts: list[int]
    """Own stake, co-stake, cooling stake, cooling co-stake."""
    deadline: int
    parties: tuple[int | None, int | None]
    was_paused: bool
    state: int = OPEN
    owner_left: bool = False
    costaker_left: bool = False


@dataclass
class SlashingModel(StakingModel):
    """Nodes with their cases, and the pool's part of the vault."""

    cases: dict[int, list[CaseModel]] = field(default_factory=dict)
    """Of each node, the newest last."""
    burned: int = 0
    backed: int = 0
    """In the pool, unbonding or not."""

    def newest(self, index: int) -> CaseModel:
        return self.cases[index][-1]

    # --- who leaves while a case is open ----------------------------------------------------------

    def stake_unstake(self, index: int) -> None:
        taken_up = self.nodes[index].costake_share_bps > 0
        super().stake_unstake(index)
        if self.nodes[index].case_open:
            case = self.newest(index)
            case.owner_left, case.costaker_left = True, case.costaker_left or taken_up

    def costake_end(self, index: int) -> None:
        super().costake_end(index)
        if self.nodes[index].case_open:
            self.newest(index).costaker_left = True

    # --- cases ------------------------------------------------------------------------------------

    def case_open(self, index: int, kind: int, bps: int) -> None:
        node = self.nodes[index]
        require(not self.paused, "StakingPaused")
        require(not node.case_open, "CaseOpen")
        require(kind in MOST_BPS, "KindUnknown")
        require(1 <= bps <= MOST_BPS[kind], "CaseShareOutOfRange")
        buckets = (node.stake, node.costake, node.cooling, node.cooling_costake)
        own, costake, cooling, cooling_costake = parts = taken(buckets, bps)
        require(any(parts), "NothingToTake")
        parties = (node.owner, node.costaker)
        case = CaseModel(parts, self.now + APPEAL, parties, node.state == PAUSED)
        self.cases.setdefault(index, []).append(case)
        if own:
            node.set_stake(node.stake - own, self.hour)
        node.costake -= costake
        node.cooling -= cooling
        node.cooling_costake -= cooling_costake
        node.offer_amount = node.offer_share_bps = 0
        node.case_open = 1
        node.demote()
        self.frozen += sum(parts)

    def case_appeal(self, index: int, wallet: int) -> None:
        case = self.newest(index)
        self._require(case, OPEN)
        require(wallet in case.parties, "NotParty")
        case.state, case.deadline = APPEALED, self.now + DECIDE

    def case_uphold(self, index: int, arbiter: bool) -> None:
        case = self.newest(index)
        self._require(case, APPEALED)
        require(arbiter, "NotArbiter")
        self._burn(self.nodes[index], case)

    def case_drop(self, index: int, arbiter: bool) -> None:
        case = self.newest(index)
        self._require(case, min(case.state, APPEALED))
        if case.state == OPEN:
            require(not arbiter, "NotSlasher")
        else:
            require(arbiter, "NotArbiter")
        self._give_back(self.nodes[index], case)

    def case_close(self, index: int) -> None:
        case = self.newest(index)
        require(case.state <= APPEALED, "CaseState")
        require(self.now >= case.deadline, "CaseRuns")
        end = self._burn if case.state == OPEN else self._give_back
        end(self.nodes[index], case)

    def _require(self, case: CaseModel, state: int) -> None:
        require(case.state == state, "CaseState")
        require(self.now < case.deadline, "CaseDeadlinePassed")

    def _burn(self, node: NodeModel, case: CaseModel) -> None:
        amount = sum(case.parts)
        case.state, node.case_open = UPHELD, 0
        self.frozen -= amount
        self.total -= amount
        self.burned += amount

    def _give_back(self, node: NodeModel, case: CaseModel) -> None:
        case.state, node.case_open = DROPPED, 0
        self.frozen -= sum(case.parts)
        own, costake, cooling, cooling_costake = case.parts
        node.cooling += cooling + (own if case.owner_left else 0)
        node.cooling_costake += cooling_costake + (costake if case.costaker_left else 0)
        if own and not case.owner_left:
            node.set_stake(node.stake + own, self.hour)
        if not case.costaker_left:
            node.costake += costake
        if node.state == REGISTERED and node.met:
            node.activate(self.hour)
            if case.was_paused:
                node.state, node.active_from_hour = PAUSED, 0
