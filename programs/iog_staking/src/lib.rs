//! Registry of nodes and their collateral.
//!
//! A node is one machine with GPUs of one class, known by its device key. Its owner stakes IO for
//! it; from the next hour on an active node counts for rewards, and jobs may hold its GPUs.

use anchor_lang::prelude::*;

pub mod error;
pub mod events;
pub mod instructions;
mod making;
mod record;
pub mod state;
pub mod vaults;

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

    /// Sets the price of one GPU for one second; 0 takes the node off the market.
    pub fn node_ask(ctx: &mut Context<NodeOwned>, ask: u64) -> Result<()> {
        ctx.accounts.node_ask(ask)
    }

    /// Sets the wallet that is paid, from the next hour on.
    pub fn node_payee(ctx: &mut Context<NodeOwnedHour>, payee: Address) -> Result<()> {
        ctx.accounts.node_payee(payee)
    }

    /// Stops an active node; jobs that run on it go on.
    pub fn node_pause(ctx: &mut Context<NodeOwned>) -> Result<()> {
        ctx.accounts.node_pause()
    }

    /// Makes a stopped node with its stake met active from the next hour on.
    pub fn node_resume(ctx: &mut Context<NodeOwnedHour>) -> Result<()> {
        ctx.accounts.node_resume()
    }

    /// Ends a node that nothing is left of; its owner may register the device again.
    pub fn node_retire(ctx: &mut Context<NodeOwned>) -> Result<()> {
        ctx.accounts.node_retire()
    }

    /// Takes out own stake above the requirement, at once.
    pub fn stake_reduce(ctx: &mut Context<StakeReduce>, amount: u64) -> Result<()> {
        ctx.accounts.stake_reduce(amount)
    }

    /// Sends all own stake, and a co-stake, on their way out.
    pub fn stake_unstake(ctx: &mut Context<StakeUnstake>) -> Result<()> {
        ctx.accounts.stake_unstake()
    }

    /// Pays own stake that has cooled to the owner.
    pub fn stake_withdraw(ctx: &mut Context<StakeWithdraw>) -> Result<()> {
        ctx.accounts.stake_withdraw()
    }

    /// Offers a part of the requirement to a co-staker, for a share of the node's rewards.
    pub fn costake_offer(
        ctx: &mut Context<CostakeOffer>,
        amount: u64,
        share_bps: u16,
    ) -> Result<()> {
        ctx.accounts.costake_offer(amount, share_bps, ctx.bumps.owner_record)
    }

    /// Withdraws an offer nobody took.
    pub fn costake_revoke(ctx: &mut Context<NodeOwned>) -> Result<()> {
        ctx.accounts.costake_revoke()
    }

    /// Takes an offer on exactly the terms named.
    pub fn costake_accept(
        ctx: &mut Context<CostakeAccept>,
        amount: u64,
        share_bps: u16,
    ) -> Result<()> {
        ctx.accounts.costake_accept(amount, share_bps)
    }

    /// The co-staker gives notice; until it has run out the co-stake counts as before.
    pub fn costake_leave(ctx: &mut Context<CostakeLeave>) -> Result<()> {
        ctx.accounts.costake_leave()
    }

    /// Ends a co-stake whose notice has run out.
    pub fn costake_end(ctx: &mut Context<CostakeEnd>) -> Result<()> {
        ctx.accounts.costake_end()
    }

    /// Pays a co-stake that has cooled to its co-staker.
    pub fn costake_withdraw(ctx: &mut Context<StakeWithdraw>) -> Result<()> {
        ctx.accounts.costake_withdraw()
    }

    // --- the backers' pool, slash cases and authorities -------------------------------------------

    /// Offers the authority to another key, which has to accept; the zero address withdraws it.
    pub fn authority_propose(ctx: &mut Context<ConfigChange>, new: Address) -> Result<()> {
        ctx.accounts.authority_propose(new)
    }

    /// Takes the authority over.
    pub fn authority_accept(ctx: &mut Context<AuthorityAccept>) -> Result<()> {
        ctx.accounts.authority_accept()
    }

    /// Names the key that can only stop things.
    pub fn guardian_set(ctx: &mut Context<ConfigChange>, guardian: Address) -> Result<()> {
        ctx.accounts.guardian_set(guardian)
    }

    /// Names the key that opens slash cases.
    pub fn slasher_set(ctx: &mut Context<ConfigChange>, slasher: Address) -> Result<()> {
        ctx.accounts.slasher_set(slasher)
    }

    /// Names the key that decides appealed slash cases.
    pub fn arbiter_set(ctx: &mut Context<ConfigChange>, arbiter: Address) -> Result<()> {
        ctx.accounts.arbiter_set(arbiter)
    }

    /// Stops what brings in: registrations, stake and cases. Whatever takes out goes on.
    pub fn staking_pause(ctx: &mut Context<StakingPause>) -> Result<()> {
        ctx.accounts.staking_pause()
    }

    /// Ends the pause.
    pub fn staking_resume(ctx: &mut Context<ConfigChange>) -> Result<()> {
        ctx.accounts.staking_resume()
    }

    /// Releases to the backers what the emission has brought to the pool.
    pub fn pool_advance(ctx: &mut Context<PoolAdvance>) -> Result<()> {
        ctx.accounts.pool_advance()
    }

    /// Adds to a wallet's stake in the pool.
    pub fn pool_stake(ctx: &mut Context<PoolStake>, amount: u64) -> Result<()> {
        ctx.accounts.pool_stake(amount, ctx.bumps.backer)
    }

    /// Begins to take stake out of the pool; it earns nothing from now on.
    pub fn pool_unstake(ctx: &mut Context<PoolUnstake>, amount: u64) -> Result<()> {
        ctx.accounts.pool_unstake(amount)
    }

    /// Pays what has unbonded to its wallet.
    pub fn pool_withdraw(ctx: &mut Context<PoolWithdraw>) -> Result<()> {
        ctx.accounts.pool_withdraw()
    }

    /// Pays what a wallet's stake in the pool has earned.
    pub fn pool_claim(ctx: &mut Context<PoolClaim>) -> Result<()> {
        ctx.accounts.pool_claim()
    }

    /// Freezes a share of a node's stake because of published evidence.
    pub fn case_open(
        ctx: &mut Context<CaseOpen>,
        kind: u8,
        bps: u16,
        evidence_hash: [u8; 32],
    ) -> Result<()> {
        let args = CaseOpenArgs { kind, bps, evidence_hash };
        ctx.accounts.case_open(&args, ctx.bumps.case)
    }

    /// Asks the arbiter to decide an open case.
    pub fn case_appeal(ctx: &mut Context<CaseAppeal>) -> Result<()> {
        ctx.accounts.case_appeal()
    }

    /// Decides an appealed case against the node: the frozen stake is burned.
    pub fn case_uphold(ctx: &mut Context<CaseUphold>) -> Result<()> {
        ctx.accounts.case_uphold()
    }

    /// Ends a case in the node's favour: the frozen stake goes back.
    pub fn case_drop(ctx: &mut Context<CaseDrop>) -> Result<()> {
        ctx.accounts.case_drop()
    }

    /// Ends a case whose deadline has passed: upheld without an appeal, dropped after one.
    pub fn case_close(ctx: &mut Context<CaseClose>) -> Result<()> {
        ctx.accounts.case_close()
    }
}
