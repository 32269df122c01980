//! Who pays for a job: its client's wallet, or a delegate of it from the wallet's tokens.

use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    state::{Client, Delegate},
    tokens::{associated, Call},
};

/// A payment into a job's vault.
pub struct Spending<'a> {
    pub signer: &'a Signer,
    pub client: &'a Account<Client>,
    pub tokens: &'a mut UncheckedAccount,
    pub vault: &'a mut UncheckedAccount,
}

impl Spending<'_> {
    /// Moves `amount`. What the wallet did not sign for the Client does: the wallet approved it.
    #[inline(never)]
    pub fn pay(self, amount: u64) {
        let bump = [self.client.bump];
        let seeds: [&[u8]; 3] = [b"client", self.client.wallet.as_array(), &bump];
        let seeds: [&[&[u8]]; 1] = [&seeds];
        let by_wallet = *self.signer.address() == self.client.wallet;
        Call {
            from: self.tokens.cpi_handle_mut(),
            to: self.vault.cpi_handle_mut(),
            authority: if by_wallet { self.signer.cpi_handle() } else { self.client.cpi_handle() },
            seeds: if by_wallet { &[] } else { &seeds },
        }
        .transfer(amount);
    }
}

/// Refuses who may not spend the wallet's money; counts what a delegate spends.
///
/// `funded` is what the job is then funded with in all.
pub struct Request<'a> {
    pub signer: &'a Address,
    pub client: &'a Client,
    pub tokens: &'a Address,
    pub mint: &'a Address,
    pub amount: u64,
    pub funded: u64,
}

impl Request<'_> {
    #[inline(never)]
    pub fn authorize(&self, delegate: Option<&mut Account<Delegate>>, now: i64) -> Result<()> {
        let wallet = &self.client.wallet;
        if self.signer == wallet {
            return Ok(());
        }
        let delegate = delegate.ok_or(JobsError::NotSpender)?;
        require!(delegate.wallet == *wallet && delegate.key == *self.signer, JobsError::NotSpender);
        require!(*self.tokens == associated(wallet, self.mint), JobsError::WalletTokensMismatch);
        delegate.spend(self.amount, self.funded, now)
    }
}
