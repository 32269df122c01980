//! What a program needs below Anchor: entrypoint, allocator and trap.
//!
//! Anchor's own entrypoint expects the address of the instruction data in a second register
//! (SIMD-0321), which older runtimes do not pass. This one walks the serialized accounts to it.
#![no_std]

use pinocchio::account::{AccountView, NOT_BORROWED};

/// Emits the on-chain entrypoint; a program calls it once, in the module where `#[program]` stands.
#[macro_export]
macro_rules! entrypoint {
    () => {
        #[cfg(target_os = "solana")]
        mod runtime {
            anchor_lang::pinocchio::default_allocator!();

            /// Walks the serialized accounts to the instruction data, then runs Anchor's dispatch.
            ///
            /// # Safety
            /// `input` is the runtime's serialization of an instruction: a count, the accounts
            /// (each header, data, growth space, padding to 8 bytes, rent epoch; or 8 bytes for a
            /// duplicate), the length of the instruction data, the data and the program's id.
            #[no_mangle]
            pub unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
                const HEADER: usize = 8 + 32 + 32 + 8 + 8; // flags, key, owner, lamports, data length
                const GROWTH: usize = 10 * 1024;
                const UNIQUE: u8 = 0xff;
                let mut cursor = input.add(8);
                for _ in 0..*(input as *const u64) {
                    if *cursor == UNIQUE {
                        let length = *(cursor.add(HEADER - 8) as *const u64) as usize;
                        cursor = cursor.add(HEADER + length + GROWTH);
                        cursor = cursor.add((cursor as usize).wrapping_neg() & 7);
                    }
                    cursor = cursor.add(8);
                }
                super::__anchor_dispatch(input, cursor.add(8))
            }

            /// LLVM's trap: the `abort` syscall, called by the hash of its name.
            #[cfg(target_arch = "bpf")]
            #[no_mangle]
            pub extern "C" fn __bpf_trap() -> ! {
                // SAFETY: the runtime resolves this number to `abort`, which never returns.
                let abort: extern "C" fn() -> ! =
                    unsafe { core::mem::transmute(0xb6fc_1a11_usize) };
                abort()
            }
        }
    };
}

/// Runs a CPI that names `account`, whose data a typed `mut` account holds borrowed.
///
/// The token program only reads an authority, but the checked builders refuse one that is
/// borrowed. The closure must not touch the typed account; as it is borrowed here through
/// `&AccountView`, a handler cannot hand both in.
pub fn lend<T>(account: &AccountView, cpi: impl FnOnce() -> T) -> T {
    let mut view = *account;
    let header = view.account_mut_ptr();
    // SAFETY: the header lives as long as the instruction, which runs on one thread. Its borrow
    // state is put back before anyone else can look.
    unsafe {
        let held = (*header).borrow_state;
        (*header).borrow_state = NOT_BORROWED;
        let result = cpi();
        (*header).borrow_state = held;
        result
    }
}
