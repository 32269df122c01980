use anchor_lang::prelude::*;

use crate::{
    events, iog_token::accounts::Config as TokenConfig, Distributor, Proposal, RewardsError,
};

#[derive(Accounts)]
pub struct RootPropose {
    /// One of the oracles; the others that the threshold asks for follow the declared accounts.
    pub oracle: Signer,
    #[account(mut, seeds = [b"distributor"], bump = distributor.bump)]
    pub distributor: Account<Distributor>,
    #[account(seeds = [b"config"], seeds::program = iog_ids::TOKEN, bump = token_config.bump)]
    pub token_config: Account<TokenConfig>,
}

impl RootPropose {
    fn validate(&self, others: &[AccountView]) -> Result<()> {
        require!(self.distributor.paused == 0, RewardsError::Paused);
        let oracles = self.distributor.oracles();
        require!(oracles.contains(self.oracle.address()), RewardsError::WrongOracle);
        let signed = |oracle: &&Address| {
            *oracle == self.oracle.address()
                || others.iter().any(|other| other.is_signer() && other.address() == *oracle)
        };
        // Counting the oracles rather than the signatures counts each once.
        let signatures = oracles.iter().filter(signed).count();
        require!(signatures >= self.distributor.threshold as usize, RewardsError::TooFewOracles);
        Ok(())
    }

    pub fn root_propose(&mut self, proposal: Proposal, others: &[AccountView]) -> Result<()> {
        self.validate(others)?;
        let now = Clock::get()?.unix_timestamp;
        if self.distributor.promote(now) {
            emit!(events::RootActivated {
                epoch: self.distributor.epoch,
                root: self.distributor.root,
                total: self.distributor.total,
            });
        }
        self.distributor.check(&proposal, &self.token_config)?;
        self.distributor.propose(&proposal, now);
        self.distributor.invariant()?;
        emit!(events::RootProposed {
            epoch: proposal.epoch,
            root: proposal.root,
            data_hash: proposal.data_hash,
            total: proposal.total,
            count: proposal.count,
            active_at: self.distributor.active_at,
        });
        Ok(())
    }
}
