use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::PoolWithdrawn,
    state::{Backer, Config},
    tokens::{associated, pay_out},
};

/// Anyone may send it. Nothing that unbonds earns, so the emission need not be advanced.
#[derive(Accounts)]
pub struct PoolWithdraw {
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub backer: Account<Backer>,
    /// Unchecked: the address is pinned.
    #[account(mut, address = config.stake_vault @ StakingError::VaultMismatch)]
    pub stake_vault: UncheckedAccount,
    /// Unchecked: its address is, against the backer's wallet.
    #[account(
        mut,
        address = associated(&backer.wallet, &config.mint) @ StakingError::TokensMismatch
    )]
    pub wallet_tokens: UncheckedAccount,
    pub token_program: Program<Token>,
}

impl PoolWithdraw {
    pub fn pool_withdraw(&mut self) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let amount = self.backer.withdraw(&mut self.config, now)?;
        pay_out(&self.config, &self.stake_vault, &self.wallet_tokens, amount)?;
        emit!(PoolWithdrawn {
            wallet: self.backer.wallet,
            amount,
            pool_unbonding: self.config.pool_unbonding,
        });
        self.backer.invariant(&self.config)
    }
}
