use anchor_lang::prelude::*;

use crate::{error::StakingError, record::Record, state::Config};

/// What the authority does to the config: authority_propose, guardian_set, slasher_set,
/// arbiter_set, staking_resume.
#[derive(Accounts)]
pub struct ConfigChange {
    pub authority: Signer,
    #[account(
        mut, seeds = [b"config"], bump = config.bump,
        constraint = config.authority == *authority.address() @ StakingError::NotAuthority
    )]
    pub config: Record<Config>,
}
