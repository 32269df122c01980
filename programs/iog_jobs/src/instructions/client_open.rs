use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::ClientOpened,
    making::{write, New},
    state::{Client, MOST_MATCHERS},
};

#[derive(Accounts)]
pub struct ClientOpen {
    /// Pays the rent.
    #[account(mut)]
    pub wallet: Signer,
    /// Unchecked: it is made here unless it is there.
    #[account(mut, seeds = [b"client", wallet.address()], bump)]
    pub client: UncheckedAccount,
    pub system_program: Program<System>,
}

impl ClientOpen {
    fn validate(&self, matchers: &[Address]) -> Result<()> {
        require!((1..=MOST_MATCHERS).contains(&matchers.len()), JobsError::MatcherCount);
        for (index, matcher) in matchers.iter().enumerate() {
            require!(
                *matcher != Address::default() && !matchers[..index].contains(matcher),
                JobsError::MatcherMalformed
            );
        }
        Ok(())
    }

    pub fn client_open(&mut self, matchers: &[Address], bump: u8) -> Result<()> {
        self.validate(matchers)?;
        let mut list = [Address::default(); MOST_MATCHERS];
        list[..matchers.len()].copy_from_slice(matchers);
        let wallet = *self.wallet.address();
        let mut client = Client {
            wallet,
            matchers: list,
            next_job: 0,
            next_gang: 0,
            matcher_count: matchers.len() as u8, // at most 4
            bump,
            reserved: [0; 6],
        };
        let account: &AccountView = &self.client;
        if account.is_data_empty() {
            let seeds: &[&[u8]] = &[b"client", wallet.as_array(), &[bump]];
            New { payer: self.wallet.account(), account, seeds }.with(&client)?;
        } else {
            let old = Account::<Client>::load(*account)?;
            (client.next_job, client.next_gang) = (old.next_job, old.next_gang);
            drop(old);
            write(account, &client)?;
        }
        emit!(ClientOpened {
            client: *account.address(),
            wallet,
            matchers: list,
            matcher_count: client.matcher_count,
            next_job: client.next_job,
        });
        client.invariant()
    }
}
