//! Making accounts, in one place: Anchor's `init` is compiled into every instruction that has it,
//! as LLVM cannot call a function of that many arguments here, and takes some 10 KB each time.

use anchor_lang::{create_account_signed, prelude::*};
use bytemuck::Pod;

use crate::ID;

/// An account to be made at an address that was derived from `seeds`, which end with the bump.
pub struct New<'a> {
    /// Pays the rent.
    pub payer: &'a AccountView,
    pub account: &'a AccountView,
    pub seeds: &'a [&'a [u8]],
}

impl New<'_> {
    /// Makes an account of this program that holds `value`.
    pub fn with<T: Pod + Discriminator>(&self, value: &T) -> Result<()> {
        self.create(T::DISCRIMINATOR.len() + size_of::<T>(), &ID)?;
        write(self.account, value)
    }

    /// Makes an empty token account for the mint.
    pub fn tokens(&self, mint: &AccountView, authority: &Address) -> Result<()> {
        self.create(pinocchio_token::state::Account::LEN, &pinocchio_token::ID)?;
        let (account, owner) = (self.account, authority);
        Ok(pinocchio_token::instructions::InitializeAccount3 { account, mint, owner }.invoke()?)
    }

    #[inline(never)]
    fn create(&self, space: usize, owner: &Address) -> Result<()> {
        Ok(create_account_signed(self.payer, self.account, space, owner, self.seeds)?)
    }
}

/// What an account of this program holds; None where it has still to be made.
pub fn read<T: Pod + Discriminator + Owner>(account: &AccountView) -> Result<Option<T>> {
    if account.is_data_empty() {
        return Ok(None);
    }
    Ok(Some(*Account::<T>::load(*account)?))
}

/// Replaces what an account of this program holds.
pub fn write<T: Pod + Discriminator>(account: &AccountView, value: &T) -> Result<()> {
    let mut account = *account;
    let mut data = account.try_borrow_mut()?;
    let (head, rest) = data.split_at_mut(T::DISCRIMINATOR.len());
    head.copy_from_slice(T::DISCRIMINATOR);
    rest[..size_of::<T>()].copy_from_slice(bytemuck::bytes_of(value));
    Ok(())
}
