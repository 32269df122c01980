use anchor_lang::prelude::*;
use iog_math::hours_ended;
use iog_runtime::lend;
use pinocchio::cpi::{Seed, Signer as CpiSigner};
use pinocchio_token::instructions::MintTo;

use crate::{events, Config};

#[derive(Accounts)]
pub struct EmissionAdvance {
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    /// Pinned by address; the token program checks the rest.
    #[account(mut, address = config.mint)]
    pub mint: UncheckedAccount,
    /// Where the rewards program pays from: its PDA, whoever calls.
    #[account(
        mut, seeds = [b"vault"], seeds::program = iog_ids::REWARDS, bump = config.rewards_vault_bump
    )]
    pub rewards_vault: UncheckedAccount,
    /// The backers' pool of the staking program: its PDA, whoever calls.
    #[account(
        mut, seeds = [b"pool_vault"], seeds::program = iog_ids::STAKING, bump = config.pool_vault_bump
    )]
    pub pool_vault: UncheckedAccount,
    pub token_program: Program<Token>,
}

impl EmissionAdvance {
    pub fn emission_advance(&mut self) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let hour = hours_ended(self.config.start, self.config.hour_length, now);
        let Some(added) = self.config.advance(hour)? else {
            return Ok(());
        };
        self.config.invariant()?;
        self.mint_to(&self.rewards_vault, added.to_rewards)?;
        self.mint_to(&self.pool_vault, added.to_pool)?;
        emit!(events::EmissionAdvanced {
            hour,
            minted: self.config.minted,
            to_rewards: self.config.to_rewards,
            to_pool: self.config.to_pool,
        });
        Ok(())
    }

    fn mint_to(&self, vault: &UncheckedAccount, amount: u64) -> Result<()> {
        if amount == 0 {
            return Ok(());
        }
        let bump = [self.config.bump];
        let seeds = [Seed::from(Config::SEED), Seed::from(&bump)];
        let config = self.config.account();
        lend(config, || {
            MintTo::new(self.mint.account(), vault.account(), config, amount)
                .invoke_signed(&[CpiSigner::from(&seeds)])
        })
    }
}
