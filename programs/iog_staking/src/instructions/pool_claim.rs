use anchor_lang::prelude::*;

use super::pool_advance::advance;
use crate::{
    error::StakingError,
    events::PoolClaimed,
    iog_token,
    state::{Backer, Config},
    tokens::{associated, pay_out},
};

/// Anyone may send it.
#[derive(Accounts)]
pub struct PoolClaim {
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub backer: Account<Backer>,
    /// Unchecked: the address is pinned.
    #[account(mut, address = config.pool_vault @ StakingError::VaultMismatch)]
    pub pool_vault: UncheckedAccount,
    /// Unchecked: its address is, against the backer's wallet.
    #[account(
        mut,
        address = associated(&backer.wallet, &config.mint) @ StakingError::TokensMismatch
    )]
    pub wallet_tokens: UncheckedAccount,
    pub token_config: Account<iog_token::Config>,
    pub token_program: Program<Token>,
}

impl PoolClaim {
    pub fn pool_claim(&mut self) -> Result<()> {
        advance(&mut self.config, &self.token_config)?;
        self.backer.accrue(&self.config)?;
        let amount = self.backer.claim()?;
        pay_out(&self.config, &self.pool_vault, &self.wallet_tokens, amount)?;
        emit!(PoolClaimed { wallet: self.backer.wallet, amount, staked: self.backer.staked });
        self.backer.invariant(&self.config)
    }
}
