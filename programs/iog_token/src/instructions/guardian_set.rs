use anchor_lang::prelude::*;

use crate::{events, Config, TokenError};

#[derive(Accounts)]
pub struct GuardianSet {
    #[account(address = config.authority @ TokenError::WrongAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
}

impl GuardianSet {
    pub fn guardian_set(&mut self, guardian: Address) -> Result<()> {
        let old = self.config.guardian;
        self.config.guardian = guardian;
        emit!(events::GuardianSet { old, new: guardian });
        Ok(())
    }
}
