use anchor_lang::prelude::*;

use super::pool_advance::advance;
use crate::{
    events::PoolUnstaked,
    iog_token,
    record::Record,
    state::{Backer, Config},
};

#[derive(Accounts)]
pub struct PoolUnstake {
    pub wallet: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Record<Config>,
    #[account(mut, seeds = [b"backer", wallet.address()], bump = backer.bump)]
    pub backer: Record<Backer>,
    pub token_config: Record<iog_token::Config>,
}

impl PoolUnstake {
    pub fn pool_unstake(&mut self, amount: u64) -> Result<()> {
        let now = advance(&mut self.config, &self.token_config)?;
        self.backer.accrue(&self.config)?;
        self.backer.unstake(&mut self.config, amount, now)?;
        emit!(PoolUnstaked {
            wallet: self.backer.wallet,
            amount,
            staked: self.backer.staked,
            unclaimed: self.backer.unclaimed,
            unbonding: self.backer.unbonding,
            unbonding_until: self.backer.unbonding_until,
            pool_total: self.config.pool_total,
        });
        self.backer.invariant(&self.config)
    }
}
