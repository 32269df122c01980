//! The reward tree: who was given how much, in 32 bytes.
//!
//! A leaf is `sha256(0x00 || sha256("iog-reward-v1" || distributor || wallet || cumulative))`, an
//! inner node `sha256(0x01 || min || max)` of its children. Leaves stand sorted by wallet, and a
//! node without a sibling is carried up unchanged. The two tags keep a leaf from passing for an
//! inner node; sorting the pair spares the proof its directions.
#![no_std]

/// Bytes of a hash.
pub type Hash = [u8; 32];

/// The most levels of a proof: 2^23 leaves, above which a claim does not fit a transaction.
pub const MAX_DEPTH: usize = 23;

const DOMAIN: &[u8] = b"iog-reward-v1";
const LEAF: &[u8] = &[0];
const INNER: &[u8] = &[1];

/// Leaf of a wallet and the base units ever given to it.
pub fn leaf(distributor: &Hash, wallet: &Hash, cumulative: u64) -> Hash {
    let mut hash = [0; 32];
    sha256(&mut hash, &[DOMAIN, distributor, wallet, &cumulative.to_le_bytes()]);
    let inner = hash;
    sha256(&mut hash, &[LEAF, &inner]);
    hash
}

/// Parent of two nodes, in either order.
pub fn parent(a: &Hash, b: &Hash) -> Hash {
    let mut hash = [0; 32];
    write_parent(&mut hash, a, b);
    hash
}

/// Root that a leaf and the siblings on its way up lead to.
pub fn root(leaf: Hash, proof: &[Hash]) -> Hash {
    // Two buffers take turns: copying the node once a level would cost a tenth of the whole.
    let (mut own, mut other) = (leaf, [0; 32]);
    let (mut node, mut next) = (&mut own, &mut other);
    for sibling in proof {
        write_parent(next, node, sibling);
        core::mem::swap(&mut node, &mut next);
    }
    *node
}

#[inline(always)]
fn write_parent(hash: &mut Hash, a: &Hash, b: &Hash) {
    let (low, high) = if precedes(a, b) { (a, b) } else { (b, a) };
    sha256(hash, &[INNER, low, high]);
}

/// Whether `a` comes before `b` in the order of their bytes, or is the same.
///
/// Hashes nearly always differ in their first eight bytes, which take a load and a swap; what the
/// compiler supplies for slices goes byte by byte.
#[inline(always)]
fn precedes(a: &Hash, b: &Hash) -> bool {
    let (first, second) = (first_word(a), first_word(b));
    if first == second {
        a <= b
    } else {
        first < second
    }
}

#[inline(always)]
fn first_word(hash: &Hash) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// sha256 of the slices one after another.
#[cfg(target_os = "solana")]
fn sha256(hash: &mut Hash, slices: &[&[u8]]) {
    // SAFETY: the syscall reads `slices.len()` pairs of address and length, which is how a slice
    // of slices lies in memory, and writes 32 bytes.
    unsafe {
        solana_define_syscall::definitions::sol_sha256(
            slices.as_ptr().cast(),
            slices.len() as u64,
            hash.as_mut_ptr(),
        );
    }
}

/// sha256 of the slices one after another.
#[cfg(not(target_os = "solana"))]
fn sha256(hash: &mut Hash, slices: &[&[u8]]) {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    slices.iter().for_each(|slice| hasher.update(slice));
    *hash = hasher.finalize().into();
}
