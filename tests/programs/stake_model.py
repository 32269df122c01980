"""A node's stake and its slash cases in plain integers: what the program is compared with.

A verb that the program would refuse answers False and changes nothing.
"""

from dataclasses import dataclass, field

from registry_world import COOLING, NOTICE, STAKE
from slash_world import APPEAL, APPEALED, DECIDE, DROPPED, KINDS, OPEN, UPHELD, taken

REGISTERED, ACTIVE, PAUSED = range(3)
HALF = STAKE // 2
MOST_COSTAKES = 2


@dataclass
class ExactCase:
    parts: list[int]
    deadline: int
    was_paused: bool
    state: int = OPEN
    owner_left: bool = False
    costaker_left: bool = False


@dataclass
class ExactOwner:
    """What its nodes share."""

    costakes: int = 0
    burned: int = 0


@dataclass
class ExactNode:
    owner: ExactOwner
    state: int = REGISTERED
    stake: int = 0
    costake: int = 0
    cooling: int = 0
    cooling_costake: int = 0
    until: int = 0
    costake_until: int = 0
    leave_at: int = 0
    offer: int = 0
    shared: bool = False
    """Whether the offer is taken."""
    cases: list[ExactCase] = field(default_factory=list)

    @property
    def buckets(self) -> tuple[int, int, int, int]:
        return (self.stake, self.costake, self.cooling, self.cooling_costake)

    @property
    def case(self) -> ExactCase | None:
        """The case that waits for a decision."""
        last = self.cases[-1] if self.cases else None
        return last if last and last.state <= APPEALED else None

    @property
    def frozen(self) -> int:
        return sum(self.case.parts) if self.case else 0

    @property
    def met(self) -> bool:
        return self.stake + self.costake >= STAKE and self.stake >= HALF

    @property
    def free(self) -> bool:
        taken_up = self.shared or self.costake or self.cooling_costake
        return self.state == ACTIVE and not self.case and not taken_up

    # --- the owner --------------------------------------------------------------------------------

    def stake_add(self, amount: int) -> bool:
        self.stake += amount
        if self.state == REGISTERED and self.met:
            self.state = ACTIVE
        return True

    def stake_reduce(self, amount: int) -> bool:
        left = self.stake - amount
        stopped = self.case or self.leave_at or self.state == REGISTERED
        if stopped or amount < 1 or left < HALF or left + self.costake < STAKE:
            return False
        self.stake = left
        return True

    def stake_unstake(self, now: int) -> bool:
        if not (self.stake or self.shared or self.case):
            return False
        self.cooling += self.stake
        self.stake, self.offer, self.state = 0, 0, REGISTERED
        self.until = now + COOLING
        if self.case:
            self.case.owner_left = True
        if self.shared:
            self.end(now)
        return True

    def stake_withdraw(self, now: int) -> bool:
        if not self.cooling or now < self.until or self.case:
            return False
        self.cooling = 0
        return True

    def node_pause(self) -> bool:
        if self.state != ACTIVE:
            return False
        self.state = PAUSED
        return True

    def node_resume(self) -> bool:
        if self.state == ACTIVE or not self.met:
            return False
        self.state = ACTIVE
        return True

    def costake_offer(self, amount: int) -> bool:
        if not self.free or not 1 <= amount <= HALF:
            return False
        self.offer = amount
        return True

    # --- the co-staker ----------------------------------------------------------------------------

    def costake_accept(self, amount: int) -> bool:
        full = self.owner.costakes == MOST_COSTAKES
        if not self.offer or self.offer != amount or not self.free or full:
            return False
        self.owner.costakes += 1
        self.costake, self.offer, self.shared = amount, 0, True
        return True

    def costake_leave(self, now: int) -> bool:
        if not self.shared or self.leave_at:
            return False
        self.leave_at = now + NOTICE
        return True

    def costake_end(self, now: int) -> bool:
        left = self.leave_at and now >= self.leave_at
        burned = not self.costake and not self.case
        if not self.shared or not (left or burned):
            return False
        self.end(now)
        return True

    def end(self, now: int) -> None:
        """Ends a taken offer."""
        since = min(now, self.leave_at) if self.leave_at else now
        self.cooling_costake += self.costake
        self.costake, self.leave_at, self.shared = 0, 0, False
        self.costake_until = since + COOLING
        self.owner.costakes -= 1
        if self.case:
            self.case.costaker_left = True
        self.demote()

    def costake_withdraw(self, now: int) -> bool:
        if not self.cooling_costake or now < self.costake_until or self.case:
            return False
        self.cooling_costake = 0
        return True

    def demote(self) -> None:
        if not self.met:
            self.state = REGISTERED

    # --- slasher, parties and arbiter -------------------------------------------------------------

    def case_open(self, kind: int, bps: int, now: int) -> bool:
        most = dict(KINDS.values()).get(kind, 0)
        parts = taken(self.buckets, bps)
        if self.case or not 1 <= bps <= most or not any(parts):
            return False
        self.cases.append(ExactCase(parts, now + APPEAL, self.state == PAUSED))
        self.stake -= parts[0]
        self.costake -= parts[1]
        self.cooling -= parts[2]
        self.cooling_costake -= parts[3]
        self.offer = 0
        self.demote()
        return True

    def case_appeal(self, now: int) -> bool:
        case = self.case
        if not case or case.state != OPEN or now >= case.deadline:
            return False
        case.state, case.deadline = APPEALED, now + DECIDE
        return True

    def case_uphold(self, now: int) -> bool:
        case = self.case
        if not case or case.state != APPEALED or now >= case.deadline:
            return False
        self.burn(case)
        return True

    def case_drop(self, now: int) -> bool:
        case = self.case
        if not case or now >= case.deadline:
            return False
        self.give_back(case)
        return True

    def case_close(self, now: int) -> bool:
        case = self.case
        if not case or now < case.deadline:
            return False
        if case.state == OPEN:
            self.burn(case)
        else:
            self.give_back(case)
        return True

    def burn(self, case: ExactCase) -> None:
        case.state = UPHELD
        self.owner.burned += sum(case.parts)

    def give_back(self, case: ExactCase) -> None:
        case.state = DROPPED
        own, costake, cooling, cooling_costake = case.parts
        self.cooling += cooling + (own if case.owner_left else 0)
        self.cooling_costake += cooling_costake + (costake if case.costaker_left else 0)
        self.stake += 0 if case.owner_left else own
        self.costake += 0 if case.costaker_left else costake
        if self.state == REGISTERED and self.met:
            self.state = PAUSED if case.was_paused else ACTIVE
