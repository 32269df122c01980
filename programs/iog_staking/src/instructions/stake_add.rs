use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::StakeAdded,
    iog_token,
    record::Record,
    state::{Config, Node, RETIRED},
    vaults,
};

#[derive(Accounts)]
pub struct StakeAdd {
    #[account(mut)]
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(
        mut,
        constraint = node.owner == *owner.address() @ StakingError::NotOwner
    )]
    pub node: Record<Node>,
    /// Unchecked: a typed account could not be named in the transfer; the token program checks
    /// its mint and that the owner may spend from it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount,
    /// Unchecked: as above; the address is pinned.
    #[account(mut, address = config.stake_vault @ StakingError::VaultMismatch)]
    pub stake_vault: UncheckedAccount,
    pub token_config: Record<iog_token::Config>,
    pub token_program: Program<Token>,
}

impl StakeAdd {
    fn validate(&self, amount: u64) -> Result<()> {
        self.config.require_running()?;
        require!(amount > 0, StakingError::AmountZero);
        require!(self.node.state != RETIRED, StakingError::NodeRetired);
        Ok(())
    }

    pub fn stake_add(&mut self, amount: u64) -> Result<()> {
        self.validate(amount)?;
        let (_, hour) = vaults::now(&self.token_config)?;
        self.node.add_stake(amount, hour)?;
        self.config.add_stake(amount)?;
        vaults::deposit(
            self.owner_tokens.account(),
            self.stake_vault.account(),
            self.owner.account(),
            amount,
        )?;
        emit!(StakeAdded {
            node: *self.node.address(),
            owner: self.node.owner,
            amount,
            stake: self.node.stake,
            stake_from_hour: self.node.stake_from_hour,
            state: self.node.state,
            active_from_hour: self.node.active_from_hour,
            total_staked: self.config.total_staked,
        });
        self.node.invariant()
    }
}
