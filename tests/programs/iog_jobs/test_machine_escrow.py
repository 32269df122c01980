"""Jobs in any order of instructions, against an exact model of when each is accepted and who is
paid what. After every step the funding of all jobs is where it belongs."""

from collections.abc import Callable

from escrow_model import Model, funding
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from iog_client import addresses
from jobs_world import DISPUTE, GRACE, STATES
from jobs_world import jobs as bring_up
from machines import Machine, machine_test
from registry_world import ASK, FUNDS, GPUS, signed
from stages import network
from world import ProgramFailed, World, transfer_tokens

MOST_JOBS = 6
BURN_BPS = 3_333
WHICH = st.integers(0, MOST_JOBS - 1)
REASONS = st.sampled_from([1, 2, 3, 20, 22, 40, 21, 4, 43, 9])


class EscrowMachine(Machine):
    @initialize()
    def bring_up(self) -> None:
        self.jobs = bring_up(network(World()))
        self.world = self.jobs.world
        self.models: list[Model] = []
        self.spent = self.back = self.earned = self.fees = self.burned = 0
        self.treasury = self.world.keypair().pubkey()
        self.world.tokens(self.treasury)
        named = {"treasury": self.treasury, "burn_bps": BURN_BPS}
        authority = self.jobs.registry.net.authority
        self.world.send(self.jobs.by_authority("treasury_set", named), signers=[authority])
        self.supply = self.world.supply()
        self.treasured = 0

    # --- steps ------------------------------------------------------------------------------------

    def attempt(self, allowed: bool, act: Callable[[], object]) -> bool:
        """The program accepts exactly what the model does."""
        try:
            act()
        except ProgramFailed:
            if allowed:
                raise
            return False
        assert allowed, "the program accepted what the model refuses"
        return True

    def chosen(self, which: int) -> Model:
        self.jobs.number = which % len(self.models)
        return self.models[self.jobs.number]

    @precondition(lambda self: len(self.models) < MOST_JOBS)
    @rule(
        above=st.integers(0, 3),
        gpus=st.integers(1, 5),
        seconds=st.integers(1, 900),
        window=st.integers(0, 300),
        wait=st.integers(1, 3_000),
        runs=st.integers(1, 3),
    )
    def open(self, above: int, gpus: int, seconds: int, window: int, wait: int, runs: int) -> None:
        self.jobs.number = len(self.models)
        price, now = ASK + above, self.world.now
        terms = {"max_price": price, "gpus": gpus, "max_seconds": seconds}
        self.jobs.open(window=window, wait=wait, runs=runs, **terms)
        funded = funding(price, gpus, seconds)
        place_by = now + wait
        self.models.append(Model(price, gpus, seconds, window, runs, place_by, place_by, funded))
        self.spent += funded

    @precondition(lambda self: self.models)
    @rule(which=WHICH, seconds=st.integers(0, 500))
    def extend(self, which: int, seconds: int) -> None:
        job, now = self.chosen(which), self.world.now
        fits = job.state in ("open", "assigned", "running") and now < job.deadline and seconds > 0
        if self.attempt(fits, lambda: self.jobs.extend(seconds)):
            whole = funding(job.max_price, job.gpus, job.max_seconds + seconds)
            self.spent += whole - job.funded
            job.funded, job.max_seconds = whole, job.max_seconds + seconds
            if job.state == "running":
                job.deadline += seconds

    @precondition(lambda self: self.models)
    @rule(which=WHICH)
    def assign(self, which: int) -> None:
        job, now = self.chosen(which), self.world.now
        free = GPUS - self.busy() >= job.gpus
        due = job.state == "open" or (job.state == "assigned" and now >= job.deadline)
        if self.attempt(free and due and now < job.place_by, self.jobs.assign):
            job.state, job.run, job.deadline = "assigned", job.run + 1, now + GRACE

    @precondition(lambda self: self.models)
    @rule(which=WHICH)
    def start(self, which: int) -> None:
        job, now = self.chosen(which), self.world.now
        free = GPUS - self.busy() >= job.gpus
        fits = job.state == "assigned" and now < job.deadline and free
        if self.attempt(fits, self.jobs.start):
            job.state, job.started, job.heard = "running", now, now
            job.deadline = now + job.max_seconds + GRACE

    @precondition(lambda self: self.models)
    @rule(which=WHICH, ahead=st.integers(-1, 2), seconds=st.integers(0, 1_000), older=st.booleans())
    def prove(self, which: int, ahead: int, seconds: int, older: bool) -> None:
        job, now = self.chosen(which), self.world.now
        counter = max(0, job.counter + ahead)
        run = job.run - 1 if older and job.run else job.run
        until = now if job.state == "running" else job.ended
        open_for = job.state == "running" or (job.state == "cancelled" and now < job.deadline)
        fits = (
            open_for
            and run == job.run
            and counter > job.counter
            and job.proven <= seconds <= min(job.max_seconds, max(0, until - job.started) + 1)
        )
        said = self.jobs.statement(counter, seconds, run=run)
        check = signed(said, self.jobs.device, self.jobs.matcher)
        call = self.jobs.job_prove(counter, seconds)
        if self.attempt(fits, lambda: self.world.send(check, call)):
            job.counter, job.proven, job.heard = counter, seconds, now

    @precondition(lambda self: self.models)
    @rule(which=WHICH, reason=REASONS)
    def finish(self, which: int, reason: int) -> None:
        job, now = self.chosen(which), self.world.now
        fits = job.state == "running" and now <= job.deadline and reason in (1, 2, 3, 20, 22, 40)
        if self.attempt(fits, lambda: self.jobs.finish(reason)):
            job.state, job.reason, job.ended = "finished", reason, now
            job.deadline = now + job.window

    @precondition(lambda self: self.models)
    @rule(which=WHICH, reason=REASONS, by_matcher=st.booleans())
    def release(self, which: int, reason: int, by_matcher: bool) -> None:
        job, now = self.chosen(which), self.world.now
        given = reason in (20, 22, 40)
        if by_matcher:
            given = reason == 21 and now >= job.heard + GRACE
        fits = (
            job.state == "running"
            and given
            and job.run < job.runs
            and now <= job.deadline
            and now < job.place_by
        )
        by = self.jobs.matcher if by_matcher else self.jobs.device
        if self.attempt(fits, lambda: self.jobs.release(by, reason)):
            job.state, job.deadline = "open", job.place_by
            job.proven = job.counter = job.started = job.heard = 0

    @precondition(lambda self: self.models)
    @rule(which=WHICH)
    def dispute(self, which: int) -> None:
        job, now = self.chosen(which), self.world.now
        fits = job.state == "finished" and now < job.deadline
        if self.attempt(fits, self.jobs.dispute):
            job.state, job.deadline = "disputed", now + DISPUTE

    @precondition(lambda self: self.models)
    @rule(which=WHICH, seconds=st.integers(0, 900))
    def resolve(self, which: int, seconds: int) -> None:
        job, now = self.chosen(which), self.world.now
        fits = job.state == "disputed" and now < job.deadline and seconds <= job.proven
        if self.attempt(fits, lambda: self.jobs.resolve(seconds)):
            job.state, job.proven = "resolved", seconds

    @precondition(lambda self: self.models)
    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        job, now = self.chosen(which), self.world.now
        held = job.state == "running"
        fits = job.state in ("open", "assigned", "running")
        if self.attempt(fits, lambda: self.jobs.cancel(node=held)):
            job.state, job.reason, job.ended = "cancelled", 4, now
            job.deadline = now + GRACE if held else now

    @precondition(lambda self: self.models)
    @rule(which=WHICH)
    def expire(self, which: int) -> None:
        job, now = self.chosen(which), self.world.now
        reason = {"open": 41, "assigned": 42, "running": 43}.get(job.state, 0)
        call = self.jobs.job_expire(node=job.state == "running")
        fits = reason > 0 and now >= job.deadline + GRACE
        if self.attempt(fits, lambda: self.world.send(call)):
            job.state, job.reason, job.ended = "expired", reason, now

    @precondition(lambda self: self.models)
    @rule(which=WHICH, by=st.sampled_from(["wallet", "matcher", "device"]))
    def settle(self, which: int, by: str) -> None:
        job, now = self.chosen(which), self.world.now
        early = now < job.deadline
        fits = {
            "finished": not early or by == "wallet",
            "cancelled": not early or by == "matcher",
            "expired": True,
            "disputed": not early,
            "resolved": True,
        }.get(job.state, False)
        key = getattr(self.jobs, by)
        call = self.jobs.job_settle(key.pubkey())
        if self.attempt(fits, lambda: self.world.send(call, signers=[key])):
            job.state = "settled"
            job.paid, job.fees, job.refunded = job.bill()
            self.earned += job.paid
            self.fees += job.fees
            self.back += job.refunded + job.donated
            job.donated = 0

    # --- what strangers do ------------------------------------------------------------------------

    @rule(seconds=st.one_of(st.integers(0, 60), st.integers(0, 1_500), st.just(DISPUTE)))
    def wait(self, seconds: int) -> None:
        self.world.now += seconds

    @precondition(lambda self: self.models)
    @rule(which=WHICH, amount=st.integers(1, 10**9))
    def donate(self, which: int, amount: int) -> None:
        job = self.chosen(which)
        if job.state != "settled":
            self.give(self.jobs.vault, amount)
            job.donated += amount

    @rule(amount=st.integers(1, 10**9))
    def donate_to_the_fees(self, amount: int) -> None:
        self.give(addresses.fee_vault(), amount)
        self.fees += amount

    @rule()
    def collect(self) -> None:
        call = self.jobs.fees_collect(self.treasury)
        if self.attempt(self.fees > 0, lambda: self.world.send(call)):
            burned = -(-self.fees * BURN_BPS // 10_000)
            self.burned += burned
            self.treasured += self.fees - burned
            self.fees = 0

    def give(self, to: object, amount: int) -> None:
        wallet = self.jobs.wallet
        source = addresses.tokens(wallet.pubkey())
        self.world.send(transfer_tokens(wallet.pubkey(), source, to, amount), signers=[wallet])
        self.spent += amount

    # --- what always holds ------------------------------------------------------------------------

    def busy(self) -> int:
        return sum(job.gpus for job in self.models if job.state == "running")

    @invariant()
    def every_job_is_as_the_model_says(self) -> None:
        for number, job in enumerate(getattr(self, "models", [])):
            self.jobs.number = number
            found = self.jobs.read()
            assert (found.state, found.reason) == (STATES[job.state], job.reason)
            assert (found.run, found.proven_seconds, found.counter) == (
                job.run,
                job.proven,
                job.counter,
            )
            assert (found.funded, found.deadline) == (job.funded, job.deadline)
            assert (found.paid, found.fees, found.refunded) == (job.paid, job.fees, job.refunded)
            settled = job.state == "settled"
            held = 0 if settled else job.funded + job.donated
            assert self.world.balance(self.jobs.vault) == held
            assert found.paid + found.fees + found.refunded == (found.funded if settled else 0)

    @invariant()
    def every_unit_is_somewhere(self) -> None:
        if not hasattr(self, "treasured"):
            return
        wallet, payee = self.jobs.wallet.pubkey(), self.jobs.registry.payee
        balance = self.world.balance
        assert balance(addresses.tokens(wallet)) == FUNDS - self.spent + self.back
        assert balance(addresses.tokens(payee)) == self.earned
        assert balance(addresses.fee_vault()) == self.fees
        assert balance(addresses.tokens(self.treasury)) == self.treasured
        assert self.supply - self.world.supply() == self.burned
        node = self.jobs.registry.read_node()
        assert node.busy == self.busy()


TestEscrow = machine_test(EscrowMachine, examples=60, steps=60)
