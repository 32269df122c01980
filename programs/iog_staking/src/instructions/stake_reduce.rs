use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::StakeReduced,
    iog_token,
    record::Record,
    state::{Config, Node},
    vaults::{self, Payment},
};

#[derive(Accounts)]
pub struct StakeReduce {
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(
        mut,
        constraint = node.owner == *owner.address() @ StakingError::NotOwner
    )]
    pub node: Record<Node>,
    /// Unchecked: a typed account could not be named in the transfer; the address is pinned.
    #[account(mut, address = config.stake_vault @ StakingError::VaultMismatch)]
    pub stake_vault: UncheckedAccount,
    /// Unchecked: the payment compares it with the owner's associated account.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_config: Record<iog_token::Config>,
    pub token_program: Program<Token>,
}

impl StakeReduce {
    pub fn stake_reduce(&mut self, amount: u64) -> Result<()> {
        let (_, hour) = vaults::now(&self.token_config)?;
        self.node.reduce_stake(amount, hour)?;
        self.config.take_stake(amount)?;
        Payment {
            config: &self.config,
            vault: self.stake_vault.account(),
            destination: self.destination.account(),
            wallet: self.owner.address(),
            amount,
        }
        .send()?;
        emit!(StakeReduced {
            node: *self.node.address(),
            owner: self.node.owner,
            amount,
            stake: self.node.stake,
            stake_from_hour: self.node.stake_from_hour,
            total_staked: self.config.total_staked,
        });
        self.node.invariant()
    }
}
