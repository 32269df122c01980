use anchor_lang::prelude::*;
use iog_runtime::lend;
use pinocchio::cpi::{Seed, Signer as CpiSigner};
use pinocchio_token::instructions::MintTo;

use crate::{events, Config, TokenError, GENESIS_SUPPLY};

#[derive(Accounts)]
pub struct GenesisSeal {
    #[account(address = config.authority @ TokenError::WrongAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    /// Pinned by address; the token program checks the rest.
    #[account(mut, address = config.mint)]
    pub mint: UncheckedAccount,
    /// Pinned by address; the token program checks the rest.
    #[account(mut, address = config.vesting_vault)]
    pub vesting_vault: UncheckedAccount,
    pub token_program: Program<Token>,
}

impl GenesisSeal {
    fn validate(&self) -> Result<()> {
        require!(self.config.sealed == 0, TokenError::GenesisAlreadySealed);
        require!(self.config.allocated == GENESIS_SUPPLY, TokenError::GenesisSumWrong);
        Ok(())
    }

    pub fn genesis_seal(&mut self) -> Result<()> {
        self.validate()?;
        self.config.sealed = 1;
        self.config.invariant()?;
        let bump = [self.config.bump];
        let seeds = [Seed::from(Config::SEED), Seed::from(&bump)];
        let config = self.config.account();
        lend(config, || {
            MintTo::new(self.mint.account(), self.vesting_vault.account(), config, GENESIS_SUPPLY)
                .invoke_signed(&[CpiSigner::from(&seeds)])
        })?;
        emit!(events::GenesisSealed { amount: GENESIS_SUPPLY, buckets: self.config.buckets });
        Ok(())
    }
}
