//! Tokens that come into the vaults and go out of them, and the hour in which they do.

use anchor_lang::prelude::*;
use anchor_spl::associated_token;
use iog_runtime::lend;
use pinocchio::{
    account::AccountView,
    cpi::{Seed, Signer as CpiSigner},
};
use pinocchio_token::instructions::{Burn, Transfer};

use crate::{error::StakingError, iog_token, record::Record, state::Config};

/// Unix time, and the number of the hour now running.
#[inline(never)]
pub fn now(token: &iog_token::Config) -> Result<(i64, u32)> {
    let now = Clock::get()?.unix_timestamp;
    Ok((now, iog_math::hour_now(token.start, token.hour_length, now)))
}

/// Tokens out of a vault of the config, to a wallet.
pub struct Payment<'a> {
    pub config: &'a Record<Config>,
    pub vault: &'a AccountView,
    /// Has to be the wallet's associated token account; the token program checks the rest.
    pub destination: &'a AccountView,
    pub wallet: &'a Address,
    pub amount: u64,
}

impl Payment<'_> {
    #[inline(never)]
    pub fn send(&self) -> Result<()> {
        require!(
            *self.destination.address() == associated(self.wallet, &self.config.mint),
            StakingError::DestinationMismatch
        );
        let bump = [self.config.bump];
        let seeds = [Seed::from(b"config".as_slice()), Seed::from(&bump)];
        let config = self.config.account();
        lend(config, || {
            Transfer::new(self.vault, self.destination, config, self.amount)
                .invoke_signed(&[CpiSigner::from(&seeds)])
        })
    }
}

/// Tokens from a signer into a vault.
#[inline(never)]
pub fn deposit(
    from: &AccountView,
    vault: &AccountView,
    signer: &AccountView,
    amount: u64,
) -> Result<()> {
    Transfer::new(from, vault, signer, amount).invoke()
}

/// The associated token account of a wallet. Anchor's search hashes here instead of asking the
/// runtime, at a fifth of the cost.
fn associated(wallet: &Address, mint: &Address) -> Address {
    let seeds = [wallet.as_array().as_slice(), pinocchio_token::ID.as_array(), mint.as_array()];
    find_program_address(&seeds, &associated_token::ID).0
}

/// Burns from the stake vault.
#[inline(never)]
pub fn burn(
    config: &Record<Config>,
    vault: &AccountView,
    mint: &AccountView,
    amount: u64,
) -> Result<()> {
    let bump = [config.bump];
    let seeds = [Seed::from(b"config".as_slice()), Seed::from(&bump)];
    let config = config.account();
    lend(config, || {
        Burn::new(vault, mint, config, amount).invoke_signed(&[CpiSigner::from(&seeds)])
    })
}
