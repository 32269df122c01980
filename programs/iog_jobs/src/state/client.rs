use anchor_lang::prelude::*;

use crate::error::JobsError;

/// The most matchers a client names.
pub const MOST_MATCHERS: usize = 4;

/// A wallet that opens jobs. Seeds: `client`, wallet. Signs for what the wallet lets its delegates
/// spend: it is the SPL delegate of the wallet's token account.
#[account]
pub struct Client {
    pub wallet: Address,
    /// Matchers it trusts to place jobs and to sign statements; the rest is zero.
    pub matchers: [Address; MOST_MATCHERS],
    /// Number of its next job.
    pub next_job: u64,
    /// Number of its next gang.
    pub next_gang: u64,
    pub matcher_count: u8,
    pub bump: u8,
    pub reserved: [u8; 6],
}

impl Client {
    /// The matchers it trusts.
    pub fn matchers(&self) -> &[Address] {
        &self.matchers[..usize::from(self.matcher_count).min(MOST_MATCHERS)]
    }

    pub fn invariant(&self) -> Result<()> {
        let count = usize::from(self.matcher_count);
        require!((1..=MOST_MATCHERS).contains(&count), JobsError::InvariantBroken);
        Ok(())
    }
}
