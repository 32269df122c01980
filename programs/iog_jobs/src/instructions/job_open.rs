use anchor_lang::prelude::*;
use anchor_spl::Mint;

use crate::{
    error::JobsError,
    events::JobOpened,
    making::New,
    math, reason,
    spending::{Request, Spending},
    state::{
        Client, Config, Delegate, Gang, Job, MOST_GPUS, MOST_SECONDS, MOST_WAIT, MOST_WINDOW, OPEN,
    },
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
    /// The most runs, of which all but the last may be released.
    pub runs: u32,
    /// Seconds after the end in which only the client settles.
    pub window: u32,
    /// Seconds in which it must be placed.
    pub wait: u32,
    pub matcher: Address,
}

#[derive(Accounts)]
pub struct JobOpen {
    /// The client's wallet, or a delegate of it. Pays the rent.
    #[account(mut)]
    pub signer: Signer,
    pub config: Account<Config>,
    /// Type and owner pin whose it is.
    #[account(mut)]
    pub client: Account<Client>,
    /// Needed when the signer is a delegate.
    #[account(mut)]
    pub delegate: Option<Account<Delegate>>,
    /// Needed for a member of a gang.
    #[account(mut, constraint = gang.client == client.wallet @ JobsError::GangMismatch)]
    pub gang: Option<Account<Gang>>,
    /// Unchecked: it is made here.
    #[account(
        mut, bump,
        seeds = [b"job", client.wallet, client.next_job.to_le_bytes()]
    )]
    pub job: UncheckedAccount,
    /// Unchecked: it is made here.
    #[account(mut, seeds = [b"vault", job.address()], bump)]
    pub vault: UncheckedAccount,
    #[account(address = config.mint @ JobsError::MintMismatch)]
    pub mint: Account<Mint>,
    /// Unchecked: the token program checks its mint and that the signer may spend from it; for a
    /// delegate it is the wallet's associated one.
    #[account(mut)]
    pub wallet_tokens: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

impl JobOpen {
    /// The funding.
    fn validate(&self, args: &JobOpenArgs) -> Result<u64> {
        self.config.require_running()?;
        require!(self.client.matchers().contains(&args.matcher), JobsError::MatcherNotAllowed);
        require!((1..=MOST_GPUS).contains(&args.gpus), JobsError::GpusOutOfRange);
        require!(args.max_price > 0, JobsError::PriceZero);
        require!((1..=MOST_SECONDS).contains(&args.max_seconds), JobsError::DurationOutOfRange);
        require!(args.runs > 0, JobsError::RunsZero);
        require!(args.window <= MOST_WINDOW, JobsError::WindowOutOfRange);
        require!((1..=MOST_WAIT).contains(&args.wait), JobsError::WaitOutOfRange);
        let funding =
            math::funding(args.max_price, args.gpus, args.max_seconds, self.config.fee_bps);
        Ok(funding.ok_or(JobsError::AmountOverflow)?)
    }

    pub fn job_open(&mut self, args: &JobOpenArgs, bumps: &JobOpenBumps) -> Result<()> {
        let funded = self.validate(args)?;
        let now = Clock::get()?.unix_timestamp;
        Request {
            signer: self.signer.address(),
            client: &self.client,
            tokens: self.wallet_tokens.address(),
            mint: &self.config.mint,
            amount: funded,
            funded,
        }
        .authorize(self.delegate.as_mut(), now)?;
        let job = self.job(args, bumps, funded, now)?;
        self.client.next_job = job.number.checked_add(1).ok_or(JobsError::AmountOverflow)?;
        self.make(&job)?;
        Spending {
            signer: &self.signer,
            client: &self.client,
            tokens: &mut self.wallet_tokens,
            vault: &mut self.vault,
        }
        .pay(funded);
        self.announce(&job);
        job.invariant()
    }

    /// The job as it begins, counted in its gang.
    fn job(
        &mut self,
        args: &JobOpenArgs,
        bumps: &JobOpenBumps,
        funded: u64,
        now: i64,
    ) -> Result<Job> {
        let mut place_by = now.saturating_add(i64::from(args.wait));
        let mut member_of = Address::default();
        if let Some(gang) = self.gang.as_mut() {
            gang.open(now)?;
            gang.invariant()?;
            place_by = place_by.min(gang.deadline);
            member_of = *gang.address();
        }
        Ok(Job {
            client: self.client.wallet,
            payer: *self.signer.address(),
            matcher: args.matcher,
            class: args.class,
            gang: member_of,
            spec_hash: args.spec_hash,
            number: self.client.next_job,
            max_price: args.max_price,
            funded,
            opened_at: now,
            deadline: place_by,
            place_by,
            max_seconds: args.max_seconds,
            window: args.window,
            min_multiplier: args.min_multiplier,
            max_runs: args.runs,
            gpus: args.gpus,
            state: OPEN,
            reason: reason::NONE,
            bump: bumps.job,
            vault_bump: bumps.vault,
            ..bytemuck::Zeroable::zeroed()
        })
    }

    fn make(&self, job: &Job) -> Result<()> {
        let payer = self.signer.account();
        let (number, bump) = (job.number.to_le_bytes(), [job.bump]);
        let seeds: &[&[u8]] = &[b"job", job.client.as_array(), &number, &bump];
        New { payer, account: &self.job, seeds }.with(job)?;
        let seeds: &[&[u8]] = &[b"vault", self.job.address().as_array(), &[job.vault_bump]];
        New { payer, account: &self.vault, seeds }.tokens(self.mint.account(), self.job.address())
    }

    fn announce(&self, job: &Job) {
        emit!(JobOpened {
            job: *self.job.address(),
            client: job.client,
            number: job.number,
            matcher: job.matcher,
            class: job.class,
            gang: job.gang,
            signer: job.payer,
            spec_hash: job.spec_hash,
            min_multiplier: job.min_multiplier,
            gpus: job.gpus,
            max_price: job.max_price,
            max_seconds: job.max_seconds,
            max_runs: job.max_runs,
            window: job.window,
            funded: job.funded,
            opened_at: job.opened_at,
            deadline: job.deadline,
        });
    }
}
