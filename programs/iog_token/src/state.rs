//! Accounts of iog_token: the configuration and the genesis buckets.

use anchor_lang::prelude::*;
use anchor_spl::associated_token;
use iog_math::{emission, hour_now, hours_ended, mul_div, HOURS};

use crate::TokenError;

/// Base units in one IO.
pub const IO: u64 = 100_000_000;

/// Base units minted at genesis.
pub const GENESIS_SUPPLY: u64 = 500_000_000 * IO;

/// Decimals of the mint.
pub const DECIMALS: u8 = 8;

/// A whole in basis points.
pub const WHOLE_BPS: u16 = 10_000;

/// Buckets of the genesis.
pub const MAX_BUCKETS: u8 = 8;

/// How far ahead the start of the emission may lie: 365 days. It cannot be moved once set.
pub const MOST_AHEAD: i64 = 31_536_000;

/// Seed of the PDA that the rewards program pays from.
pub const REWARDS_VAULT_SEED: &[u8] = b"vault";

/// Seed of the PDA that the staking program keeps the backers' pool in.
pub const POOL_VAULT_SEED: &[u8] = b"pool_vault";

/// The associated token account of a wallet.
///
/// Derived by hashing, as Anchor checks its own seeds: the syscall that looks for the bump costs
/// 1,500 units a try.
pub fn tokens_of(wallet: &Address, mint: &Address) -> Address {
    let seeds = [wallet.as_ref(), pinocchio_token::ID.as_ref(), mint.as_ref()];
    find_program_address(&seeds, &associated_token::ID).0
}

/// The one configuration, PDA `[b"config"]`; authority of the mint, owner of the vesting vault.
#[account]
pub struct Config {
    /// Key that allocates, seals, starts and sets the share of the pool.
    pub authority: Address,
    /// Key that the authority was offered to; zero for none.
    pub pending_authority: Address,
    /// Key that can only stop things.
    pub guardian: Address,
    /// PDA `[b"mint"]`.
    pub mint: Address,
    /// PDA `[b"vesting"]`.
    pub vesting_vault: Address,
    /// Unix seconds when hour 1 and vesting begin; 0 while not set.
    pub start: i64,
    /// Base units emitted so far, genesis apart; always `to_rewards + to_pool`.
    pub minted: u64,
    /// Base units emitted to the rewards vault so far.
    pub to_rewards: u64,
    /// Base units emitted to the backers' pool so far.
    pub to_pool: u64,
    /// `to_pool` at the end of `split_from_hour`.
    pub pool_base: u64,
    /// Sum of the genesis buckets.
    pub allocated: u64,
    /// Seconds.
    pub hour_length: u32,
    /// Hours minted so far.
    pub advanced_hour: u32,
    /// The current share of the pool holds for the hours after this one.
    pub split_from_hour: u32,
    /// The next share holds for the hours after this one; 0 for none.
    pub next_split_hour: u32,
    /// Share of the backers' pool.
    pub pool_bps: u16,
    pub next_pool_bps: u16,
    /// 1 once the genesis is minted.
    pub sealed: u8,
    /// Buckets written so far.
    pub buckets: u8,
    pub bump: u8,
    pub mint_bump: u8,
    pub vesting_bump: u8,
    /// Bump of the rewards vault under the rewards program.
    pub rewards_vault_bump: u8,
    /// Bump of the pool vault under the staking program.
    pub pool_vault_bump: u8,
    pub reserved: [u8; 5],
}

/// Base units that one advance adds.
#[derive(Debug, PartialEq, Eq)]
pub struct Emission {
    pub to_rewards: u64,
    pub to_pool: u64,
}

impl Config {
    pub const SEED: &'static [u8] = b"config";
    pub const MINT_SEED: &'static [u8] = b"mint";
    pub const VESTING_SEED: &'static [u8] = b"vesting";

    /// Counts a bucket's amount instead of the one it replaces.
    pub fn reallocate(&mut self, old: u64, new: u64) -> Result<()> {
        self.allocated = self
            .allocated
            .checked_sub(old)
            .and_then(|rest| rest.checked_add(new))
            .ok_or(TokenError::AmountOverflow)?;
        Ok(())
    }

    /// Moves on to `hour` hours minted and returns what that adds; None when nothing is new.
    ///
    /// The result does not depend on when it was called: the pool's total is the sum, over periods
    /// of one share, of the floored share of what the whole period emitted so far.
    pub fn advance(&mut self, hour: u32) -> Result<Option<Emission>> {
        if hour <= self.advanced_hour {
            return Ok(None);
        }
        if self.next_split_hour != 0 && hour >= self.next_split_hour {
            self.pool_base = self.pool_total(self.next_split_hour)?;
            self.split_from_hour = self.next_split_hour;
            self.pool_bps = self.next_pool_bps;
            self.next_split_hour = 0;
            self.next_pool_bps = 0;
        }
        let minted = emission::cumulative(hour);
        let to_pool = self.pool_total(hour)?;
        let to_rewards = minted.checked_sub(to_pool).ok_or(TokenError::AmountOverflow)?;
        let added = Emission {
            to_rewards: to_rewards
                .checked_sub(self.to_rewards)
                .ok_or(TokenError::AmountOverflow)?,
            to_pool: to_pool.checked_sub(self.to_pool).ok_or(TokenError::AmountOverflow)?,
        };
        self.advanced_hour = hour;
        self.minted = minted;
        self.to_rewards = to_rewards;
        self.to_pool = to_pool;
        Ok(Some(added))
    }

    /// Puts up another share for the hours after `from_hour`, in place of one that is not due.
    pub fn announce(&mut self, pool_bps: u16, from_hour: u32, now: i64) -> Result<()> {
        require!(pool_bps <= WHOLE_BPS, TokenError::ShareAboveWhole);
        // 0 stands for none announced, so hour 1 has the share it was created with.
        let running = hour_now(self.start, self.hour_length, now).max(1);
        require!(from_hour >= running, TokenError::SplitTooEarly);
        require!(from_hour < HOURS, TokenError::SplitTooLate);
        // Hours at the announced share have ended: replacing it would change them.
        require!(!self.split_due(now), TokenError::SplitDue);
        self.next_split_hour = from_hour;
        self.next_pool_bps = pool_bps;
        Ok(())
    }

    /// Takes an announced share back and returns it with its hour.
    pub fn withdraw(&mut self, now: i64) -> Result<(u16, u32)> {
        require!(self.next_split_hour != 0, TokenError::NoSplit);
        require!(!self.split_due(now), TokenError::SplitDue);
        let announced = (self.next_pool_bps, self.next_split_hour);
        self.next_pool_bps = 0;
        self.next_split_hour = 0;
        Ok(announced)
    }

    /// Whether the first hour of the announced share has begun.
    fn split_due(&self, now: i64) -> bool {
        self.next_split_hour != 0
            && hours_ended(self.start, self.hour_length, now) >= self.next_split_hour
    }

    /// Refuses a configuration that no sequence of instructions leads to.
    pub fn invariant(&self) -> Result<()> {
        let whole = self.to_rewards.checked_add(self.to_pool) == Some(self.minted);
        let scheduled = self.minted == emission::cumulative(self.advanced_hour);
        let allocated = self.sealed == 0 || self.allocated == GENESIS_SUPPLY;
        let started = self.start == 0 || self.sealed == 1;
        let shares = self.pool_bps <= WHOLE_BPS && self.next_pool_bps <= WHOLE_BPS;
        let split = self.split_from_hour <= self.advanced_hour
            && match self.next_split_hour {
                0 => self.next_pool_bps == 0,
                next => next > self.advanced_hour,
            };
        require!(
            whole && scheduled && allocated && started && shares && split && self.hour_length > 0,
            TokenError::InvariantBroken
        );
        Ok(())
    }

    /// The pool's total once `hour` hours are minted at the current share.
    fn pool_total(&self, hour: u32) -> Result<u64> {
        let period = emission::cumulative(hour)
            .checked_sub(emission::cumulative(self.split_from_hour))
            .ok_or(TokenError::AmountOverflow)?;
        let share = mul_div(period, self.pool_bps as u64, WHOLE_BPS as u64)
            .ok_or(TokenError::AmountOverflow)?;
        Ok(self.pool_base.checked_add(share).ok_or(TokenError::AmountOverflow)?)
    }
}

/// When a bucket falls due. Months are 730 hours after the start of emission; whole months count.
#[derive(Clone, Copy)]
pub struct Vesting {
    /// Part due from the seal of the genesis on.
    pub launch_bps: u16,
    /// Months after the start until the rest begins to fall due.
    pub cliff_months: u16,
    /// Months after the cliff over which the rest falls due; 0: all of it at the cliff.
    pub linear_months: u16,
}

/// A part of the genesis supply, PDA `[b"bucket", index]`. Never closed.
#[account]
pub struct Bucket {
    pub beneficiary: Address,
    /// Base units.
    pub amount: u64,
    /// Base units paid so far.
    pub claimed: u64,
    /// See [`Vesting`].
    pub launch_bps: u16,
    pub cliff_months: u16,
    pub linear_months: u16,
    pub index: u8,
    pub bump: u8,
}

impl Bucket {
    pub const SEED: &'static [u8] = b"bucket";

    /// Base units due when `months` whole months have passed since the start of emission; before it
    /// (None) the part at launch, so that the first nodes can be staked.
    pub fn due(&self, months: Option<u32>) -> Result<u64> {
        let launch = mul_div(self.amount, self.launch_bps as u64, WHOLE_BPS as u64)
            .ok_or(TokenError::AmountOverflow)?;
        let rest = self.amount.checked_sub(launch).ok_or(TokenError::ShareAboveWhole)?;
        let linear = self.linear_months as u32;
        let vested = match months.and_then(|whole| whole.checked_sub(self.cliff_months as u32)) {
            None => 0,
            Some(passed) if passed >= linear => rest,
            Some(passed) => {
                mul_div(rest, passed as u64, linear as u64).ok_or(TokenError::AmountOverflow)?
            }
        };
        Ok(launch + vested)
    }

    /// Marks everything due as paid and returns what was not yet.
    pub fn claim(&mut self, months: Option<u32>) -> Result<u64> {
        let due = self.due(months)?;
        let pay = due.checked_sub(self.claimed).ok_or(TokenError::InvariantBroken)?;
        require!(pay > 0, TokenError::NothingDue);
        self.claimed = due;
        Ok(pay)
    }
}

#[cfg(test)]
mod tests;
