use anchor_lang::prelude::*;
use bytemuck::Zeroable;

use super::pool_advance::advance;
use crate::{
    error::StakingError,
    events::PoolStaked,
    iog_token,
    making::{read, write, New},
    record::Record,
    state::{Backer, Config},
    vaults,
};

#[derive(Accounts)]
pub struct PoolStake {
    /// Pays the rent.
    #[account(mut)]
    pub wallet: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    /// Unchecked: it is made here unless it is there.
    #[account(mut, seeds = [b"backer", wallet.address()], bump)]
    pub backer: UncheckedAccount,
    /// Unchecked: the token program checks its mint and that the wallet may spend from it.
    #[account(mut)]
    pub wallet_tokens: UncheckedAccount,
    /// Unchecked: the address is pinned.
    #[account(mut, address = config.stake_vault @ StakingError::VaultMismatch)]
    pub stake_vault: UncheckedAccount,
    pub token_config: Record<iog_token::Config>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

impl PoolStake {
    pub fn pool_stake(&mut self, amount: u64, bump: u8) -> Result<()> {
        self.config.require_running()?;
        advance(&mut self.config, &self.token_config)?;
        let (wallet, account) = (*self.wallet.address(), self.backer.account());
        let old = read::<Backer>(account)?;
        let mut backer = old.unwrap_or(Backer { wallet, bump, ..Backer::zeroed() });
        backer.accrue(&self.config)?;
        backer.stake(&mut self.config, amount)?;
        vaults::deposit(
            self.wallet_tokens.account(),
            self.stake_vault.account(),
            self.wallet.account(),
            amount,
        )?;
        if old.is_some() {
            write(account, &backer)?;
        } else {
            let seeds: &[&[u8]] = &[b"backer", wallet.as_array(), &[bump]];
            New { payer: self.wallet.account(), account, seeds }.with(&backer)?;
        }
        emit!(PoolStaked {
            wallet,
            amount,
            staked: backer.staked,
            unclaimed: backer.unclaimed,
            pool_total: self.config.pool_total,
        });
        backer.invariant(&self.config)
    }
}
