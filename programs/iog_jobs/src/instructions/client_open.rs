use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::ClientOpened,
    state::{Client, MOST_MATCHERS},
};

#[derive(Accounts)]
pub struct ClientOpen {
    /// Pays the rent.
    #[account(mut)]
    pub wallet: Signer,
    #[account(init_if_needed, payer = wallet, seeds = [b"client", wallet.address()], bump)]
    pub client: Account<Client>,
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
        *self.client = Client {
            wallet: *self.wallet.address(),
            matchers: list,
            // Zero in a new account; kept when the list is replaced.
            next_job: self.client.next_job,
            matcher_count: matchers.len() as u8, // at most 4
            bump,
            reserved: [0; 6],
        };
        emit!(ClientOpened {
            client: *self.client.address(),
            wallet: self.client.wallet,
            matchers: list,
            matcher_count: self.client.matcher_count,
            next_job: self.client.next_job,
        });
        self.client.invariant()
    }
}
