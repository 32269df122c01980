use anchor_lang::prelude::*;
use iog_math::{emission::HOURS_PER_MONTH, hour_now};
use pinocchio::cpi::{Seed, Signer as CpiSigner};
use pinocchio_token::instructions::Transfer;

use crate::{events, tokens_of, Bucket, Config, TokenError};

#[derive(Accounts)]
pub struct VestingClaim {
    /// Anyone.
    #[account(mut)]
    pub payer: Signer,
    #[account(seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"bucket", &[bucket.index]], bump = bucket.bump)]
    pub bucket: Account<Bucket>,
    /// Pinned by address; the token program checks the rest.
    #[account(mut, address = config.vesting_vault)]
    pub vesting_vault: UncheckedAccount,
    /// The beneficiary's associated token account; exists.
    #[account(
        mut,
        address = tokens_of(&bucket.beneficiary, &config.mint) @ TokenError::WrongDestination
    )]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

impl VestingClaim {
    fn validate(&self) -> Result<()> {
        require!(self.config.sealed == 1, TokenError::GenesisNotSealed);
        Ok(())
    }

    pub fn vesting_claim(&mut self) -> Result<()> {
        self.validate()?;
        let now = Clock::get()?.unix_timestamp;
        let hour = hour_now(self.config.start, self.config.hour_length, now);
        let months = hour.checked_sub(1).map(|ended| ended / HOURS_PER_MONTH);
        let amount = self.bucket.claim(months)?;
        let bump = [self.config.bump];
        let seeds = [Seed::from(Config::SEED), Seed::from(&bump)];
        Transfer::new(
            self.vesting_vault.account(),
            self.destination.account(),
            self.config.account(),
            amount,
        )
        .invoke_signed(&[CpiSigner::from(&seeds)])?;
        emit!(events::VestingClaimed {
            index: self.bucket.index,
            beneficiary: self.bucket.beneficiary,
            amount,
            claimed: self.bucket.claimed,
        });
        Ok(())
    }
}
