"""The world of `test_machine_gangs.py`: what strangers do to it, and what always holds."""

from escrow_model import fee
from gang_model import HOUR, ExactGang, Limits, Member
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer

from iog_client import addresses
from iog_client._generated.iog_jobs.accounts import Delegate, Gang
from jobs_world import STATES
from jobs_world import jobs as bring_up
from machines import Machine
from registry_world import FUNDS, GPUS
from stages import network
from world import ProgramFailed, World, transfer_tokens

MOST_JOBS, MOST_GANGS, KEYS = 10, 3, 2
JOB = 600_000_000
"""About what a job is funded with, base units."""
WHICH = st.integers(-2 * MOST_JOBS, MOST_JOBS - 1)
"""A job; below zero one that the step is for, where there is one."""
WHO = st.one_of(st.none(), st.integers(0, KEYS - 1))
"""The wallet, or one of its delegates."""
KEY = st.integers(0, KEYS - 1)


class GangWorld(Machine):
    """A client with two delegates and up to three gangs, on a node with eight GPUs."""

    @initialize(members=st.integers(2, 4), who=WHO, steps=st.integers(0, 3))
    def bring_up(self, members: int, who: int | None, steps: int) -> None:
        self.jobs = bring_up(network(World()))
        self.world, self.wallet = self.jobs.world, self.jobs.wallet
        self.keys = [self.world.keypair() for _ in range(KEYS)]
        for key in self.keys:
            self.world.tokens(key.pubkey())
        self.models: list[Member] = []
        self.gangs: list[ExactGang] = []
        self.limits: list[Limits | None] = [None] * KEYS
        self.spent = self.back = self.earned = self.fees = self.approved = 0
        self.begin(members, who, steps)

    def begin(self, members: int, who: int | None, steps: int) -> None:
        """Limits, and a gang whose members are open, assigned, joined or started."""
        raise NotImplementedError

    # --- helpers ----------------------------------------------------------------------------------

    def attempt(self, allowed: bool, *calls: Instruction, by: Keypair | None = None) -> bool:
        """The program accepts exactly what the model does."""
        try:
            self.world.send(*calls, signers=[by] if by else [])
        except ProgramFailed:
            if allowed:
                raise
            return False
        assert allowed, "the program accepted what the model refuses"
        return True

    def chosen(self, which: int, *states: str) -> Member:
        fitting = [number for number, job in enumerate(self.models) if job.state in states]
        exact = which % len(self.models)
        self.jobs.number = fitting[which % len(fitting)] if which < 0 and fitting else exact
        return self.models[self.jobs.number]

    def gang_of(self, job: Member) -> ExactGang | None:
        return None if job.gang is None else self.gangs[job.gang]

    def address(self, gang: int) -> Pubkey:
        return addresses.gang(self.wallet.pubkey(), gang)

    def signer(self, who: int | None) -> tuple[Keypair, Pubkey | None]:
        """The key that signs, and how the calls name it."""
        return (self.wallet, None) if who is None else (self.keys[who], self.keys[who].pubkey())

    def may_spend(self, who: int | None, amount: int, whole: int) -> bool:
        limits = None if who is None else self.limits[who]
        if limits is None:
            return who is None
        return limits.allows(amount, whole, self.world.now) and amount <= self.approved

    def pay(self, who: int | None, amount: int) -> None:
        self.spent += amount
        limits = None if who is None else self.limits[who]
        if limits is not None:
            limits.spend(amount, self.world.now)
            self.approved -= amount

    def any(self, *states: str) -> bool:
        return any(job.state in states for job in self.models)

    def busy(self) -> int:
        return sum(job.gpus for job in self.models if job.held)

    def free(self, job: Member) -> bool:
        return GPUS - self.busy() >= job.gpus

    # --- what strangers do ------------------------------------------------------------------------

    @rule(seconds=st.one_of(st.integers(0, 60), st.integers(100, 700)))
    def wait(self, seconds: int) -> None:
        self.world.now += seconds

    @rule(hours=st.sampled_from([1, 24, 25]))
    def sleep(self, hours: int) -> None:
        self.world.now += hours * HOUR

    @rule(which=WHICH, amount=st.integers(1, 10**9))
    def donate(self, which: int, amount: int) -> None:
        """To a vault that is there: a job's, else the fees'."""
        job = self.chosen(which) if self.models else None
        target = self.jobs.vault
        if job is None or job.state == "settled":
            target = addresses.fee_vault()
            self.fees += amount
        else:
            job.donated += amount
        source = addresses.tokens(self.wallet.pubkey())
        call = transfer_tokens(self.wallet.pubkey(), source, target, amount)
        self.attempt(True, call, by=self.wallet)
        self.spent += amount

    @rule(to=st.sampled_from(["job", "vault", "gang"]), lamports=st.integers(10**6, 10**7))
    def squat(self, to: str, lamports: int) -> None:
        """SOL lies already where the next account will be made."""
        job = addresses.job(self.wallet.pubkey(), len(self.models))
        next_gang = self.address(len(self.gangs))
        target = {"job": job, "vault": addresses.job_vault(job), "gang": next_gang}[to]
        payer = self.world.payer.pubkey()
        terms = TransferParams(from_pubkey=payer, to_pubkey=target, lamports=lamports)
        self.attempt(True, transfer(terms))

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def every_job_is_as_the_model_says(self) -> None:
        funded = held = divided = 0
        for number, job in enumerate(getattr(self, "models", [])):
            self.jobs.number = number
            found = self.jobs.read()
            assert (found.state, found.reason) == (STATES[job.state], job.reason)
            assert (found.run, found.counter, found.proven_seconds, found.started_at) == (
                (job.run, job.counter, job.proven, job.started)
            )
            assert (found.funded, found.deadline, found.place_by) == (
                (job.funded, job.deadline, job.place_by)
            )
            assert (found.paid, found.fees, found.refunded) == (job.paid, job.fees, job.refunded)
            whole = 0 if job.state == "settled" else job.funded
            assert self.world.balance(self.jobs.vault) == whole + job.donated
            assert found.fees == (2 * fee(found.paid + found.fees // 2))
            funded, held = funded + found.funded, held + whole
            divided += found.paid + found.fees + found.refunded
        assert funded == divided + held

    @invariant()
    def members_start_at_one_moment_or_not_at_all(self) -> None:
        for number, gang in enumerate(getattr(self, "gangs", [])):
            found = self.world.account(Gang, self.address(number))
            assert (found.members, found.opened, found.joined) == (
                (gang.members, gang.opened, gang.joined)
            )
            assert (found.started_at, found.deadline) == (gang.started, gang.deadline)
            starts = {job.started for job in self.models if job.gang == number and job.started}
            assert starts <= {gang.started}
            assert gang.started == 0 or gang.joined == gang.members == gang.opened

    @invariant()
    def every_delegate_is_as_the_model_says(self) -> None:
        for who, limits in enumerate(getattr(self, "limits", [])):
            key = self.keys[who].pubkey()
            address = addresses.delegate(self.wallet.pubkey(), key)
            assert self.world.exists(address) == (limits is not None)
            if limits is not None:
                found = self.world.account(Delegate, address)
                assert (found.per_job, found.per_day) == (limits.per_job, limits.per_day)
                assert list(found.spent) == limits.buckets()
            assert self.world.balance(addresses.tokens(key)) == 0

    @invariant()
    def every_unit_is_somewhere(self) -> None:
        if not hasattr(self, "approved"):
            return
        wallet, payee = self.wallet.pubkey(), self.jobs.registry.payee
        balance = self.world.balance
        assert balance(addresses.tokens(wallet)) == FUNDS - self.spent + self.back
        account = self.world.svm.get_account(addresses.tokens(wallet))
        assert account is not None
        assert int.from_bytes(account.data[121:129], "little") == self.approved
        assert balance(addresses.tokens(payee)) == self.earned
        assert balance(addresses.fee_vault()) == self.fees
        assert self.jobs.registry.read_node().busy == self.busy()
