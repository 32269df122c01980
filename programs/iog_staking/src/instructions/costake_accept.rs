use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::CostakeAccepted,
    iog_token,
    record::Record,
    state::{Config, Node, OwnerRecord},
    vaults,
};

#[derive(Accounts)]
pub struct CostakeAccept {
    pub costaker: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(mut)]
    pub node: Record<Node>,
    /// There is one record of an owner, made with its first offer.
    #[account(
        mut,
        constraint = owner_record.owner == node.owner @ StakingError::RecordMismatch
    )]
    pub owner_record: Record<OwnerRecord>,
    /// Unchecked: a typed account could not be named in the transfer; the token program checks
    /// its mint and that the co-staker may spend from it.
    #[account(mut)]
    pub costaker_tokens: UncheckedAccount,
    /// Unchecked: as above; the address is pinned.
    #[account(mut, address = config.stake_vault @ StakingError::VaultMismatch)]
    pub stake_vault: UncheckedAccount,
    pub token_config: Record<iog_token::Config>,
    pub token_program: Program<Token>,
}

impl CostakeAccept {
    pub fn costake_accept(&mut self, amount: u64, share_bps: u16) -> Result<()> {
        self.config.require_running()?;
        let (_, hour) = vaults::now(&self.token_config)?;
        self.node.accept(*self.costaker.address(), amount, share_bps, hour)?;
        self.owner_record.take()?;
        self.config.add_stake(amount)?;
        vaults::deposit(
            self.costaker_tokens.account(),
            self.stake_vault.account(),
            self.costaker.account(),
            amount,
        )?;
        emit!(CostakeAccepted {
            node: *self.node.address(),
            owner: self.node.owner,
            costaker: self.node.costaker,
            amount,
            share_bps,
            costake_from_hour: self.node.costake_from_hour,
            costakes: self.owner_record.costakes,
            total_staked: self.config.total_staked,
        });
        self.node.invariant()
    }
}
