use anchor_lang::prelude::*;

use crate::{
    events::CaseAppealed,
    record::Record,
    state::{Config, SlashCase, CASE_SECONDS},
};

#[derive(Accounts)]
pub struct CaseAppeal {
    /// The owner or the co-staker of the node at the opening.
    pub party: Signer,
    #[account(seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(mut)]
    pub case: Record<SlashCase>,
}

impl CaseAppeal {
    pub fn case_appeal(&mut self) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        let seconds = iog_math::scaled(CASE_SECONDS, self.config.hour_length);
        self.case.appeal(self.party.address(), now, seconds)?;
        emit!(CaseAppealed {
            case: *self.case.address(),
            node: self.case.node,
            party: *self.party.address(),
            deadline: self.case.deadline,
        });
        Ok(())
    }
}
