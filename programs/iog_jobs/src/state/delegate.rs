use anchor_lang::prelude::*;

use crate::error::JobsError;

/// Seconds of an hour of spending. Limits on people's money follow the clock on the wall, whatever
/// an hour of emission is.
pub const SPENDING_HOUR: i64 = 3_600;

/// Hours that are kept. The one that runs is not over yet, so 25 cover any 24 hours.
pub const SPENDING_HOURS: usize = 25;

/// A key that may open and extend a wallet's jobs within limits. Seeds: `delegate`, wallet, key.
#[account]
pub struct Delegate {
    pub wallet: Address,
    pub key: Address,
    /// The most it may put into one job, fees included.
    pub per_job: u64,
    /// The most it may put into jobs in any 24 hours, fees included.
    pub per_day: u64,
    /// Spent in each of the last hours; that of hour h lies at h modulo 25.
    pub spent: [u64; SPENDING_HOURS],
    /// Hour of the last spending, counted from 1970.
    pub last_hour: u32,
    pub bump: u8,
    pub reserved: u8,
    pub reserved2: u16,
}

impl Delegate {
    /// Spends `amount` on a job that is then funded with `funded` in all.
    pub fn spend(&mut self, amount: u64, funded: u64, now: i64) -> Result<()> {
        require!(funded <= self.per_job, JobsError::JobLimit);
        // Chain time lies between 1970 and the year 491,000.
        let hour = (now.max(0) / SPENDING_HOUR) as u32;
        self.forget(hour);
        let mut whole = amount;
        for spent in self.spent {
            whole = whole.checked_add(spent).ok_or(JobsError::DayLimit)?;
        }
        require!(whole <= self.per_day, JobsError::DayLimit);
        self.spent[place(hour)] += amount; // at most `whole`
        self.last_hour = hour;
        Ok(())
    }

    /// Clears the hours after the last spending up to `hour`.
    fn forget(&mut self, hour: u32) {
        let passed = hour.saturating_sub(self.last_hour).min(SPENDING_HOURS as u32);
        for back in 0..passed {
            self.spent[place(hour - back)] = 0; // passed is at most hour
        }
    }
}

fn place(hour: u32) -> usize {
    hour as usize % SPENDING_HOURS
}
