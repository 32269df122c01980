use anchor_lang::prelude::*;
use anchor_spl::{token, Mint, TokenAccount};

use crate::{
    error::JobsError,
    events::JobOpened,
    math, reason,
    state::{Client, Config, Job, MOST_GPUS, MOST_SECONDS, MOST_WAIT, MOST_WINDOW, OPEN},
    tokens::Call,
};

pub struct JobOpenArgs {
    pub spec_hash: [u8; 32],
    /// Address of a Class; zero for any.
    pub class: Address,
    /// Thousandths.
    pub min_multiplier: u32,
    pub gpus: u16,
    /// For one GPU and second, base units.
    pub max_price: u64,
    pub max_seconds: u32,
    /// Seconds after the end in which only the client settles.
    pub window: u32,
    /// Seconds in which it must be placed.
    pub wait: u32,
    pub matcher: Address,
}

#[derive(Accounts)]
pub struct JobOpen {
    /// Pays the rent and the funding.
    #[account(mut)]
    pub wallet: Signer,
    #[account(seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"client", wallet.address()], bump = client.bump)]
    pub client: Account<Client>,
    #[account(
        init, payer = wallet, bump,
        seeds = [b"job", wallet.address(), client.next_job.to_le_bytes()]
    )]
    pub job: Account<Job>,
    #[account(
        init, payer = wallet, seeds = [b"vault", job.address()], bump,
        token::mint = mint, token::authority = job
    )]
    pub vault: Account<TokenAccount>,
    #[account(address = config.mint @ JobsError::MintMismatch)]
    pub mint: Account<Mint>,
    /// Unchecked: the token program checks its mint and that the wallet may spend from it.
    #[account(mut)]
    pub wallet_tokens: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

impl JobOpen {
    /// The funding.
    fn validate(&self, args: &JobOpenArgs) -> Result<u64> {
        require!(self.config.paused == 0, JobsError::Paused);
        require!(self.client.matchers().contains(&args.matcher), JobsError::MatcherNotAllowed);
        require!((1..=MOST_GPUS).contains(&args.gpus), JobsError::GpusOutOfRange);
        require!(args.max_price > 0, JobsError::PriceZero);
        require!((1..=MOST_SECONDS).contains(&args.max_seconds), JobsError::DurationOutOfRange);
        require!(args.window <= MOST_WINDOW, JobsError::WindowOutOfRange);
        require!((1..=MOST_WAIT).contains(&args.wait), JobsError::WaitOutOfRange);
        let funding =
            math::funding(args.max_price, args.gpus, args.max_seconds, self.config.fee_bps);
        Ok(funding.ok_or(JobsError::AmountOverflow)?)
    }

    pub fn job_open(&mut self, args: &JobOpenArgs, bumps: &JobOpenBumps) -> Result<()> {
        let funded = self.validate(args)?;
        let now = Clock::get()?.unix_timestamp;
        let place_by = now.saturating_add(i64::from(args.wait));
        let number = self.client.next_job;
        self.client.next_job = number.checked_add(1).ok_or(JobsError::AmountOverflow)?;
        *self.job = Job {
            client: *self.wallet.address(),
            payer: *self.wallet.address(),
            matcher: args.matcher,
            node: Address::default(),
            device: Address::default(),
            payee: Address::default(),
            class: args.class,
            spec_hash: args.spec_hash,
            result_hash: [0; 32],
            number,
            max_price: args.max_price,
            price: 0,
            funded,
            paid: 0,
            fees: 0,
            refunded: 0,
            proven_seconds: 0,
            counter: 0,
            opened_at: now,
            started_at: 0,
            ended_at: 0,
            deadline: place_by,
            max_seconds: args.max_seconds,
            window: args.window,
            min_multiplier: args.min_multiplier,
            run: 0,
            gpus: args.gpus,
            state: OPEN,
            reason: reason::NONE,
            bump: bumps.job,
            vault_bump: bumps.vault,
            reserved: [0; 2],
            place_by,
        };
        Call {
            from: self.wallet_tokens.cpi_handle_mut(),
            to: self.vault.cpi_handle_mut(),
            authority: self.wallet.cpi_handle(),
            seeds: &[],
        }
        .transfer(funded);
        self.announce();
        self.job.invariant()
    }

    fn announce(&self) {
        let job = &self.job;
        emit!(JobOpened {
            job: *job.address(),
            client: job.client,
            number: job.number,
            matcher: job.matcher,
            class: job.class,
            spec_hash: job.spec_hash,
            min_multiplier: job.min_multiplier,
            gpus: job.gpus,
            max_price: job.max_price,
            max_seconds: job.max_seconds,
            window: job.window,
            funded: job.funded,
            opened_at: job.opened_at,
            deadline: job.deadline,
        });
    }
}
