//! Escrow of jobs.
//!
//! A client funds a job in full before it is placed. A matcher of the client's choice assigns it
//! to a node, the node's device starts and finishes it, statements signed by the device and the
//! matcher prove its seconds, and settling pays the node for them and the client the rest.

use anchor_lang::prelude::*;

pub mod error;
pub mod events;
pub mod instructions;
mod making;
pub mod math;
pub mod reason;
mod spending;
mod staking;
pub mod state;
mod tokens;

pub use instructions::*;

declare_program!(iog_token);
declare_program!(iog_staking);

declare_id!(iog_ids::JOBS_TEXT);
iog_runtime::entrypoint!();

#[program]
pub mod iog_jobs {
    use super::*;

    /// Creates the config and the vault of fees.
    pub fn jobs_initialize(
        ctx: &mut Context<JobsInitialize>,
        genesis_hash: [u8; 32],
        guardian: Address,
        arbiter: Address,
    ) -> Result<()> {
        let args = JobsInitializeArgs { genesis_hash, guardian, arbiter };
        ctx.accounts.jobs_initialize(&args, &ctx.bumps)
    }

    /// Offers the authority to another key; zero withdraws the offer.
    pub fn authority_propose(ctx: &mut Context<ByAuthority>, new: Address) -> Result<()> {
        ctx.accounts.authority_propose(new)
    }

    /// Takes an authority that was offered.
    pub fn authority_accept(ctx: &mut Context<AuthorityAccept>) -> Result<()> {
        ctx.accounts.authority_accept()
    }

    /// Names who can stop things.
    pub fn guardian_set(ctx: &mut Context<ByAuthority>, guardian: Address) -> Result<()> {
        ctx.accounts.guardian_set(guardian)
    }

    /// Names who decides disputes.
    pub fn arbiter_set(ctx: &mut Context<ByAuthority>, arbiter: Address) -> Result<()> {
        ctx.accounts.arbiter_set(arbiter)
    }

    /// Names the wallet that gets the fees, and the part of them that is burned.
    pub fn treasury_set(
        ctx: &mut Context<ByAuthority>,
        treasury: Address,
        burn_bps: u16,
    ) -> Result<()> {
        ctx.accounts.treasury_set(treasury, burn_bps)
    }

    /// Stops the opening and extending of jobs, and nothing else.
    pub fn jobs_pause(ctx: &mut Context<JobsPause>) -> Result<()> {
        ctx.accounts.jobs_pause()
    }

    /// Lets jobs be opened and extended again.
    pub fn jobs_resume(ctx: &mut Context<ByAuthority>) -> Result<()> {
        ctx.accounts.jobs_resume()
    }

    /// Burns its part of the collected fees and pays the rest to the treasury. Anyone may.
    pub fn fees_collect(ctx: &mut Context<FeesCollect>) -> Result<()> {
        ctx.accounts.fees_collect()
    }

    /// Opens a wallet's counter of jobs, or replaces the list of matchers it trusts.
    pub fn client_open(ctx: &mut Context<ClientOpen>, matchers: Vec<Address>) -> Result<()> {
        ctx.accounts.client_open(&matchers, ctx.bumps.client)
    }

    /// Lets a key open and extend the wallet's jobs within limits, or changes them. Amounts of zero
    /// end it. The wallet also approves its Client as SPL delegate of its tokens.
    pub fn delegate_set(ctx: &mut Context<DelegateSet>, per_job: u64, per_day: u64) -> Result<()> {
        ctx.accounts.delegate_set(per_job, per_day, ctx.bumps.delegate)
    }

    /// Ends what a delegate may do and gives the rent back.
    pub fn delegate_close(ctx: &mut Context<DelegateClose>) -> Result<()> {
        ctx.accounts.delegate_close()
    }

    /// Opens a gang: its jobs start together, or none of them does.
    pub fn gang_open(ctx: &mut Context<GangOpen>, members: u16, wait: u32) -> Result<()> {
        ctx.accounts.gang_open(members, wait, ctx.bumps.gang)
    }

    /// Opens a job and funds it: the most it can cost, and the largest fee.
    #[allow(clippy::too_many_arguments)]
    pub fn job_open(
        ctx: &mut Context<JobOpen>,
        spec_hash: [u8; 32],
        class: Address,
        min_multiplier: u32,
        gpus: u16,
        max_price: u64,
        max_seconds: u32,
        runs: u32,
        window: u32,
        wait: u32,
        matcher: Address,
    ) -> Result<()> {
        let args = JobOpenArgs {
            spec_hash,
            class,
            min_multiplier,
            gpus,
            max_price,
            max_seconds,
            runs,
            window,
            wait,
            matcher,
        };
        ctx.accounts.job_open(&args, &ctx.bumps)
    }

    /// Allows a job that has not ended more seconds and funds them.
    pub fn job_extend(ctx: &mut Context<JobExtend>, seconds: u32) -> Result<()> {
        ctx.accounts.job_extend(seconds)
    }

    /// Assigns an open job, or one whose node did not start in time, to a node at its ask.
    pub fn job_assign(ctx: &mut Context<JobAssign>) -> Result<()> {
        ctx.accounts.job_assign()
    }

    /// Starts an assigned job: holds the node's GPUs and names who will be paid.
    pub fn job_start(ctx: &mut Context<JobRun>) -> Result<()> {
        ctx.accounts.job_start()
    }

    /// Holds the node's GPUs for an assigned member of a gang. The last one to join starts them all.
    pub fn job_join(ctx: &mut Context<JobJoin>) -> Result<()> {
        ctx.accounts.job_join()
    }

    /// Has a member that joined run since its gang started. Anyone may.
    pub fn gang_start(ctx: &mut Context<GangStart>) -> Result<()> {
        ctx.accounts.gang_start()
    }

    /// Posts a statement, signed by the device and by the matcher or the client, which the
    /// Ed25519 instruction right before has checked.
    pub fn job_prove(ctx: &mut Context<JobProve>, counter: u64, seconds: u64) -> Result<()> {
        ctx.accounts.job_prove(counter, seconds)
    }

    /// Ends a running job with its result and reason, and frees the node's GPUs.
    pub fn job_finish(ctx: &mut Context<JobRun>, result_hash: [u8; 32], reason: u8) -> Result<()> {
        ctx.accounts.job_finish(&result_hash, reason)
    }

    /// Gives a run up for a reason that is the node's or the platform's and opens the job again;
    /// nothing is paid for that run. The device may, and the matcher once it has not heard of it.
    pub fn job_release(ctx: &mut Context<JobRelease>, reason: u8) -> Result<()> {
        ctx.accounts.job_release(reason)
    }

    /// Objects to how a finished job is to be paid. Only the client may, within its window.
    pub fn job_dispute(ctx: &mut Context<JobDispute>) -> Result<()> {
        ctx.accounts.job_dispute()
    }

    /// Decides a dispute: so many of the proven seconds are paid.
    pub fn job_resolve(ctx: &mut Context<JobDispute>, seconds: u64) -> Result<()> {
        ctx.accounts.job_resolve(seconds)
    }

    /// Ends a job by its client's wish: nothing is paid before the start, proven seconds after;
    /// a run that was going on has ten minutes for its last statement.
    pub fn job_cancel(ctx: &mut Context<JobEnd>) -> Result<()> {
        ctx.accounts.job_cancel()
    }

    /// Ends a job whose deadline and the grace after it have passed. Anyone may.
    pub fn job_expire(ctx: &mut Context<JobEnd>) -> Result<()> {
        ctx.accounts.job_expire()
    }

    /// Pays the node for proven seconds, the fees, and the client the rest; closes the vault.
    pub fn job_settle(ctx: &mut Context<JobSettle>) -> Result<()> {
        ctx.accounts.job_settle()
    }
}
