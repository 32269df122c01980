//! The IO token: its mint, the genesis allocation with its vesting, and the hourly emission.

use anchor_lang::prelude::*;

pub mod error;
pub mod events;
pub mod instructions;
pub mod state;

pub use error::TokenError;
pub use instructions::*;
pub use state::*;

declare_id!(iog_ids::TOKEN_TEXT);
iog_runtime::entrypoint!();

#[program]
pub mod iog_token {
    use super::*;

    /// Creates the mint, the vesting vault and the configuration. Signed by the program's id key.
    pub fn token_initialize(
        ctx: &mut Context<TokenInitialize>,
        hour_length: u32,
        pool_bps: u16,
        guardian: Address,
    ) -> Result<()> {
        ctx.accounts.token_initialize(hour_length, pool_bps, guardian, &ctx.bumps)
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

    /// Writes a genesis bucket, or replaces it, while the genesis is not sealed.
    pub fn genesis_allocate(
        ctx: &mut Context<GenesisAllocate>,
        index: u8,
        amount: u64,
        beneficiary: Address,
        launch_bps: u16,
        cliff_months: u16,
        linear_months: u16,
    ) -> Result<()> {
        ctx.accounts.genesis_allocate(
            index,
            amount,
            beneficiary,
            Vesting { launch_bps, cliff_months, linear_months },
            ctx.bumps.bucket,
        )
    }

    /// Mints the whole genesis into the vesting vault, once, when the buckets sum to it.
    pub fn genesis_seal(ctx: &mut Context<GenesisSeal>) -> Result<()> {
        ctx.accounts.genesis_seal()
    }

    /// Sets when emission and vesting start, once.
    pub fn emission_start(ctx: &mut Context<EmissionStart>, at: i64) -> Result<()> {
        ctx.accounts.emission_start(at)
    }

    /// Pays a bucket's beneficiary what is due by now. Anyone may send it.
    pub fn vesting_claim(ctx: &mut Context<VestingClaim>) -> Result<()> {
        ctx.accounts.vesting_claim()
    }

    /// Mints what the hours ended so far bring and have not brought. Anyone may send it; with
    /// nothing new it changes nothing.
    pub fn emission_advance(ctx: &mut Context<EmissionAdvance>) -> Result<()> {
        ctx.accounts.emission_advance()
    }

    /// Announces another share of the backers' pool for the hours after `from_hour`. Only hours
    /// that have not begun change; an announced share that is not due is replaced.
    pub fn split_set(ctx: &mut Context<SplitSet>, pool_bps: u16, from_hour: u32) -> Result<()> {
        ctx.accounts.split_set(pool_bps, from_hour)
    }

    /// Withdraws an announced share that is not due. Signed by the guardian or the authority.
    pub fn split_cancel(ctx: &mut Context<SplitCancel>) -> Result<()> {
        ctx.accounts.split_cancel()
    }
}
