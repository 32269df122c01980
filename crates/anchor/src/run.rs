//! One instruction, from its accounts to the number that the runtime is given.

use anchor_lang::{
    AccountCursor, AccountView, Address, Context, Error, ErrorCode, MutMask, Result, TryAccounts,
};

/// What an instruction is refused with, as the runtime takes it.
pub struct Refusal(u64);

impl From<Refusal> for u64 {
    fn from(refusal: Refusal) -> Self {
        refusal.0
    }
}

/// Walks and checks the accounts of an instruction, then runs it.
#[inline(always)]
pub fn run_handler<'a, T: TryAccounts, R>(
    program_id: &'a Address,
    cursor: &'a mut AccountCursor,
    data: &'a [u8],
    count: usize,
    handler: impl FnOnce(&mut Context<'a, T>, T::IxArgs<'a>) -> Result<R>,
) -> core::result::Result<R, Refusal> {
    let run = move || {
        if count < T::HEADER_SIZE {
            return Err(ErrorCode::AccountNotEnoughKeys.into());
        }
        let first = walk(cursor, T::HEADER_SIZE, &T::MUT_MASK);
        if first.is_null() {
            return Err(ErrorCode::ConstraintDuplicateMutableAccount.into());
        }
        // SAFETY: `walk` has written this many views there. The length is said here, where it is
        // a constant, so that no access to one of them is checked.
        let views = unsafe { core::slice::from_raw_parts(first, T::HEADER_SIZE) };
        let (accounts, bumps, args) =
            T::validate_accounts(program_id, views, cursor.duplicates(), 0, data)?;
        let rest = (count - T::HEADER_SIZE) as u8; // an instruction names at most 255
        let mask = match T::HAS_DYNAMIC_MUT_MASK {
            true => MutMask::Dynamic(accounts.active_mut_mask()),
            false => MutMask::Static(&T::MUT_MASK),
        };
        let mut context = Context::new(program_id, accounts, bumps, cursor, rest, mask);
        let result = handler(&mut context, args)?;
        context.accounts.exit_accounts(data)?;
        Ok(result)
    };
    run().map_err(|error| Refusal(number(error)))
}

/// The first of so many accounts, which are there; null when one of those that may change is named
/// twice.
#[inline(never)]
fn walk(cursor: &mut AccountCursor, count: usize, mutable: &[u64; 4]) -> *const AccountView {
    // SAFETY: the instruction has that many accounts, and no account has been read yet.
    let (views, duplicates) = unsafe { cursor.walk_n(count) };
    match duplicates {
        Some(duplicates) if duplicates.intersects(mutable) => core::ptr::null(),
        _ => views.as_ptr(),
    }
}

/// A match of twenty-six arms, most of them with a constant of 64 bits: some 800 bytes.
#[cold]
#[inline(never)]
fn number(error: Error) -> u64 {
    error.into()
}
