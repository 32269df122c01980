use anchor_lang::prelude::*;

use crate::error::JobsError;

/// The fewest and the most jobs of a gang.
pub const LEAST_MEMBERS: u16 = 2;
pub const MOST_MEMBERS: u16 = 64;

/// Jobs of one client that start together or not at all. Seeds: `gang`, wallet, number.
#[account]
pub struct Gang {
    /// Wallet of the client.
    pub client: Address,
    /// Counts the client's gangs.
    pub number: u64,
    /// When the last member joined; 0 until then.
    pub started_at: i64,
    /// Until then every member has to have joined.
    pub deadline: i64,
    /// Jobs it is to have.
    pub members: u16,
    /// Jobs opened in it.
    pub opened: u16,
    /// Jobs whose nodes hold their GPUs and wait for the others.
    pub joined: u16,
    pub bump: u8,
    pub reserved: u8,
}

impl Gang {
    /// A job is opened in it.
    pub fn open(&mut self, now: i64) -> Result<()> {
        require!(now < self.deadline, JobsError::DeadlinePassed);
        require!(self.opened < self.members, JobsError::GangFull);
        self.opened += 1;
        Ok(())
    }

    /// A member's node holds its GPUs. The last one starts them all.
    pub fn join(&mut self, now: i64) -> Result<()> {
        require!(now < self.deadline, JobsError::DeadlinePassed);
        self.joined += 1; // at most `opened`, by the invariant
        if self.joined == self.members {
            self.started_at = now;
        }
        Ok(())
    }

    /// A member that had joined ends before they started.
    pub fn leave(&mut self) -> Result<()> {
        require!(!self.has_started(), JobsError::GangStarted);
        self.joined = self.joined.checked_sub(1).ok_or(JobsError::InvariantBroken)?;
        Ok(())
    }

    pub fn is_full(&self) -> bool {
        self.opened == self.members
    }

    pub fn has_started(&self) -> bool {
        self.started_at != 0
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            (LEAST_MEMBERS..=MOST_MEMBERS).contains(&self.members)
                && self.joined <= self.opened
                && self.opened <= self.members
                && self.has_started() == (self.joined == self.members),
            JobsError::InvariantBroken
        );
        Ok(())
    }
}
