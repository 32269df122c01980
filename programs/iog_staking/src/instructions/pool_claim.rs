use anchor_lang::prelude::*;

use super::pool_advance::advance;
use crate::{
    error::StakingError,
    events::PoolClaimed,
    iog_token,
    record::Record,
    state::{Backer, Config},
    vaults::Payment,
};

/// Anyone may send it.
#[derive(Accounts)]
pub struct PoolClaim {
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(mut)]
    pub backer: Record<Backer>,
    /// Unchecked: the address is pinned.
    #[account(mut, address = config.pool_vault @ StakingError::VaultMismatch)]
    pub pool_vault: UncheckedAccount,
    /// Unchecked: the payment compares it with the wallet's associated account.
    #[account(mut)]
    pub wallet_tokens: UncheckedAccount,
    pub token_config: Record<iog_token::Config>,
    pub token_program: Program<Token>,
}

impl PoolClaim {
    pub fn pool_claim(&mut self) -> Result<()> {
        advance(&mut self.config, &self.token_config)?;
        self.backer.accrue(&self.config)?;
        let amount = self.backer.claim()?;
        Payment {
            config: &self.config,
            vault: self.pool_vault.account(),
            destination: self.wallet_tokens.account(),
            wallet: &self.backer.wallet,
            amount,
        }
        .send()?;
        emit!(PoolClaimed { wallet: self.backer.wallet, amount, staked: self.backer.staked });
        self.backer.invariant(&self.config)
    }
}
