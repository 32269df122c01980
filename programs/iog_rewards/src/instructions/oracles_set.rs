use anchor_lang::prelude::*;

use crate::{events, Distributor, RewardsError};

#[derive(Accounts)]
pub struct OraclesSet {
    #[account(address = distributor.authority @ RewardsError::WrongAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"distributor"], bump = distributor.bump)]
    pub distributor: Account<Distributor>,
}

impl OraclesSet {
    pub fn oracles_set(&mut self, threshold: u8, oracles: &[Address]) -> Result<()> {
        self.distributor.oracles = Distributor::padded(threshold, oracles)?;
        // At most 7, checked with the list.
        self.distributor.oracle_count = oracles.len() as u8;
        self.distributor.threshold = threshold;
        self.distributor.invariant()?;
        emit!(events::OraclesSet {
            threshold,
            oracle_count: self.distributor.oracle_count,
            oracles: self.distributor.oracles,
        });
        Ok(())
    }
}
