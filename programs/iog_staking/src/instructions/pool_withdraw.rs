use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::PoolWithdrawn,
    record::Record,
    state::{Backer, Config},
    vaults::Payment,
};

/// Anyone may send it. Nothing that unbonds earns, so the emission need not be advanced.
#[derive(Accounts)]
pub struct PoolWithdraw {
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(mut)]
    pub backer: Record<Backer>,
    /// Unchecked: the address is pinned.
    #[account(mut, address = config.stake_vault @ StakingError::VaultMismatch)]
    pub stake_vault: UncheckedAccount,
    /// Unchecked: the payment compares it with the wallet's associated account.
    #[account(mut)]
    pub wallet_tokens: UncheckedAccount,
    pub token_program: Program<Token>,
}

impl PoolWithdraw {
    pub fn pool_withdraw(&mut self) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let amount = self.backer.withdraw(&mut self.config, now)?;
        Payment {
            config: &self.config,
            vault: self.stake_vault.account(),
            destination: self.wallet_tokens.account(),
            wallet: &self.backer.wallet,
            amount,
        }
        .send()?;
        emit!(PoolWithdrawn {
            wallet: self.backer.wallet,
            amount,
            pool_unbonding: self.config.pool_unbonding,
        });
        self.backer.invariant(&self.config)
    }
}
