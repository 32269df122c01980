"""Gangs and delegate keys in any order of instructions, against an exact model: members start at
one moment or are refunded in full, a delegate spends within its limits and gets nothing back, and
after every step all money is where it belongs."""

from escrow_model import funding
from gang_machine import JOB, KEY, KEYS, MOST_GANGS, MOST_JOBS, WHICH, WHO, GangWorld
from gang_model import ExactGang, Limits, Member
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from iog_client import addresses
from jobs_world import GRACE
from machines import machine_test
from registry_world import ASK, signed
from world import swap

INCOMPLETE = 44


def approve(wallet: Pubkey, amount: int) -> Instruction:
    """SPL Approve of the wallet's Client."""
    metas = [
        AccountMeta(addresses.tokens(wallet), False, True),
        AccountMeta(addresses.client(wallet), False, False),
        AccountMeta(wallet, True, False),
    ]
    return Instruction(addresses.SPL_TOKEN, b"\x04" + amount.to_bytes(8, "little"), metas)


class GangMachine(GangWorld):
    def begin(self, members: int, who: int | None, steps: int) -> None:
        self.approve(10 * JOB)
        for key in range(KEYS):
            self.limit(key, 2 * JOB, 5 * JOB)
        self.gang_open(members, 2_000)
        self.fill(0, who, 120)
        self.bring_along(0, steps)

    # --- opening and money ------------------------------------------------------------------------

    @precondition(lambda self: len(self.gangs) < MOST_GANGS)
    @rule(members=st.integers(1, 4), wait=st.sampled_from([2_000, 60, 0]))
    def gang_open(self, members: int, wait: int) -> None:
        call = self.jobs.gang_open(members, wait, number=len(self.gangs))
        if self.attempt(members > 1 and wait > 0, call, by=self.wallet):
            self.gangs.append(ExactGang(members, self.world.now + wait))

    @precondition(lambda self: len(self.models) < MOST_JOBS)
    @rule(
        who=WHO,
        where=st.integers(-1, MOST_GANGS - 1),
        gpus=st.integers(1, 3),
        seconds=st.integers(1, 600),
        wait=st.sampled_from([3_000, 600, 1]),
    )
    def open(self, who: int | None, where: int, gpus: int, seconds: int, wait: int) -> None:
        inside = where if 0 <= where < len(self.gangs) else None
        gang = None if inside is None else self.gangs[inside]
        self.jobs.number, now = len(self.models), self.world.now
        funded, place_by = funding(ASK, gpus, seconds), now + wait
        fits = (gang is None or gang.opens(now)) and self.may_spend(who, funded, funded)
        key, by = self.signer(who)
        address = None if inside is None else self.address(inside)
        terms = {"gpus": gpus, "max_seconds": seconds, "wait": wait, "window": seconds // 4}
        if not self.attempt(fits, self.jobs.job_open(by=by, gang=address, **terms), by=key):
            return
        if gang is not None:
            gang.opened += 1
            place_by = min(place_by, gang.deadline)
        self.pay(who, funded)
        terms = (ASK, gpus, seconds, seconds // 4, 1, place_by, place_by, funded)
        self.models.append(Member(*terms, gang=inside, by=who))

    @precondition(lambda self: self.gangs)
    @rule(gang=st.integers(0, MOST_GANGS - 1), who=WHO, seconds=st.integers(60, 300))
    def fill(self, gang: int, who: int | None, seconds: int) -> None:
        """Opens what a gang lacks."""
        where = gang % len(self.gangs)
        lacks = self.gangs[where].members - self.gangs[where].opened
        for _ in range(min(lacks, MOST_JOBS - len(self.models))):
            self.open(who, where, 1, seconds, 3_000)

    @precondition(lambda self: self.models)
    @rule(which=WHICH, who=WHO, seconds=st.integers(0, 500))
    def extend(self, which: int, who: int | None, seconds: int) -> None:
        job, now = self.chosen(which, "open", "assigned", "running"), self.world.now
        whole = funding(job.max_price, job.gpus, job.max_seconds + seconds)
        added = whole - job.funded
        goes_on = job.state in ("open", "assigned", "running") and now < job.deadline
        fits = goes_on and seconds > 0 and self.may_spend(who, added, whole)
        key, by = self.signer(who)
        if self.attempt(fits, self.jobs.job_extend(seconds, by=by), by=key):
            self.pay(who, added)
            job.funded, job.max_seconds = whole, job.max_seconds + seconds
            job.deadline += seconds if job.state == "running" else 0

    @rule(
        who=KEY,
        per_job=st.sampled_from([3 * JOB, JOB, JOB // 3, 0]),
        per_day=st.sampled_from([9 * JOB, 3 * JOB, JOB, 0]),
    )
    def limit(self, who: int, per_job: int, per_day: int) -> None:
        """Sets or changes a delegate's limits; what it has spent counts on."""
        call = self.jobs.delegate_set(self.keys[who].pubkey(), per_job, per_day)
        self.attempt(True, call, by=self.wallet)
        before = self.limits[who]
        self.limits[who] = Limits(per_job, per_day, before.spent if before else [])

    @rule(who=KEY, by_itself=st.booleans())
    def revoke(self, who: int, by_itself: bool) -> None:
        """The wallet ends a delegate; delegates change nothing about any."""
        key = self.keys[who]
        call = self.jobs.delegate_close(key.pubkey())
        if by_itself:
            self.attempt(False, swap(call, self.wallet.pubkey(), key.pubkey()), by=key)
            raised = self.jobs.delegate_set(key.pubkey(), 2**64 - 1, 2**64 - 1)
            other = self.keys[1 - who]
            self.attempt(False, swap(raised, self.wallet.pubkey(), other.pubkey()), by=other)
        elif self.attempt(self.limits[who] is not None, call, by=self.wallet):
            self.limits[who] = None

    @rule(amount=st.sampled_from([20 * JOB, 3 * JOB, JOB // 3, 0]))
    def approve(self, amount: int) -> None:
        self.attempt(True, approve(self.wallet.pubkey(), amount), by=self.wallet)
        self.approved = amount

    # --- a job's way ------------------------------------------------------------------------------

    @precondition(lambda self: self.models)
    @rule(which=WHICH)
    def assign(self, which: int) -> None:
        job, now = self.chosen(which, "open", "assigned"), self.world.now
        gang = self.gang_of(job)
        due = job.state == "open" or (job.state == "assigned" and now >= job.deadline)
        full = gang is None or gang.opened == gang.members
        fits = full and due and now < job.place_by and self.free(job)
        if self.attempt(fits, self.jobs.job_assign(), by=self.jobs.matcher):
            job.state, job.run, job.deadline = "assigned", job.run + 1, now + GRACE

    @precondition(lambda self: self.any("assigned"))
    @rule(which=WHICH)
    def start(self, which: int) -> None:
        """Alone: a member is refused."""
        job, now = self.chosen(which, "assigned"), self.world.now
        ready = job.state == "assigned" and now < job.deadline and self.free(job)
        if self.attempt(ready and job.gang is None, self.jobs.job_start(), by=self.jobs.device):
            self.runs(job, now)

    @precondition(lambda self: self.any("assigned"))
    @rule(which=WHICH)
    def join(self, which: int) -> None:
        job, now = self.chosen(which, "assigned"), self.world.now
        gang = self.gang_of(job)
        ready = job.state == "assigned" and now < job.deadline and self.free(job)
        fits = ready and gang is not None and now < gang.deadline
        if self.attempt(fits, self.jobs.job_join(), by=self.jobs.device):
            assert gang is not None
            gang.join(now)
            job.state, job.deadline = "joined", gang.deadline

    @precondition(lambda self: self.any("joined"))
    @rule(which=WHICH)
    def gang_start(self, which: int) -> None:
        """Writes a member's start down, whenever that is."""
        job = self.chosen(which, "joined")
        gang = self.gang_of(job)
        fits = job.state == "joined" and gang is not None and gang.started > 0
        if self.attempt(fits, self.jobs.gang_start()):
            assert gang is not None
            self.runs(job, gang.started)

    @precondition(lambda self: self.gangs)
    @rule(gang=st.integers(0, MOST_GANGS - 1), times=st.integers(1, 3))
    def bring_along(self, gang: int, times: int) -> None:
        """The next steps of every member."""
        inside = gang % len(self.gangs)
        steps = {"open": self.assign, "assigned": self.join, "joined": self.gang_start}
        for _ in range(times):
            for which, job in enumerate(self.models):
                if job.gang == inside and job.state in steps:
                    steps[job.state](which)

    def runs(self, job: Member, since: int) -> None:
        job.state, job.started, job.deadline = "running", since, since + job.max_seconds + GRACE

    @precondition(lambda self: any(job.started for job in self.models))
    @rule(which=WHICH, seconds=st.integers(0, 700))
    def prove(self, which: int, seconds: int) -> None:
        job, now = self.chosen(which, "running", "cancelled"), self.world.now
        until = now if job.state == "running" else job.ended
        late = job.state == "cancelled" and now < job.deadline
        most = min(job.max_seconds, max(0, until - job.started) + 1)
        fits = (job.state == "running" or late) and job.proven <= seconds <= most
        said = self.jobs.statement(job.counter + 1, seconds, run=job.run)
        check = signed(said, self.jobs.device, self.jobs.matcher)
        if self.attempt(fits, check, self.jobs.job_prove(job.counter + 1, seconds)):
            job.counter, job.proven = job.counter + 1, seconds

    @precondition(lambda self: self.any("running", "joined"))
    @rule(which=WHICH, reason=st.sampled_from([1, 20, 22, 4]), give_up=st.booleans())
    def finish(self, which: int, reason: int, give_up: bool) -> None:
        """The device ends a run. It gives none up: no job here has runs left, a member never."""
        job, now = self.chosen(which, "running"), self.world.now
        device = self.jobs.device
        if give_up:
            self.attempt(False, self.jobs.job_release(device.pubkey(), 20), by=device)
            return
        fits = job.state == "running" and now <= job.deadline and reason != 4
        if self.attempt(fits, self.jobs.job_finish(reason), by=device):
            job.state, job.reason, job.ended = "finished", reason, now
            job.deadline = now + job.window

    @precondition(lambda self: self.any("running"))
    @rule(which=WHICH, seconds=st.integers(1, 200))
    def work_off(self, which: int, seconds: int) -> None:
        """A run from its statement to the payment."""
        running = [number for number, job in enumerate(self.models) if job.state == "running"]
        number = running[which % len(running)]
        job = self.models[number]
        self.world.now += seconds
        self.prove(number, min(job.max_seconds, self.world.now - job.started))
        self.finish(number, 1, False)
        self.settle(number, None, False)

    @precondition(lambda self: self.any("open", "assigned", "joined", "running"))
    @rule(which=WHICH, who=WHO)
    def cancel(self, which: int, who: int | None) -> None:
        """A member that has joined leaves, until they start. A delegate cancels nothing."""
        job, now = self.chosen(which, "open", "assigned", "running", "joined"), self.world.now
        gang, held, running = self.gang_of(job), job.held, job.state == "running"
        waits = job.state != "joined" or (gang is not None and not gang.started)
        goes_on = job.state in ("open", "assigned", "running", "joined")
        key, _ = self.signer(who)
        call = swap(self.jobs.job_cancel(node=held), self.wallet.pubkey(), key.pubkey())
        if self.attempt(who is None and goes_on and waits, call, by=key):
            self.leaves(job)
            job.state, job.reason, job.ended = "cancelled", 4, now
            job.deadline = now + GRACE if running else now

    @precondition(lambda self: self.any("open", "assigned", "joined", "running"))
    @rule(which=WHICH)
    def expire(self, which: int) -> None:
        job, now = self.chosen(which, "open", "assigned", "running", "joined"), self.world.now
        gang, due = self.gang_of(job), job.deadline + GRACE
        reason = {"open": 41, "assigned": 42, "running": 43}.get(job.state, 0)
        if gang is not None and not gang.started and job.state in ("open", "assigned", "joined"):
            reason, due = INCOMPLETE, gang.deadline
        call = self.jobs.job_expire(node=job.held)
        if self.attempt(reason > 0 and now >= due, call):
            self.leaves(job)
            job.state, job.reason, job.ended = "expired", reason, now

    def leaves(self, job: Member) -> None:
        gang = self.gang_of(job)
        if job.state == "joined" and gang is not None:
            gang.joined -= 1

    @precondition(lambda self: self.any("finished", "cancelled", "expired"))
    @rule(which=WHICH, who=WHO, astray=st.booleans())
    def settle(self, which: int, who: int | None, astray: bool) -> None:
        """Anyone settles in time; refunds go to the wallet, rent to who paid it."""
        job, now = self.chosen(which, "finished", "cancelled", "expired"), self.world.now
        early, (key, _), (payer, _) = now < job.deadline, self.signer(who), self.signer(job.by)
        call = self.jobs.job_settle(key.pubkey())
        metas = list(call.accounts)
        metas[7] = AccountMeta(payer.pubkey(), False, True)
        call = Instruction(call.program_id, call.data, metas)
        if astray:
            wallet, own = (addresses.tokens(one.pubkey()) for one in (self.wallet, self.keys[0]))
            self.attempt(False, swap(call, wallet, own), by=key)
            return
        due = {"finished": not early or who is None, "cancelled": not early, "expired": True}
        rent, before = (self.world.lamports(one) for one in (self.jobs.vault, payer.pubkey()))
        if self.attempt(due.get(job.state, False), call, by=key):
            assert self.world.lamports(payer.pubkey()) == before + rent
            job.state = "settled"
            job.paid, job.fees, job.refunded = job.bill()
            assert job.started or job.refunded == job.funded
            self.earned, self.fees = self.earned + job.paid, self.fees + job.fees
            self.back += job.refunded + job.donated
            job.donated = 0


TestGangs = machine_test(GangMachine, examples=60, steps=60)
