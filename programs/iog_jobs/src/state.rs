//! Accounts of iog_jobs, their transitions and what always holds of them.

use anchor_lang::prelude::*;

use crate::{error::JobsError, math::Bill, reason};

/// Fee of each side, in 1/10,000.
pub const FEE_BPS: u16 = 25;

/// The most matchers a client names.
pub const MOST_MATCHERS: usize = 4;

/// The most GPUs of one job.
pub const MOST_GPUS: u16 = 1_024;

/// The longest a job may run: 30 days.
pub const MOST_SECONDS: u32 = 2_592_000;

/// The longest window after the end in which only the client settles: 14 days.
pub const MOST_WINDOW: u32 = 1_209_600;

/// The longest a job may wait to be placed: 30 days.
pub const MOST_WAIT: u32 = 2_592_000;

/// Time a node has to start, and slack at each deadline; scaled to the hour's length.
pub const GRACE: u32 = 600;

/// The least of that time: machines and networks do not get faster on chains with short hours.
pub const LEAST_GRACE: i64 = 20;

/// Keys and terms of the network. Seeds: `config`. Signs for the fee vault and to iog_staking.
#[account]
pub struct Config {
    pub authority: Address,
    /// Authority proposed but not yet accepted; zero for none.
    pub pending_authority: Address,
    /// Can only stop things.
    pub guardian: Address,
    /// Decides disputes.
    pub arbiter: Address,
    pub mint: Address,
    pub fee_vault: Address,
    /// Genesis hash of the cluster; part of every statement.
    pub genesis_hash: [u8; 32],
    /// Seconds of one hour, as iog_token has it.
    pub hour_length: u32,
    /// Fee of each side, in 1/10,000.
    pub fee_bps: u16,
    /// 1 while no job may be opened.
    pub paused: u8,
    pub bump: u8,
}

impl Config {
    /// Ten minutes, scaled to the hour's length, and never less than a transaction may need.
    pub fn grace(&self) -> i64 {
        iog_math::scaled(GRACE, self.hour_length).max(LEAST_GRACE)
    }
}

/// A wallet that opens jobs. Seeds: `client`, wallet.
#[account]
pub struct Client {
    pub wallet: Address,
    /// Matchers it trusts to place jobs and to sign statements; the rest is zero.
    pub matchers: [Address; MOST_MATCHERS],
    /// Number of its next job.
    pub next_job: u64,
    pub matcher_count: u8,
    pub bump: u8,
    pub reserved: [u8; 6],
}

impl Client {
    /// The matchers it trusts.
    pub fn matchers(&self) -> &[Address] {
        &self.matchers[..usize::from(self.matcher_count).min(MOST_MATCHERS)]
    }

    pub fn invariant(&self) -> Result<()> {
        let count = usize::from(self.matcher_count);
        require!((1..=MOST_MATCHERS).contains(&count), JobsError::InvariantBroken);
        Ok(())
    }
}

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
    /// Put into the vault at opening.
    pub funded: u64,
    /// Paid to the payee.
    pub paid: u64,
    /// Fees of both sides.
    pub fees: u64,
    /// Of the funding, back to the client.
    pub refunded: u64,
    /// Seconds proven by the last posted statement.
    pub proven_seconds: u64,
    /// Counter of the last posted statement.
    pub counter: u64,
    pub opened_at: i64,
    pub started_at: i64,
    pub ended_at: i64,
    /// Open: place by. Assigned: start by. Running: finish by. Finished: end of the window.
    /// Cancelled: end of the time for the run's last statement, of a run that was going on.
    pub deadline: i64,
    pub max_seconds: u32,
    /// Seconds after the end in which only the client settles.
    pub window: u32,
    /// Smallest multiplier of the node's class, thousandths.
    pub min_multiplier: u32,
    /// Attempts so far.
    pub run: u32,
    pub gpus: u16,
    /// [`OPEN`] to [`EXPIRED`].
    pub state: u8,
    /// Why it ended; see [`reason`].
    pub reason: u8,
    pub bump: u8,
    pub vault_bump: u8,
    pub reserved: [u8; 2],
    /// Neither the first nor a later run is assigned from then on.
    pub place_by: i64,
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
        require!(now < self.deadline, JobsError::DeadlinePassed);
        self.state = RUNNING;
        self.payee = payee;
        self.started_at = now;
        self.deadline = now.saturating_add(i64::from(self.max_seconds)).saturating_add(grace);
        Ok(())
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

    /// The client ends it. A run that was going on has `grace` for its last statement.
    pub fn cancel(&mut self, now: i64, grace: i64) -> Result<()> {
        self.require_state(&[OPEN, ASSIGNED, RUNNING])?;
        self.deadline = if self.is_running() { now.saturating_add(grace) } else { now };
        self.end(CANCELLED, reason::CANCELLED, now);
        Ok(())
    }

    /// Time ends it.
    pub fn expire(&mut self, now: i64, grace: i64) -> Result<()> {
        let reason = match self.state {
            OPEN => reason::NOT_PLACED,
            ASSIGNED => reason::START_MISSED,
            RUNNING => reason::EXPIRED,
            _ => return Err(JobsError::WrongState.into()),
        };
        require!(now >= self.deadline.saturating_add(grace), JobsError::DeadlineAhead);
        self.end(EXPIRED, reason, now);
        Ok(())
    }

    /// Whether `settler` may settle it now. After a cancel that is at first the matcher alone: it
    /// signs the statements, so it knows when there will be none any more.
    pub fn require_settler(&self, settler: &Address, now: i64) -> Result<()> {
        self.require_state(&[FINISHED, CANCELLED, EXPIRED])?;
        let early = now < self.deadline;
        match self.state {
            FINISHED if early && *settler != self.client => Err(JobsError::WindowOpen.into()),
            CANCELLED if early && *settler != self.matcher => Err(JobsError::StatementDue.into()),
            _ => Ok(()),
        }
    }

    /// How the funding is divided at this end.
    pub fn bill(&self, fee_bps: u16) -> Result<Bill> {
        let seconds = if reason::pays(self.reason) { self.proven_seconds } else { 0 };
        let bill = crate::math::gross(self.price, self.gpus, seconds)
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

    /// Nothing is paid before it is settled, and then exactly the funding.
    pub fn invariant(&self) -> Result<()> {
        let out = self.paid.checked_add(self.fees).and_then(|sum| sum.checked_add(self.refunded));
        let whole = if self.state == SETTLED { self.funded } else { 0 };
        require!(
            out == Some(whole)
                && self.state <= EXPIRED
                && self.price <= self.max_price
                && self.proven_seconds <= u64::from(self.max_seconds)
                && (self.state <= RUNNING) == (self.reason == reason::NONE),
            JobsError::InvariantBroken
        );
        Ok(())
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

#[cfg(test)]
mod tests;
