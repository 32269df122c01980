//! Registry of nodes and their collateral.
//!
//! A node is one machine with GPUs of one class, known by its device key. Its owner stakes IO for
//! it; from the next hour on an active node counts for rewards, and jobs may hold its GPUs.

use anchor_lang::prelude::*;

pub mod error;
pub mod events;
pub mod instructions;
pub mod state;
pub mod tokens;

pub use instructions::*;

declare_program!(iog_token);

declare_id!(iog_ids::STAKING_TEXT);
iog_runtime::entrypoint!();

#[program]
pub mod iog_staking {
    use super::*;

    /// Creates the config and the vaults of stake and of the backers' pool.
    pub fn staking_initialize(
        ctx: &mut Context<StakingInitialize>,
        genesis_hash: [u8; 32],
        guardian: Address,
        slasher: Address,
        arbiter: Address,
    ) -> Result<()> {
        let args = StakingInitializeArgs { genesis_hash, guardian, slasher, arbiter };
        ctx.accounts.staking_initialize(&args, &ctx.bumps)
    }

    /// Creates a class of GPU; on an existing one, announces its change.
    pub fn class_set(
        ctx: &mut Context<ClassSet>,
        slug: [u8; 16],
        multiplier: u32,
        pool: u8,
        enabled: u8,
    ) -> Result<()> {
        let args = ClassSetArgs { slug, multiplier, pool, enabled };
        ctx.accounts.class_set(&args, ctx.bumps.class)
    }

    /// Registers a node under its device key, which agreed to it by a signature.
    pub fn node_register(
        ctx: &mut Context<NodeRegister>,
        gpus: u16,
        ask: u64,
        payee: Address,
    ) -> Result<()> {
        let args = NodeRegisterArgs { gpus, ask, payee };
        ctx.accounts.node_register(&args, ctx.bumps.node)
    }

    /// Adds to a node's own stake; at the requirement the node becomes active.
    pub fn stake_add(ctx: &mut Context<StakeAdd>, amount: u64) -> Result<()> {
        ctx.accounts.stake_add(amount)
    }

    /// Takes GPUs of an active node for a job. Only iog_jobs calls it.
    pub fn node_hold(ctx: &mut Context<NodeHold>, gpus: u16) -> Result<()> {
        ctx.accounts.node_hold(gpus)
    }

    /// Gives a job's GPUs back. Only iog_jobs calls it.
    pub fn node_release(ctx: &mut Context<NodeRelease>, gpus: u16) -> Result<()> {
        ctx.accounts.node_release(gpus)
    }
}
