use anchor_lang::prelude::*;

use crate::{
    error::JobsError,
    events::JobExtended,
    spending::{Request, Spending},
    state::{Client, Config, Delegate, Job},
};

#[derive(Accounts)]
pub struct JobExtend {
    /// The client's wallet, or a delegate of it.
    pub signer: Signer,
    pub config: Account<Config>,
    pub client: Account<Client>,
    /// Needed when the signer is a delegate.
    #[account(mut)]
    pub delegate: Option<Account<Delegate>>,
    #[account(mut, constraint = job.client == client.wallet @ JobsError::NotClient)]
    pub job: Account<Job>,
    /// Unchecked: the address is pinned.
    #[account(mut, seeds = [b"vault", job.address()], bump = job.vault_bump)]
    pub vault: UncheckedAccount,
    /// Unchecked: as in job_open.
    #[account(mut)]
    pub wallet_tokens: UncheckedAccount,
    pub token_program: Program<Token>,
}

impl JobExtend {
    pub fn job_extend(&mut self, seconds: u32) -> Result<()> {
        self.config.require_running()?;
        let now = Clock::get()?.unix_timestamp;
        let added = self.job.extend(seconds, self.config.fee_bps, now)?;
        Request {
            signer: self.signer.address(),
            client: &self.client,
            tokens: self.wallet_tokens.address(),
            mint: &self.config.mint,
            amount: added,
            funded: self.job.funded,
        }
        .authorize(self.delegate.as_mut(), now)?;
        Spending {
            signer: &self.signer,
            client: &self.client,
            tokens: &mut self.wallet_tokens,
            vault: &mut self.vault,
        }
        .pay(added);
        emit!(JobExtended {
            job: *self.job.address(),
            run: self.job.run,
            signer: *self.signer.address(),
            max_seconds: self.job.max_seconds,
            funded: self.job.funded,
            added,
            deadline: self.job.deadline,
        });
        self.job.invariant()
    }
}
