//! Accounts of what the authority alone decides.

use anchor_lang::prelude::*;

use crate::{error::JobsError, state::Config};

#[derive(Accounts)]
pub struct ByAuthority {
    #[account(address = config.authority @ JobsError::WrongAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub config: Account<Config>,
}
