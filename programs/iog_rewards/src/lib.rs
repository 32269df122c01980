//! Hourly payment to any number of wallets: roots over cumulative totals, and claims against them.

use anchor_lang::prelude::*;

pub mod error;
pub mod events;
pub mod instructions;
pub mod state;

pub use error::RewardsError;
pub use events::*;
pub use instructions::*;
pub use state::*;

declare_id!(iog_ids::REWARDS_TEXT);
declare_program!(iog_token);
iog_runtime::entrypoint!();

#[program]
pub mod iog_rewards {
    use super::*;

    /// Creates the distributor and its vault. Signed by the program's id key.
    pub fn distributor_initialize(
        ctx: &mut Context<DistributorInitialize>,
        guardian: Address,
        threshold: u8,
        oracles: Vec<Address>,
    ) -> Result<()> {
        ctx.accounts.distributor_initialize(guardian, threshold, &oracles, ctx.bumps.distributor)
    }

    /// Proposes the root of an epoch. Oracles up to the threshold sign; those beyond the first
    /// follow as further accounts. A pending root that is due becomes the live one first.
    pub fn root_propose(
        ctx: &mut Context<RootPropose>,
        epoch: u32,
        root: [u8; 32],
        total: u64,
        count: u32,
        data_hash: [u8; 32],
    ) -> Result<()> {
        let others = ctx.remaining_accounts()?;
        ctx.accounts.root_propose(Proposal { root, data_hash, total, epoch, count }, &others)
    }

    /// Pays a wallet what the live root gives it and it has not had. Anyone may send it. A pending
    /// root that is due becomes the live one first.
    pub fn reward_claim(
        ctx: &mut Context<RewardClaim>,
        expected_root: [u8; 32],
        cumulative: u64,
        proof: Vec<[u8; 32]>,
    ) -> Result<()> {
        ctx.accounts.reward_claim(&expected_root, cumulative, &proof, ctx.bumps.recipient)
    }
}
