//! Reads the instruction of the Ed25519 precompile that stands right before the current one.
//!
//! Only one layout is accepted, so that nothing is left to interpret. With n signers (1 or 2) and
//! H = 2 + 14 n: the count, a zero, n offset records of seven u16, then n times key and signature
//! from H on, then the message, once, to the end. Every record's three instruction indexes are
//! 0xFFFF: "in this very instruction". An index that named another instruction would let the
//! precompile check bytes that are not the ones compared here.

use core::ops::Deref;

use pinocchio::{address::address_eq, sysvars::instructions::Instructions, Address};

/// Ed25519SigVerify111111111111111111111111111.
pub const ED25519_PROGRAM: Address = Address::new_from_array([
    0x03, 0x7d, 0x46, 0xd6, 0x7c, 0x93, 0xfb, 0xbe, 0x12, 0xf9, 0x42, 0x8f, 0x83, 0x8d, 0x40, 0xff,
    0x05, 0x70, 0x74, 0x49, 0x27, 0xf4, 0x8a, 0x64, 0xfc, 0xca, 0x70, 0x44, 0x80, 0x00, 0x00, 0x00,
]);

const MOST_SIGNERS: usize = 2;
const RECORD: usize = 14;
const KEY: usize = 32;
const KEY_AND_SIGNATURE: usize = KEY + 64;
const THIS_INSTRUCTION: u16 = 0xffff;

/// Why the instruction before proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No instruction of the precompile stands right before.
    Missing,
    /// Its data are not in the one accepted layout.
    Layout,
    /// It checked other bytes.
    Message,
}

/// The keys that signed, in the order of the instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signers<'a> {
    pub first: &'a [u8; KEY],
    pub second: Option<&'a [u8; KEY]>,
}

/// The keys whose signatures over `message` the instruction right before has checked.
pub fn signed_before<'a, T: Deref<Target = [u8]>>(
    instructions: &'a Instructions<T>,
    message: &[u8],
) -> Result<Signers<'a>, Refusal> {
    let index = instructions.load_current_index();
    let before = index.checked_sub(1).ok_or(Refusal::Missing)?;
    // SAFETY: the index before the current instruction's is in bounds.
    let before = unsafe { instructions.deserialize_instruction_unchecked(before as usize) };
    // SAFETY: program id and data lie in the sysvar's data, which the borrow `'a` keeps alive;
    // only the view that points to them is dropped here.
    let (program, data) = unsafe {
        let program: *const Address = before.get_program_id();
        let data: *const [u8] = before.get_instruction_data();
        (&*program, &*data)
    };
    if !address_eq(program, &ED25519_PROGRAM) {
        return Err(Refusal::Missing);
    }
    signers(data, message)
}

/// The keys of a precompile instruction with these data, if it checks exactly `message`.
pub fn signers<'a>(data: &'a [u8], message: &[u8]) -> Result<Signers<'a>, Refusal> {
    let count = *data.first().ok_or(Refusal::Layout)? as usize;
    if count == 0 || count > MOST_SIGNERS || data.get(1) != Some(&0) {
        return Err(Refusal::Layout);
    }
    let keys = 2 + RECORD * count;
    let signed = keys + KEY_AND_SIGNATURE * count;
    // A message of another length is another message; the records are checked against ours.
    if data.len() != signed + message.len() {
        return Err(if data.len() < signed { Refusal::Layout } else { Refusal::Message });
    }
    for signer in 0..count {
        let key = keys + KEY_AND_SIGNATURE * signer;
        let record = &data[2 + RECORD * signer..][..RECORD];
        let expected =
            [key + KEY, HERE, key, HERE, signed, message.len(), HERE].map(|field| field as u16);
        for (field, value) in expected.iter().enumerate() {
            if record[2 * field..][..2] != value.to_le_bytes() {
                return Err(Refusal::Layout);
            }
        }
    }
    if !same(&data[signed..], message) {
        return Err(Refusal::Message);
    }
    let key = |signer: usize| key_at(data, keys + KEY_AND_SIGNATURE * signer);
    Ok(Signers { first: key(0)?, second: if count == 2 { Some(key(1)?) } else { None } })
}

const HERE: usize = THIS_INSTRUCTION as usize;

fn key_at(data: &[u8], at: usize) -> Result<&[u8; KEY], Refusal> {
    data.get(at..at + KEY).and_then(|key| key.try_into().ok()).ok_or(Refusal::Layout)
}

#[cfg(not(target_os = "solana"))]
fn same(left: &[u8], right: &[u8]) -> bool {
    left == right
}

/// The comparison of the runtime: the compiler's own goes byte by byte.
#[cfg(target_os = "solana")]
fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut order = 0i32;
    // SAFETY: both slices have this length, and the result is a local.
    unsafe {
        solana_define_syscall::definitions::sol_memcmp_(
            left.as_ptr(),
            right.as_ptr(),
            left.len() as u64,
            &mut order,
        );
    }
    order == 0
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::{vec, vec::Vec};

    const MESSAGE: &[u8] = b"what is signed";

    fn instruction(keys: &[[u8; 32]], message: &[u8]) -> Vec<u8> {
        let start = 2 + RECORD * keys.len();
        let mut data = vec![keys.len() as u8, 0];
        for signer in 0..keys.len() {
            let key = start + KEY_AND_SIGNATURE * signer;
            let end = start + KEY_AND_SIGNATURE * keys.len();
            for field in [key + 32, HERE, key, HERE, end, message.len(), HERE] {
                data.extend((field as u16).to_le_bytes());
            }
        }
        for key in keys {
            data.extend(key);
            data.extend([9; 64]);
        }
        data.extend(message);
        data
    }

    #[test]
    fn one_and_two_keys_are_read_in_order() {
        let data = instruction(&[[1; 32]], MESSAGE);
        assert_eq!(signers(&data, MESSAGE), Ok(Signers { first: &[1; 32], second: None }));
        let data = instruction(&[[1; 32], [2; 32]], MESSAGE);
        assert_eq!(
            signers(&data, MESSAGE),
            Ok(Signers { first: &[1; 32], second: Some(&[2; 32]) })
        );
    }

    #[test]
    fn another_message_is_refused() {
        let data = instruction(&[[1; 32]], MESSAGE);
        assert_eq!(signers(&data, b"what is Signed"), Err(Refusal::Message));
        assert_eq!(signers(&data, b"what is signe"), Err(Refusal::Message));
    }

    #[test]
    fn a_change_of_any_header_byte_is_refused() {
        for keys in [vec![[1; 32]], vec![[1; 32], [2; 32]]] {
            let data = instruction(&keys, MESSAGE);
            for at in 0..2 + RECORD * keys.len() {
                for change in 1..=255u8 {
                    let mut changed = data.clone();
                    changed[at] ^= change;
                    assert!(signers(&changed, MESSAGE).is_err(), "byte {at} by {change}");
                }
            }
        }
    }

    #[test]
    fn data_cut_short_or_continued_are_refused() {
        let data = instruction(&[[1; 32], [2; 32]], MESSAGE);
        for length in 0..data.len() {
            assert!(signers(&data[..length], MESSAGE).is_err(), "{length} bytes");
        }
        let mut longer = data;
        longer.push(0);
        assert_eq!(signers(&longer, MESSAGE), Err(Refusal::Message));
    }

    #[test]
    fn no_keys_and_three_keys_are_refused() {
        for count in [0, 3] {
            let data = instruction(&vec![[1; 32]; count], MESSAGE);
            assert_eq!(signers(&data, MESSAGE), Err(Refusal::Layout));
        }
    }
}
