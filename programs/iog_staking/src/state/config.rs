use anchor_lang::prelude::*;

use super::COOLING;
use crate::error::StakingError;

/// Keys and sums of the network. Seeds: `config`. Signs for both vaults.
#[account]
pub struct Config {
    pub authority: Address,
    /// Authority proposed but not yet accepted; zero for none.
    pub pending_authority: Address,
    /// Can only stop things.
    pub guardian: Address,
    /// Opens slash cases.
    pub slasher: Address,
    /// Decides appealed slash cases.
    pub arbiter: Address,
    pub mint: Address,
    pub stake_vault: Address,
    pub pool_vault: Address,
    /// Genesis hash of the cluster; part of every registration.
    pub genesis_hash: [u8; 32],
    /// Own, co-staked, cooling and frozen stake of all nodes.
    pub total_staked: u64,
    /// Stake that open slash cases have taken out of its nodes; part of `total_staked`.
    pub frozen: u64,
    /// Stake in the backers' pool.
    pub pool_total: u64,
    /// Stake on its way out of the backers' pool.
    pub pool_unbonding: u64,
    /// Rewards a staked base unit of the pool has earned since the start, 64.64 fixed point,
    /// little-endian. Bytes, because programs that read this account would align a u128.
    pub pool_per_share: [u8; 16],
    /// Rewards released to the backers' pool since the start.
    pub pool_released: u64,
    /// What iog_token had minted to the backers' pool at `pool_hour`.
    pub pool_seen: u64,
    /// Hour up to which the pool's rewards are released.
    pub pool_hour: u32,
    /// Seconds of one hour, as iog_token has it.
    pub hour_length: u32,
    pub bump: u8,
    pub stake_vault_bump: u8,
    pub pool_vault_bump: u8,
    /// 1 while nothing may come in.
    pub paused: u8,
    pub reserved: [u8; 4],
}

impl Config {
    /// Counts stake that came in.
    pub fn add_stake(&mut self, amount: u64) -> Result<()> {
        self.total_staked =
            self.total_staked.checked_add(amount).ok_or(StakingError::SumOverflow)?;
        Ok(())
    }

    /// Counts stake that went out.
    pub fn take_stake(&mut self, amount: u64) -> Result<()> {
        self.total_staked =
            self.total_staked.checked_sub(amount).ok_or(StakingError::InvariantBroken)?;
        Ok(())
    }

    /// A pause stops what would come in, never what goes out.
    pub fn require_running(&self) -> Result<()> {
        require!(self.paused == 0, StakingError::StakingPaused);
        Ok(())
    }

    /// How long stake cools after it has ended, seconds.
    pub fn cooling(&self) -> i64 {
        iog_math::scaled(COOLING, self.hour_length)
    }
}
