use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::{CostakeWithdrawn, StakeWithdrawn},
    record::Record,
    state::{Config, Node},
    vaults::Payment,
};

/// Takes out what has cooled, for stake_withdraw and costake_withdraw. Anyone may send it: the
/// tokens go to whom they belong.
#[derive(Accounts)]
pub struct StakeWithdraw {
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(mut)]
    pub node: Record<Node>,
    /// Unchecked: a typed account could not be named in the transfer; the address is pinned.
    #[account(mut, address = config.stake_vault @ StakingError::VaultMismatch)]
    pub stake_vault: UncheckedAccount,
    /// Unchecked: the payment compares it with the associated account of the owner, or of the
    /// co-staker.
    #[account(mut)]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
}

impl StakeWithdraw {
    pub fn stake_withdraw(&mut self) -> Result<()> {
        let owner = self.node.owner;
        let amount = self.node.withdraw(Clock::get()?.unix_timestamp)?;
        self.pay(&owner, amount)?;
        emit!(StakeWithdrawn {
            node: *self.node.address(),
            owner,
            amount,
            total_staked: self.config.total_staked,
        });
        self.node.invariant()
    }

    pub fn costake_withdraw(&mut self) -> Result<()> {
        let costaker = self.node.costaker;
        let amount = self.node.withdraw_costake(Clock::get()?.unix_timestamp)?;
        self.pay(&costaker, amount)?;
        emit!(CostakeWithdrawn {
            node: *self.node.address(),
            costaker,
            amount,
            total_staked: self.config.total_staked,
        });
        self.node.invariant()
    }

    fn pay(&mut self, wallet: &Address, amount: u64) -> Result<()> {
        self.config.take_stake(amount)?;
        Payment {
            config: &self.config,
            vault: self.stake_vault.account(),
            destination: self.destination.account(),
            wallet,
            amount,
        }
        .send()
    }
}
