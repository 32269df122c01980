use anchor_lang::prelude::*;

use crate::{error::JobsError, events::DelegateClosed, state::Delegate};

#[derive(Accounts)]
pub struct DelegateClose {
    /// Gets the rent.
    #[account(mut)]
    pub wallet: Signer,
    #[account(
        mut, close = wallet,
        constraint = delegate.wallet == *wallet.address() @ JobsError::WalletMismatch
    )]
    pub delegate: Account<Delegate>,
}

impl DelegateClose {
    pub fn delegate_close(&mut self) -> Result<()> {
        emit!(DelegateClosed {
            delegate: *self.delegate.address(),
            wallet: self.delegate.wallet,
            key: self.delegate.key,
        });
        Ok(())
    }
}
