use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::{CaseDropped, CaseUpheld},
    iog_token,
    record::Record,
    state::{Config, Node, SlashCase, CASE_UPHELD},
    vaults,
};

/// Anyone may send it once the deadline has passed.
#[derive(Accounts)]
pub struct CaseClose {
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
    pub token_config: Record<iog_token::Config>,
    pub token_program: Program<Token>,
}

impl CaseClose {
    pub fn case_close(&mut self) -> Result<()> {
        let (now, hour) = vaults::now(&self.token_config)?;
        self.case.lapse(now)?;
        let upheld = self.case.state == CASE_UPHELD;
        let ending = Ending { case: &self.case, node: &mut self.node, config: &mut self.config };
        if upheld {
            ending.burn(&self.stake_vault, &self.mint)
        } else {
            ending.give_back(hour)
        }
    }
}

/// A case that has just been decided, with what the decision changes.
pub struct Ending<'a> {
    pub case: &'a Record<SlashCase>,
    pub node: &'a mut Record<Node>,
    pub config: &'a mut Record<Config>,
}

impl Ending<'_> {
    #[inline(never)]
    pub fn burn(self, stake_vault: &UncheckedAccount, mint: &UncheckedAccount) -> Result<()> {
        let amount = self.case.burn(self.node, self.config)?;
        vaults::burn(self.config, stake_vault.account(), mint.account(), amount)?;
        emit!(CaseUpheld {
            case: *self.case.address(),
            node: self.case.node,
            amount,
            frozen: self.config.frozen,
            total_staked: self.config.total_staked,
        });
        self.node.invariant()
    }

    #[inline(never)]
    pub fn give_back(self, hour: u32) -> Result<()> {
        let amount = self.case.give_back(self.node, self.config, hour)?;
        emit!(CaseDropped {
            case: *self.case.address(),
            node: self.case.node,
            amount,
            stake: self.node.stake,
            costake: self.node.costake,
            cooling: self.node.cooling,
            cooling_costake: self.node.cooling_costake,
            node_state: self.node.state,
            active_from_hour: self.node.active_from_hour,
            frozen: self.config.frozen,
        });
        self.node.invariant()
    }
}
