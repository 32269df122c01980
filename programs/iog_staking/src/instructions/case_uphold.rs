use anchor_lang::prelude::*;

use super::case_close::Ending;
use crate::{
    error::StakingError,
    record::Record,
    state::{Config, Node, SlashCase},
};

#[derive(Accounts)]
pub struct CaseUphold {
    pub arbiter: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(mut)]
    pub node: Record<Node>,
    #[account(
        mut,
        constraint = case.node == *node.address() @ StakingError::CaseMismatch
    )]
    pub case: Record<SlashCase>,
    /// Unchecked: the address is pinned.
    #[account(mut, address = config.stake_vault @ StakingError::VaultMismatch)]
    pub stake_vault: UncheckedAccount,
    /// Unchecked: the address is pinned.
    #[account(mut, address = config.mint @ StakingError::MintMismatch)]
    pub mint: UncheckedAccount,
    pub token_program: Program<Token>,
}

impl CaseUphold {
    pub fn case_uphold(&mut self) -> Result<()> {
        let now = Clock::get()?.unix_timestamp;
        self.case.uphold(self.arbiter.address(), &self.config, now)?;
        Ending { case: &self.case, node: &mut self.node, config: &mut self.config }
            .burn(&self.stake_vault, &self.mint)
    }
}
