//! Escrow of jobs.
//!
//! A client funds a job in full before it is placed. A matcher of the client's choice assigns it
//! to a node, the node's device starts and finishes it, statements signed by the device and the
//! matcher prove its seconds, and settling pays the node for them and the client the rest.

use anchor_lang::prelude::*;

pub mod error;
pub mod events;
pub mod instructions;
pub mod math;
pub mod reason;
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
        ctx.accounts.jobs_initialize(&args, ctx.bumps.config)
    }

    /// Opens a wallet's counter of jobs, or replaces the list of matchers it trusts.
    pub fn client_open(ctx: &mut Context<ClientOpen>, matchers: Vec<Address>) -> Result<()> {
        ctx.accounts.client_open(&matchers, ctx.bumps.client)
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
            window,
            wait,
            matcher,
        };
        ctx.accounts.job_open(&args, &ctx.bumps)
    }

    /// Assigns an open job, or one whose node did not start in time, to a node at its ask.
    pub fn job_assign(ctx: &mut Context<JobAssign>) -> Result<()> {
        ctx.accounts.job_assign()
    }

    /// Starts an assigned job: holds the node's GPUs and names who will be paid.
    pub fn job_start(ctx: &mut Context<JobStart>) -> Result<()> {
        ctx.accounts.job_start()
    }

    /// Posts a statement, signed by the device and by the matcher or the client, which the
    /// Ed25519 instruction right before has checked.
    pub fn job_prove(ctx: &mut Context<JobProve>, counter: u64, seconds: u64) -> Result<()> {
        ctx.accounts.job_prove(counter, seconds)
    }

    /// Ends a running job with its result and reason, and frees the node's GPUs.
    pub fn job_finish(
        ctx: &mut Context<JobFinish>,
        result_hash: [u8; 32],
        reason: u8,
    ) -> Result<()> {
        ctx.accounts.job_finish(&result_hash, reason)
    }

    /// Ends a job by its client's wish: nothing is paid before the start, proven seconds after;
    /// a run that was going on has ten minutes for its last statement.
    pub fn job_cancel(ctx: &mut Context<JobCancel>) -> Result<()> {
        ctx.accounts.job_cancel()
    }

    /// Ends a job whose deadline and the grace after it have passed. Anyone may.
    pub fn job_expire(ctx: &mut Context<JobExpire>) -> Result<()> {
        ctx.accounts.job_expire()
    }

    /// Pays the node for proven seconds, the fees, and the client the rest; closes the vault.
    pub fn job_settle(ctx: &mut Context<JobSettle>) -> Result<()> {
        ctx.accounts.job_settle()
    }
}
