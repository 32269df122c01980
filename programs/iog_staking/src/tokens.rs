//! Moves tokens out of the vaults, for which the config signs.
//!
//! The config is being changed by whoever calls, so it is lent to the token program. One copy of
//! each call serves all instructions: inlined they would be a kilobyte apiece.

use anchor_lang::prelude::*;
use anchor_spl::associated_token::get_associated_token_address;
use iog_runtime::lend;
use pinocchio::cpi::{Seed, Signer as CpiSigner};
use pinocchio_token::instructions::{Burn, Transfer};

use crate::state::Config;

/// The associated token account of a wallet.
#[inline(never)]
pub fn associated(wallet: &Address, mint: &Address) -> Address {
    get_associated_token_address(wallet, mint)
}

/// Pays from one of the config's vaults; zero moves nothing and calls nothing.
#[inline(never)]
pub fn pay_out(
    config: &Account<Config>,
    vault: &UncheckedAccount,
    to: &UncheckedAccount,
    amount: u64,
) -> Result<()> {
    if amount == 0 {
        return Ok(());
    }
    let bump = [config.bump];
    let seeds = [Seed::from(b"config"), Seed::from(&bump)];
    let signer = config.account();
    lend(signer, || {
        Transfer::new(vault.account(), to.account(), signer, amount)
            .invoke_signed(&[CpiSigner::from(&seeds)])
    })
}

/// Burns from the stake vault; zero burns nothing and calls nothing.
#[inline(never)]
pub fn burn(
    config: &Account<Config>,
    vault: &UncheckedAccount,
    mint: &UncheckedAccount,
    amount: u64,
) -> Result<()> {
    if amount == 0 {
        return Ok(());
    }
    let bump = [config.bump];
    let seeds = [Seed::from(b"config"), Seed::from(&bump)];
    let signer = config.account();
    lend(signer, || {
        Burn::new(vault.account(), mint.account(), signer, amount)
            .invoke_signed(&[CpiSigner::from(&seeds)])
    })
}
