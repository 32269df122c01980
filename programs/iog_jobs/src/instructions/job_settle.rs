use anchor_lang::prelude::*;
use anchor_spl::TokenAccount;

use crate::{
    error::JobsError,
    events::JobSettled,
    math::Bill,
    state::{Config, Job},
    tokens::{associated, Call},
};

#[derive(Accounts)]
pub struct JobSettle {
    pub settler: Signer,
    #[account(mut)]
    pub job: Account<Job>,
    pub config: Account<Config>,
    #[account(mut, seeds = [b"vault", job.address()], bump = job.vault_bump)]
    pub vault: Account<TokenAccount>,
    /// Unchecked: the address is pinned.
    #[account(mut, address = config.fee_vault @ JobsError::VaultMismatch)]
    pub fee_vault: UncheckedAccount,
    /// Needed when something is paid. Unchecked: its address is, against the payee. A client
    /// that runs jobs on a node of its own is both, so the two may be one account.
    #[account(unsafe(dup))]
    pub payee_tokens: Option<UncheckedAccount>,
    /// Unchecked: its address is, against the client.
    #[account(unsafe(dup))]
    pub client_tokens: UncheckedAccount,
    /// Gets the vault's rent. Unchecked: the address is pinned. May be the settler.
    #[account(unsafe(dup), address = job.payer @ JobsError::PayerMismatch)]
    pub payer: UncheckedAccount,
    pub token_program: Program<Token>,
}

impl JobSettle {
    /// How the funding is divided.
    fn validate(&self, now: i64) -> Result<Bill> {
        self.job.require_settler(self.settler.address(), now)?;
        let bill = self.job.bill(self.config.fee_bps)?;
        let mint = &self.config.mint;
        require!(
            *self.client_tokens.address() == associated(&self.job.client, mint),
            JobsError::ClientTokensMismatch
        );
        if bill.paid > 0 {
            let tokens = self.payee_tokens.as_ref().ok_or(JobsError::PayeeTokensMissing)?;
            require!(
                *tokens.address() == associated(&self.job.payee, mint),
                JobsError::PayeeTokensMismatch
            );
        }
        Ok(bill)
    }

    pub fn job_settle(&mut self) -> Result<()> {
        let bill = self.validate(Clock::get()?.unix_timestamp)?;
        self.job.settle(&bill)?;
        let left = self.vault.amount().checked_sub(self.job.paid + self.job.fees);
        let left = left.ok_or(JobsError::AmountOverflow)?;
        let donated = left.checked_sub(bill.refunded).ok_or(JobsError::AmountOverflow)?;
        self.pay(&bill, left);
        emit!(JobSettled {
            job: *self.job.address(),
            client: self.job.client,
            node: self.job.node,
            payee: self.job.payee,
            settler: *self.settler.address(),
            run: self.job.run,
            reason: self.job.reason,
            proven_seconds: self.job.proven_seconds,
            paid: bill.paid,
            node_fee: bill.node_fee,
            client_fee: bill.client_fee,
            refunded: bill.refunded,
            donated,
        });
        self.job.invariant()
    }

    /// Empties the vault: payee, fees, and what is `left` to the client; then closes it.
    fn pay(&mut self, bill: &Bill, left: u64) {
        let (number, bump) = (self.job.number.to_le_bytes(), [self.job.bump]);
        let client = self.job.client;
        let seeds: [&[u8]; 4] = [b"job", client.as_array(), &number, &bump];
        let seeds: &[&[&[u8]]] = &[&seeds];
        let (vault, authority) = (&mut self.vault, &self.job);
        if let Some(payee_tokens) = self.payee_tokens.as_mut() {
            Call {
                from: vault.cpi_handle_mut(),
                to: payee_tokens.cpi_handle_mut(),
                authority: authority.cpi_handle(),
                seeds,
            }
            .transfer(bill.paid);
        }
        for (to, amount) in [
            (&mut self.fee_vault, bill.node_fee + bill.client_fee),
            (&mut self.client_tokens, left),
        ] {
            Call {
                from: vault.cpi_handle_mut(),
                to: to.cpi_handle_mut(),
                authority: authority.cpi_handle(),
                seeds,
            }
            .transfer(amount);
        }
        Call {
            from: vault.cpi_handle_mut(),
            to: self.payer.cpi_handle_mut(),
            authority: authority.cpi_handle(),
            seeds,
        }
        .close();
    }
}
