//! How this program reads accounts of its own and of iog_token.
//!
//! Anchor's `Account` is compiled into every instruction that names one, with the giving back of
//! its borrow on every way out: some kilobytes each. These are checked by one function and hold no
//! borrow. Nothing here needs one: an instruction never names two accounts of one type, another
//! type has another discriminator, and accounts that change may not be named twice.

use core::ops::{Deref, DerefMut};

use anchor_lang::prelude::*;
use bytemuck::Pod;

/// An account that holds a `T`, of the program that `T` belongs to.
pub struct Record<T> {
    view: AccountView,
    data: *mut T,
}

/// What an account has to be.
struct Kind {
    owner: Address,
    discriminator: [u8; 8],
    size: usize,
}

impl<T: Pod + Owner + Discriminator> Record<T> {
    const KIND: Kind = Kind {
        owner: T::OWNER,
        discriminator: *T::DISCRIMINATOR.first_chunk().expect("eight bytes"),
        size: 8 + size_of::<T>(),
    };

    pub fn address(&self) -> &Address {
        self.view.address()
    }
}

impl<T: Pod + Owner + Discriminator> AnchorAccount for Record<T> {
    type Data = T;
    const MIN_DATA_LEN: usize = Self::KIND.size;

    fn load(view: AccountView) -> core::result::Result<Self, ProgramError> {
        const { assert!(align_of::<T>() <= 8) };
        check(&view, &Self::KIND)?;
        // SAFETY: the account has the length that was checked, and its data begins at a multiple
        // of 8 and stays where it is for as long as the instruction runs.
        let data = unsafe { view.data_ptr().add(8) } as *mut T;
        Ok(Self { view, data })
    }

    fn account(&self) -> &AccountView {
        &self.view
    }
}

impl<T> Deref for Record<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: see `load`; any bytes are a `T`, which is Pod.
        unsafe { &*self.data }
    }
}

impl<T> DerefMut for Record<T> {
    /// Of an account that is not marked `mut` the runtime refuses the change.
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and no other reference to it lives: this one is borrowed from `self`.
        unsafe { &mut *self.data }
    }
}

impl<T: IdlAccountType> IdlAccountType for Record<T> {
    const __IDL_ACCOUNT_ENTRY: Option<&'static str> = T::__IDL_ACCOUNT_ENTRY;
    const __IDL_TYPE_DEF: Option<&'static str> = T::__IDL_TYPE_DEF;

    fn __idl_account_entry() -> Option<&'static str> {
        T::__idl_account_entry()
    }

    fn __idl_type_def() -> Option<&'static str> {
        T::__idl_type_def()
    }

    fn __register_idl_deps(accounts: &mut Vec<&'static str>, types: &mut Vec<&'static str>) {
        T::__register_idl_deps(accounts, types);
    }
}

#[inline(never)]
fn check(view: &AccountView, kind: &Kind) -> core::result::Result<(), ProgramError> {
    if !view.owned_by(&kind.owner) {
        let missing = view.lamports() == 0 && view.is_data_empty();
        let error = ProgramError::IllegalOwner;
        return Err(if missing { ProgramError::UninitializedAccount } else { error });
    }
    if view.data_len() < kind.size {
        return Err(ProgramError::AccountDataTooSmall);
    }
    // SAFETY: the data is longer than this, and nothing writes to it meanwhile.
    let head = unsafe { core::slice::from_raw_parts(view.data_ptr(), 8) };
    if head != kind.discriminator {
        return Err(ProgramError::InvalidAccountData);
    }
    Ok(())
}
