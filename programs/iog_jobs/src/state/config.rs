use anchor_lang::prelude::*;

use crate::error::JobsError;

/// Fee of each side, in 1/10,000.
pub const FEE_BPS: u16 = 25;

/// The whole, in 1/10,000.
pub const BPS: u16 = 10_000;

/// Time a node has to start, and slack at each deadline; scaled to the hour's length.
pub const GRACE: u32 = 600;

/// The least of that time: machines and networks do not get faster on chains with short hours.
pub const LEAST_GRACE: i64 = 20;

/// Time the arbiter has for a dispute: 14 days, scaled to the hour's length.
pub const DISPUTE: u32 = 1_209_600;

/// Keys and terms of the network. Seeds: `config`. Signs for the fee vault and to iog_staking.
///
/// There is only one: [`crate::instructions::JobsInitialize`] alone makes it, so type and owner pin
/// it wherever it is only read.
#[account]
pub struct Config {
    pub authority: Address,
    /// Authority proposed but not yet accepted; zero for none.
    pub pending_authority: Address,
    /// Can only stop things.
    pub guardian: Address,
    /// Decides disputes.
    pub arbiter: Address,
    /// Wallet that gets the fees that are not burned; zero for none.
    pub treasury: Address,
    pub mint: Address,
    pub fee_vault: Address,
    /// Genesis hash of the cluster; part of every statement.
    pub genesis_hash: [u8; 32],
    /// Seconds of one hour, as iog_token has it.
    pub hour_length: u32,
    /// Fee of each side, in 1/10,000.
    pub fee_bps: u16,
    /// Part of the fees that is burned, in 1/10,000.
    pub burn_bps: u16,
    /// 1 while no job may be opened or extended.
    pub paused: u8,
    pub bump: u8,
    pub reserved: [u8; 2],
}

impl Config {
    /// Ten minutes, scaled to the hour's length, and never less than a transaction may need.
    pub fn grace(&self) -> i64 {
        iog_math::scaled(GRACE, self.hour_length).max(LEAST_GRACE)
    }

    /// Time the arbiter has for a dispute.
    pub fn dispute_time(&self) -> i64 {
        iog_math::scaled(DISPUTE, self.hour_length)
    }

    /// Of `fees`, what is burned (rounded up) and what the treasury gets.
    pub fn split(&self, fees: u64) -> Result<(u64, u64)> {
        let burned = iog_math::mul_div_up(fees, u64::from(self.burn_bps), u64::from(BPS));
        let burned = burned.ok_or(JobsError::AmountOverflow)?;
        let left = fees.checked_sub(burned).ok_or(JobsError::AmountOverflow)?;
        Ok((burned, left))
    }

    pub fn require_running(&self) -> Result<()> {
        require!(self.paused == 0, JobsError::Paused);
        Ok(())
    }

    pub fn invariant(&self) -> Result<()> {
        require!(
            self.authority != Address::default() && self.burn_bps <= BPS && self.paused <= 1,
            JobsError::InvariantBroken
        );
        Ok(())
    }
}
