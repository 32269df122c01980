use anchor_lang::prelude::*;

use crate::{events, Distributor, RewardsError};

#[derive(Accounts)]
pub struct RootVeto {
    #[account(address = distributor.guardian @ RewardsError::WrongGuardian)]
    pub guardian: Signer,
    #[account(mut, seeds = [b"distributor"], bump = distributor.bump)]
    pub distributor: Account<Distributor>,
}

impl RootVeto {
    pub fn root_veto(&mut self) -> Result<()> {
        let vetoed = self.distributor.veto(Clock::get()?.unix_timestamp)?;
        self.distributor.invariant()?;
        emit!(events::RootVetoed {
            epoch: vetoed.epoch,
            root: vetoed.root,
            data_hash: vetoed.data_hash,
            total: vetoed.total,
            count: vetoed.count,
        });
        Ok(())
    }
}
