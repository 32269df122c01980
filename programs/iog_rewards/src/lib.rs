//! Hourly payment to any number of wallets: roots over cumulative totals, and claims against them.

use anchor_lang::prelude::*;

pub mod error;
pub mod events;
pub mod instructions;
pub mod state;

pub use error::RewardsError;
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

    /// Offers the authority to another key; the zero address withdraws the offer.
    pub fn authority_propose(ctx: &mut Context<AuthorityPropose>, new: Address) -> Result<()> {
        ctx.accounts.authority_propose(new)
    }

    /// Takes the authority over. Signed by the key that it was offered to.
    pub fn authority_accept(ctx: &mut Context<AuthorityAccept>) -> Result<()> {
        ctx.accounts.authority_accept()
    }

    /// Names the key that can only stop things; the zero address for none.
    pub fn guardian_set(ctx: &mut Context<GuardianSet>, guardian: Address) -> Result<()> {
        ctx.accounts.guardian_set(guardian)
    }

    /// Names the oracles and how many of them must sign a root. A pending root stays.
    pub fn oracles_set(
        ctx: &mut Context<OraclesSet>,
        threshold: u8,
        oracles: Vec<Address>,
    ) -> Result<()> {
        ctx.accounts.oracles_set(threshold, &oracles)
    }

    /// Stops roots from being proposed, and nothing else. Signed by the guardian or the authority.
    pub fn rewards_pause(ctx: &mut Context<RewardsPause>) -> Result<()> {
        ctx.accounts.rewards_pause()
    }

    /// Lets roots be proposed again.
    pub fn rewards_resume(ctx: &mut Context<RewardsResume>) -> Result<()> {
        ctx.accounts.rewards_resume()
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

    /// Withdraws the pending root before it is due; its epoch may be proposed again. Signed by the
    /// guardian.
    pub fn root_veto(ctx: &mut Context<RootVeto>) -> Result<()> {
        ctx.accounts.root_veto()
    }

    /// Pays a wallet what the live root gives it and it has not had. Anyone may send it. A pending
    /// root that is due becomes the live one first.
    pub fn reward_claim(
        ctx: &mut Context<RewardClaim>,
        expected_root: &[u8; 32],
        cumulative: u64,
        proof: &[[u8; 32]],
    ) -> Result<()> {
        ctx.accounts.reward_claim(expected_root, cumulative, proof, ctx.bumps.recipient)
    }
}
