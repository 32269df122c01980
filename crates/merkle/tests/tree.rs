//! Leaves and proofs against golden trees.

use iog_merkle::{leaf, parent, root, Hash};
use serde::Deserialize;

#[derive(Deserialize)]
struct Tree {
    distributor: String,
    root: String,
    leaves: Vec<Leaf>,
}

#[derive(Deserialize)]
struct Leaf {
    wallet: String,
    cumulative: u64,
    leaf: String,
    proof: Vec<String>,
}

fn hash(text: &str) -> Hash {
    hex::decode(text).unwrap().try_into().unwrap()
}

fn trees() -> Vec<Tree> {
    serde_json::from_str(include_str!("../../../tests/vectors/tree.json")).unwrap()
}

#[test]
fn every_golden_proof_leads_from_its_leaf_to_the_root() {
    for tree in trees() {
        for entry in &tree.leaves {
            let node = leaf(&hash(&tree.distributor), &hash(&entry.wallet), entry.cumulative);
            assert_eq!(node, hash(&entry.leaf));
            let proof: Vec<Hash> = entry.proof.iter().map(|sibling| hash(sibling)).collect();
            assert_eq!(root(node, &proof), hash(&tree.root));
        }
    }
}

#[test]
fn a_changed_amount_wallet_or_distributor_leads_elsewhere() {
    let tree = trees().pop().unwrap();
    let entry = &tree.leaves[0];
    let proof: Vec<Hash> = entry.proof.iter().map(|sibling| hash(sibling)).collect();
    let (distributor, wallet) = (hash(&tree.distributor), hash(&entry.wallet));
    for changed in [
        leaf(&distributor, &wallet, entry.cumulative ^ 1),
        leaf(&distributor, &hash(&tree.leaves[1].wallet), entry.cumulative),
        leaf(&wallet, &distributor, entry.cumulative),
    ] {
        assert_ne!(root(changed, &proof), hash(&tree.root));
    }
}

#[test]
fn a_parent_does_not_depend_on_the_side_of_its_children() {
    let (a, b) = ([1; 32], [2; 32]);
    assert_eq!(parent(&a, &b), parent(&b, &a));
    assert_ne!(parent(&a, &a), parent(&a, &b));
}

#[test]
fn children_stand_in_the_order_of_their_bytes_wherever_these_first_differ() {
    use sha2::{Digest, Sha256};
    for first in 0..32 {
        let (mut low, mut high) = ([200; 32], [200; 32]);
        (low[first], high[first]) = (127, 128);
        // What follows the first difference does not count.
        low[first + 1..].fill(255);
        let hash = Sha256::new().chain_update([1]).chain_update(low).chain_update(high);
        let expected: Hash = hash.finalize().into();
        assert_eq!((parent(&low, &high), parent(&high, &low)), (expected, expected));
    }
}

#[test]
fn without_a_proof_the_leaf_is_the_root() {
    assert_eq!(root([7; 32], &[]), [7; 32]);
}
