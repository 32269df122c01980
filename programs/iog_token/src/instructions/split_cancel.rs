use anchor_lang::prelude::*;

use crate::{events, Config, TokenError};

#[derive(Accounts)]
pub struct SplitCancel {
    /// The guardian or the authority.
    #[account(
        constraint = *stopper.address() == config.guardian || *stopper.address() == config.authority
            @ TokenError::NotGuardianNorAuthority
    )]
    pub stopper: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
}

impl SplitCancel {
    pub fn split_cancel(&mut self) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let (new_bps, from_hour) = self.config.withdraw(now)?;
        self.config.invariant()?;
        emit!(events::SplitCancelled { by: *self.stopper.address(), new_bps, from_hour });
        Ok(())
    }
}
