use anchor_lang::prelude::*;
use anchor_spl::TokenAccount;

use crate::{
    error::JobsError,
    events::FeesCollected,
    state::Config,
    tokens::{associated, Call},
};

#[derive(Accounts)]
pub struct FeesCollect {
    pub config: Account<Config>,
    #[account(mut, address = config.fee_vault @ JobsError::VaultMismatch)]
    pub fee_vault: Account<TokenAccount>,
    /// Changes when fees are burned. Unchecked: the address is pinned.
    #[account(mut, address = config.mint @ JobsError::MintMismatch)]
    pub mint: UncheckedAccount,
    /// Needed when not all is burned. Unchecked: its address is, against the treasury.
    #[account(mut)]
    pub treasury_tokens: Option<UncheckedAccount>,
    pub token_program: Program<Token>,
}

impl FeesCollect {
    /// What is burned and what is paid.
    fn validate(&self) -> Result<(u64, u64)> {
        let fees = self.fee_vault.amount();
        require!(fees > 0, JobsError::FeesNone);
        let (burned, paid) = self.config.split(fees)?;
        if paid > 0 {
            let treasury = &self.config.treasury;
            require!(*treasury != Address::default(), JobsError::TreasuryMissing);
            let tokens = self.treasury_tokens.as_ref().ok_or(JobsError::TreasuryMissing)?;
            require!(
                *tokens.address() == associated(treasury, &self.config.mint),
                JobsError::TreasuryTokensMismatch
            );
        }
        Ok((burned, paid))
    }

    pub fn fees_collect(&mut self) -> Result<()> {
        let (burned, paid) = self.validate()?;
        let bump = [self.config.bump];
        let seeds: &[&[&[u8]]] = &[&[b"config", &bump]];
        Call {
            from: self.fee_vault.cpi_handle_mut(),
            to: self.mint.cpi_handle_mut(),
            authority: self.config.cpi_handle(),
            seeds,
        }
        .burn(burned);
        if let Some(tokens) = self.treasury_tokens.as_mut() {
            Call {
                from: self.fee_vault.cpi_handle_mut(),
                to: tokens.cpi_handle_mut(),
                authority: self.config.cpi_handle(),
                seeds,
            }
            .transfer(paid);
        }
        emit!(FeesCollected { treasury: self.config.treasury, burned, paid });
        Ok(())
    }
}
