use anchor_lang::prelude::*;

use super::Gang;
use crate::{error::JobsError, math, math::Bill, reason};

/// The most GPUs of one job.
pub const MOST_GPUS: u16 = 1_024;

/// The longest a job may run: 30 days.
pub const MOST_SECONDS: u32 = 2_592_000;

/// The longest window after the end in which only the client settles: 14 days.
pub const MOST_WINDOW: u32 = 1_209_600;

/// The longest a job may wait to be placed: 30 days.
pub const MOST_WAIT: u32 = 2_592_000;

/// States of a job.
pub const OPEN: u8 = 0;
/// A node is chosen and has until the deadline to start.
pub const ASSIGNED: u8 = 1;
/// The node's GPUs are held.
pub const RUNNING: u8 = 2;
/// Ended by the device; the client has until the deadline to object.
pub const FINISHED: u8 = 3;
/// Paid out; the last state.
pub const SETTLED: u8 = 4;
/// Ended by the client; to be settled.
pub const CANCELLED: u8 = 5;
/// Ended by its deadline; to be settled.
pub const EXPIRED: u8 = 6;
/// The client objected; the arbiter has until the deadline to decide.
pub const DISPUTED: u8 = 7;
/// The arbiter decided; to be settled.
pub const RESOLVED: u8 = 8;
/// The node's GPUs are held until all of its gang are.
pub const JOINED: u8 = 9;

/// One escrowed piece of work. Seeds: `job`, wallet, number. Signs for its vault (seeds: `vault`,
/// job). Never closed: it is the record of what was paid.
#[account]
pub struct Job {
    /// Wallet of the client.
    pub client: Address,
    /// Who paid the vault's rent and gets it back.
    pub payer: Address,
    /// Places the job and signs its statements.
    pub matcher: Address,
    /// Address of the Node; zero until assigned.
    pub node: Address,
    /// Key of the node.
    pub device: Address,
    /// Wallet paid for the run: the node's payee when it started.
    pub payee: Address,
    /// Address of the Class it needs; zero for any.
    pub class: Address,
    /// Address of its Gang; zero for none.
    pub gang: Address,
    /// sha256 of what is to be done.
    pub spec_hash: [u8; 32],
    /// sha256 of what came out; zero until finished.
    pub result_hash: [u8; 32],
    /// Counts the client's jobs.
    pub number: u64,
    /// The most for one GPU and second, base units.
    pub max_price: u64,
    /// What the node asked when it was assigned.
    pub price: u64,
    /// Put into the vault when it was opened and extended.
    pub funded: u64,
    /// Paid to the payee.
    pub paid: u64,
    /// Fees of both sides.
    pub fees: u64,
    /// Of the funding, back to the client.
    pub refunded: u64,
    /// Seconds proven by the run's last posted statement, or what the arbiter left of them.
    pub proven_seconds: u64,
    /// Counter of the run's last posted statement.
    pub counter: u64,
    pub opened_at: i64,
    pub started_at: i64,
    /// When the run's last statement was posted; its start before the first.
    pub proven_at: i64,
    pub ended_at: i64,
    /// Open: place by. Assigned: start by. Joined: the gang's. Running: finish by. Finished: end of
    /// the window. Disputed: decide by. Cancelled: end of the time for the run's last statement, of
    /// a run that was going on.
    pub deadline: i64,
    /// Neither the first nor a later run is assigned from then on.
    pub place_by: i64,
    pub max_seconds: u32,
    /// Seconds after the end in which only the client settles.
    pub window: u32,
    /// Smallest multiplier of the node's class, thousandths.
    pub min_multiplier: u32,
    /// Attempts so far.
    pub run: u32,
    /// A run that is not the last of these may be released.
    pub max_runs: u32,
    pub gpus: u16,
    /// [`OPEN`] to [`JOINED`].
    pub state: u8,
    /// Why it ended; see [`reason`].
    pub reason: u8,
    pub bump: u8,
    pub vault_bump: u8,
    pub reserved: [u8; 6],
}

/// A node as a job takes it.
pub struct Offer {
    pub node: Address,
    pub device: Address,
    pub price: u64,
}

impl Job {
    /// Takes a node's offer. An assigned job takes another one when the first did not start.
    pub fn assign(&mut self, offer: &Offer, now: i64, grace: i64) -> Result<()> {
        match self.state {
            OPEN | ASSIGNED if now >= self.place_by => return Err(JobsError::DeadlinePassed.into()),
            ASSIGNED if now < self.deadline => return Err(JobsError::DeadlineAhead.into()),
            OPEN | ASSIGNED => {}
            _ => return Err(JobsError::WrongState.into()),
        }
        self.state = ASSIGNED;
        // Each run lasts at least a second, so the count cannot wrap within the job's life.
        self.run += 1;
        self.node = offer.node;
        self.device = offer.device;
        self.price = offer.price;
        self.deadline = now.saturating_add(grace);
        Ok(())
    }

    /// The assigned node starts, for this payee.
    pub fn start(&mut self, payee: Address, now: i64, grace: i64) -> Result<()> {
        self.require_state(&[ASSIGNED])?;
        require!(!self.is_member(), JobsError::GangMember);
        require!(now < self.deadline, JobsError::DeadlinePassed);
        self.payee = payee;
        self.run_from(now, grace);
        Ok(())
    }

    /// The assigned node holds its GPUs and waits for the others of the gang.
    pub fn join(&mut self, payee: Address, gang: &Gang, now: i64) -> Result<()> {
        self.require_state(&[ASSIGNED])?;
        require!(now < self.deadline, JobsError::DeadlinePassed);
        self.state = JOINED;
        self.payee = payee;
        self.deadline = gang.deadline;
        Ok(())
    }

    /// A member runs since the last one joined, whenever that is written down.
    pub fn start_with(&mut self, gang: &Gang, grace: i64) -> Result<()> {
        self.require_state(&[JOINED])?;
        require!(gang.has_started(), JobsError::GangWaiting);
        self.run_from(gang.started_at, grace);
        Ok(())
    }

    /// Allows `seconds` more; the amount that the client then adds.
    pub fn extend(&mut self, seconds: u32, fee_bps: u16, now: i64) -> Result<u64> {
        self.require_state(&[OPEN, ASSIGNED, RUNNING])?;
        require!(now < self.deadline, JobsError::DeadlinePassed);
        let whole = self.max_seconds.saturating_add(seconds);
        require!(seconds > 0 && whole <= MOST_SECONDS, JobsError::DurationOutOfRange);
        let funded = math::funding(self.max_price, self.gpus, whole, fee_bps);
        let funded = funded.ok_or(JobsError::AmountOverflow)?;
        let added = funded.checked_sub(self.funded).ok_or(JobsError::AmountOverflow)?;
        self.max_seconds = whole;
        self.funded = funded;
        if self.is_running() {
            self.deadline = self.deadline.saturating_add(i64::from(seconds));
        }
        Ok(added)
    }

    /// Records a statement. The second beyond the elapsed ones is the rounding of two clocks.
    ///
    /// A cancel comes unannounced: what was worked until then may still be proven for a while.
    pub fn prove(&mut self, counter: u64, seconds: u64, now: i64) -> Result<()> {
        self.require_state(&[RUNNING, CANCELLED])?;
        require!(self.is_running() || now < self.deadline, JobsError::DeadlinePassed);
        let until = if self.is_running() { now } else { self.ended_at };
        require!(counter > self.counter, JobsError::CounterOld);
        require!(seconds >= self.proven_seconds, JobsError::SecondsFewer);
        require!(seconds <= u64::from(self.max_seconds), JobsError::SecondsAboveMaximum);
        // Chain time never goes back, so the difference is not negative.
        let elapsed = until.saturating_sub(self.started_at).max(0) as u64;
        require!(seconds <= elapsed.saturating_add(1), JobsError::SecondsAhead);
        self.counter = counter;
        self.proven_seconds = seconds;
        self.proven_at = now;
        Ok(())
    }

    /// The device ends the run.
    pub fn finish(&mut self, result_hash: &[u8; 32], reason: u8, now: i64) -> Result<()> {
        self.require_state(&[RUNNING])?;
        require!(now <= self.deadline, JobsError::DeadlinePassed);
        require!(reason::device_may_give(reason), JobsError::ReasonNotAllowed);
        self.result_hash = *result_hash;
        self.end(FINISHED, reason, now);
        self.deadline = now.saturating_add(i64::from(self.window));
        Ok(())
    }

    /// Gives the run up and opens the job for another one: `by` its device, or by its matcher once
    /// it has not heard of the run for a `grace`. The reasons it can have pay nothing.
    pub fn release(&mut self, by: &Address, reason: u8, now: i64, grace: i64) -> Result<()> {
        self.require_state(&[RUNNING])?;
        require!(!self.is_member(), JobsError::GangMember);
        if *by == self.device && reason::device_may_release(reason) {
            // It ends its own run, at any time.
        } else if *by == self.matcher && reason == reason::NODE_LOST {
            require!(now >= self.proven_at.saturating_add(grace), JobsError::NodeHeard);
        } else {
            let known = *by == self.device || *by == self.matcher;
            require!(known, JobsError::NotDeviceNorMatcher);
            return Err(JobsError::ReasonNotAllowed.into());
        }
        require!(self.run < self.max_runs, JobsError::RunsUsedUp);
        let late = now > self.deadline || now >= self.place_by;
        require!(!late, JobsError::DeadlinePassed);
        self.state = OPEN;
        self.deadline = self.place_by;
        self.node = Address::default();
        self.device = Address::default();
        self.payee = Address::default();
        self.price = 0;
        self.proven_seconds = 0;
        self.counter = 0;
        self.started_at = 0;
        self.proven_at = 0;
        Ok(())
    }

    /// The client objects to what the device says; `time` for the arbiter.
    pub fn dispute(&mut self, now: i64, time: i64) -> Result<()> {
        self.require_state(&[FINISHED])?;
        require!(now < self.deadline, JobsError::DeadlinePassed);
        self.state = DISPUTED;
        self.deadline = now.saturating_add(time);
        Ok(())
    }

    /// The arbiter leaves so many of the proven seconds.
    pub fn resolve(&mut self, seconds: u64, now: i64) -> Result<()> {
        self.require_state(&[DISPUTED])?;
        require!(now < self.deadline, JobsError::DeadlinePassed);
        require!(seconds <= self.proven_seconds, JobsError::SecondsMore);
        self.state = RESOLVED;
        self.proven_seconds = seconds;
        Ok(())
    }

    /// The client ends it. A run that was going on has `grace` for its last statement.
    pub fn cancel(&mut self, now: i64, grace: i64) -> Result<()> {
        self.require_state(&[OPEN, ASSIGNED, RUNNING, JOINED])?;
        self.deadline = if self.is_running() { now.saturating_add(grace) } else { now };
        self.end(CANCELLED, reason::CANCELLED, now);
        Ok(())
    }

    /// Time ends it. A member of a gang that has not started ends with it, at its deadline.
    pub fn expire(&mut self, gang: Option<&Gang>, now: i64, grace: i64) -> Result<()> {
        let due = self.deadline.saturating_add(grace);
        let (reason, due) = match (self.state, gang) {
            (OPEN | ASSIGNED | JOINED, Some(gang)) if !gang.has_started() => {
                (reason::GANG_INCOMPLETE, gang.deadline)
            }
            (OPEN, _) => (reason::NOT_PLACED, due),
            (ASSIGNED, _) => (reason::START_MISSED, due),
            (RUNNING, _) => (reason::EXPIRED, due),
            _ => return Err(JobsError::WrongState.into()),
        };
        require!(now >= due, JobsError::DeadlineAhead);
        self.end(EXPIRED, reason, now);
        Ok(())
    }

    /// Whether `settler` may settle it now. After a cancel that is at first the matcher alone: it
    /// signs the statements, so it knows when there will be none any more. A dispute that nobody
    /// decided leaves the statement as it is.
    pub fn require_settler(&self, settler: &Address, now: i64) -> Result<()> {
        self.require_state(&[FINISHED, CANCELLED, EXPIRED, DISPUTED, RESOLVED])?;
        let early = now < self.deadline;
        match self.state {
            FINISHED if early && *settler != self.client => Err(JobsError::WindowOpen.into()),
            CANCELLED if early && *settler != self.matcher => Err(JobsError::StatementDue.into()),
            DISPUTED if early => Err(JobsError::DisputeOpen.into()),
            _ => Ok(()),
        }
    }

    /// How the funding is divided at this end.
    pub fn bill(&self, fee_bps: u16) -> Result<Bill> {
        let seconds = if reason::pays(self.reason) { self.proven_seconds } else { 0 };
        let bill = math::gross(self.price, self.gpus, seconds)
            .and_then(|gross| Bill::new(self.funded, gross, fee_bps));
        Ok(bill.ok_or(JobsError::AmountOverflow)?)
    }

    /// Records that it is paid out.
    pub fn settle(&mut self, bill: &Bill) -> Result<()> {
        self.state = SETTLED;
        self.paid = bill.paid;
        self.fees = bill.node_fee.checked_add(bill.client_fee).ok_or(JobsError::AmountOverflow)?;
        self.refunded = bill.refunded;
        Ok(())
    }

    pub fn is_running(&self) -> bool {
        self.state == RUNNING
    }

    /// Whether it belongs to a gang.
    pub fn is_member(&self) -> bool {
        self.gang != Address::default()
    }

    /// Nothing is paid before it is settled, and then exactly the funding.
    #[inline(never)]
    pub fn invariant(&self) -> Result<()> {
        let whole = if self.state == SETTLED { self.funded } else { 0 };
        let divided = self.paid <= whole
            && self.fees <= whole - self.paid
            && self.refunded == whole - self.paid - self.fees;
        let goes_on = matches!(self.state, OPEN | ASSIGNED | RUNNING | JOINED);
        require!(
            divided
                && self.state <= JOINED
                && self.price <= self.max_price
                && self.proven_seconds <= u64::from(self.max_seconds)
                && goes_on == (self.reason == reason::NONE)
                && (self.is_member() || self.state != JOINED),
            JobsError::InvariantBroken
        );
        Ok(())
    }

    fn run_from(&mut self, at: i64, grace: i64) {
        self.state = RUNNING;
        self.started_at = at;
        self.proven_at = at;
        self.deadline = at.saturating_add(i64::from(self.max_seconds)).saturating_add(grace);
    }

    fn require_state(&self, accepted: &[u8]) -> Result<()> {
        require!(accepted.contains(&self.state), JobsError::WrongState);
        Ok(())
    }

    fn end(&mut self, state: u8, reason: u8, now: i64) {
        self.state = state;
        self.reason = reason;
        self.ended_at = now;
    }
}
