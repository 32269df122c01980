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
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    sha256(&mut hash, &[INNER, low, high]);
    hash
}

/// Root that a leaf and the siblings on its way up lead to.
pub fn root(leaf: Hash, proof: &[Hash]) -> Hash {
    proof.iter().fold(leaf, |node, sibling| parent(&node, sibling))
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
