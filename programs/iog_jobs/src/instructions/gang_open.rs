use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::GangOpened,
    making::New,
    state::{Client, Gang, LEAST_MEMBERS, MOST_MEMBERS, MOST_WAIT},
};

#[derive(Accounts)]
pub struct GangOpen {
    /// Pays the rent.
    #[account(mut)]
    pub wallet: Signer,
    #[account(mut, constraint = client.wallet == *wallet.address() @ JobsError::WalletMismatch)]
    pub client: Account<Client>,
    /// Unchecked: it is made here.
    #[account(
        mut, bump,
        seeds = [b"gang", wallet.address(), client.next_gang.to_le_bytes()]
    )]
    pub gang: UncheckedAccount,
    pub system_program: Program<System>,
}

impl GangOpen {
    pub fn gang_open(&mut self, members: u16, wait: u32, bump: u8) -> Result<()> {
        let counted = (LEAST_MEMBERS..=MOST_MEMBERS).contains(&members);
        require!(counted, JobsError::MembersOutOfRange);
        require!((1..=MOST_WAIT).contains(&wait), JobsError::WaitOutOfRange);
        let number = self.client.next_gang;
        self.client.next_gang = number.checked_add(1).ok_or(JobsError::AmountOverflow)?;
        let gang = Gang {
            client: *self.wallet.address(),
            number,
            started_at: 0,
            deadline: Clock::get()?.unix_timestamp.saturating_add(i64::from(wait)),
            members,
            opened: 0,
            joined: 0,
            bump,
            reserved: 0,
        };
        let (number, bump) = (number.to_le_bytes(), [bump]);
        let seeds: &[&[u8]] = &[b"gang", gang.client.as_array(), &number, &bump];
        New { payer: self.wallet.account(), account: &self.gang, seeds }.with(&gang)?;
        emit!(GangOpened {
            gang: *self.gang.address(),
            client: gang.client,
            number: gang.number,
            members,
            deadline: gang.deadline,
        });
        gang.invariant()
    }
}
