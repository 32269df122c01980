use anchor_lang::prelude::*;

use super::pool_advance::advance;
use crate::{
    error::StakingError,
    events::PoolStaked,
    iog_token,
    state::{Backer, Config},
    vaults,
};

#[derive(Accounts)]
pub struct PoolStake {
    /// Pays the rent.
    #[account(mut)]
    pub wallet: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    #[account(init_if_needed, payer = wallet, seeds = [b"backer", wallet.address()], bump)]
    pub backer: Account<Backer>,
    /// Unchecked: the token program checks its mint and that the wallet may spend from it.
    #[account(mut)]
    pub wallet_tokens: UncheckedAccount,
    /// Unchecked: the address is pinned.
    #[account(mut, address = config.stake_vault @ StakingError::VaultMismatch)]
    pub stake_vault: UncheckedAccount,
    pub token_config: Account<iog_token::Config>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

impl PoolStake {
    pub fn pool_stake(&mut self, amount: u64, bump: u8) -> Result<()> {
        self.config.require_running()?;
        advance(&mut self.config, &self.token_config)?;
        self.backer.wallet = *self.wallet.address();
        self.backer.bump = bump;
        self.backer.accrue(&self.config)?;
        self.backer.stake(&mut self.config, amount)?;
        vaults::deposit(
            self.wallet_tokens.account(),
            self.stake_vault.account(),
            self.wallet.account(),
            amount,
        )?;
        emit!(PoolStaked {
            wallet: self.backer.wallet,
            amount,
            staked: self.backer.staked,
            unclaimed: self.backer.unclaimed,
            pool_total: self.config.pool_total,
        });
        self.backer.invariant(&self.config)
    }
}
