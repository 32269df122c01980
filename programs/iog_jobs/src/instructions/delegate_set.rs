use anchor_lang::prelude::*;

use crate::{
    events,
    making::{write, New},
    state::{Delegate, SPENDING_HOURS},
};

#[derive(Accounts)]
pub struct DelegateSet {
    /// Pays the rent.
    #[account(mut)]
    pub wallet: Signer,
    /// Unchecked: any key.
    pub key: UncheckedAccount,
    /// Unchecked: it is made here unless it is there.
    #[account(mut, seeds = [b"delegate", wallet.address(), key.address()], bump)]
    pub delegate: UncheckedAccount,
    pub system_program: Program<System>,
}

impl DelegateSet {
    pub fn delegate_set(&mut self, per_job: u64, per_day: u64, bump: u8) -> Result<()> {
        let (wallet, key) = (*self.wallet.address(), *self.key.address());
        let account: &AccountView = &self.delegate;
        if account.is_data_empty() {
            let delegate = Delegate {
                wallet,
                key,
                per_job,
                per_day,
                spent: [0; SPENDING_HOURS],
                last_hour: 0,
                bump,
                reserved: 0,
                reserved2: 0,
            };
            let seeds: &[&[u8]] = &[b"delegate", wallet.as_array(), key.as_array(), &[bump]];
            New { payer: self.wallet.account(), account, seeds }.with(&delegate)?;
        } else {
            // What was spent counts on.
            let old = Account::<Delegate>::load(*account)?;
            let delegate = Delegate { per_job, per_day, ..*old };
            drop(old);
            write(account, &delegate)?;
        }
        let delegate = *account.address();
        emit!(events::DelegateSet { delegate, wallet, key, per_job, per_day });
        Ok(())
    }
}
