use anchor_lang::prelude::*;

use super::case_close::Ending;
use crate::{
    error::StakingError,
    iog_token,
    record::Record,
    state::{Config, Node, SlashCase},
    vaults,
};

#[derive(Accounts)]
pub struct CaseDrop {
    /// The slasher of an open case, the arbiter of an appealed one.
    pub judge: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(mut)]
    pub node: Record<Node>,
    #[account(
        mut,
        constraint = case.node == *node.address() @ StakingError::CaseMismatch
    )]
    pub case: Record<SlashCase>,
    pub token_config: Record<iog_token::Config>,
}

impl CaseDrop {
    pub fn case_drop(&mut self) -> Result<()> {
        let (now, hour) = vaults::now(&self.token_config)?;
        self.case.drop_by(self.judge.address(), &self.config, now)?;
        Ending { case: &self.case, node: &mut self.node, config: &mut self.config }.give_back(hour)
    }
}
