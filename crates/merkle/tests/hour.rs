//! Two published hours, as `iog_client` writes them: bytes, hashes, leaves and roots.

use std::collections::BTreeMap;

use iog_merkle::{leaf, parent, Hash};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Vector {
    hours: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    bytes: String,
    data_hash: String,
    root: String,
    total: u64,
}

/// What of a published hour is hashed or given.
#[derive(Deserialize)]
struct Hour {
    distributor: String,
    leaves: Vec<(String, u64)>,
    nodes: Vec<Node>,
    previous_root: Option<String>,
    previous_data_hash: Option<String>,
    previous_leaves_hash: Option<String>,
    root: String,
    total: u64,
}

#[derive(Deserialize)]
struct Node {
    payee: String,
    costaker: Option<String>,
    granted: u64,
}

fn expected() -> Vec<Expected> {
    let text = include_str!("../../../tests/vectors/hour.json");
    serde_json::from_str::<Vector>(text).unwrap().hours
}

fn hours() -> Vec<Hour> {
    expected().iter().map(|one| serde_json::from_str(&one.bytes).unwrap()).collect()
}

fn sha256_hex(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

fn key(base58: &str) -> Hash {
    const DIGITS: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes = [0; 32];
    for letter in base58.bytes() {
        let mut carry = DIGITS.iter().position(|digit| *digit == letter).unwrap();
        for byte in bytes.iter_mut().rev() {
            carry += 58 * usize::from(*byte);
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        assert_eq!(carry, 0, "{base58} has more than 32 bytes");
    }
    bytes
}

/// Root of the tree over leaves that stand sorted by wallet.
fn root(hour: &Hour) -> Hash {
    let distributor = key(&hour.distributor);
    let leaves = hour.leaves.iter();
    let mut level: Vec<Hash> =
        leaves.map(|(wallet, cumulative)| leaf(&distributor, &key(wallet), *cumulative)).collect();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| pair.get(1).map_or(pair[0], |right| parent(&pair[0], right)))
            .collect();
    }
    level[0]
}

#[test]
fn the_bytes_of_an_hour_are_canonical_and_their_hash_is_its_data_hash() {
    for one in expected() {
        // A map sorts its keys and is written without spaces, which is the canonical form.
        let parsed: Value = serde_json::from_str(&one.bytes).unwrap();
        assert_eq!(parsed.to_string(), one.bytes);
        assert_eq!(sha256_hex(&one.bytes), one.data_hash);
    }
}

#[test]
fn the_leaves_of_an_hour_lead_to_its_root() {
    for (hour, one) in hours().iter().zip(expected()) {
        let wallets: Vec<Hash> = hour.leaves.iter().map(|(wallet, _)| key(wallet)).collect();
        assert!(wallets.windows(2).all(|pair| pair[0] < pair[1]), "sorted by wallet, each once");
        assert_eq!(hex::encode(root(hour)), one.root);
        assert_eq!(hour.root, one.root);
        assert_eq!(hour.total, one.total);
        assert_eq!(hour.leaves.iter().map(|(_, cumulative)| cumulative).sum::<u64>(), one.total);
    }
}

#[test]
fn the_leaves_of_an_hour_are_those_before_and_what_its_nodes_were_granted() {
    let mut earned = BTreeMap::new();
    for hour in hours() {
        for node in &hour.nodes {
            assert!(node.costaker.is_none(), "these hours have no costaker");
            if node.granted > 0 {
                *earned.entry(key(&node.payee)).or_insert(0) += node.granted;
            }
        }
        let leaves = hour.leaves.iter().map(|(wallet, cumulative)| (key(wallet), *cumulative));
        assert_eq!(leaves.collect::<BTreeMap<_, _>>(), earned);
    }
}

#[test]
fn an_hour_names_root_data_and_leaves_of_the_one_before() {
    let (hours, expected) = (hours(), expected());
    let (first, second) = (&hours[0], &hours[1]);
    assert!(first.previous_root.is_none() && first.previous_data_hash.is_none());
    assert!(first.previous_leaves_hash.is_none());
    assert_eq!(second.previous_root.as_ref(), Some(&expected[0].root));
    assert_eq!(second.previous_data_hash.as_ref(), Some(&expected[0].data_hash));
    let leaves = sha256_hex(&serde_json::to_string(&first.leaves).unwrap());
    assert_eq!(second.previous_leaves_hash.as_ref(), Some(&leaves));
}

#[test]
fn a_changed_amount_or_distributor_leads_to_another_root() {
    let mut hour = hours().remove(0);
    let right = root(&hour);
    hour.leaves[0].1 += 1;
    assert_ne!(root(&hour), right);
    hour.leaves[0].1 -= 1;
    hour.distributor = hour.leaves[0].0.clone();
    assert_ne!(root(&hour), right);
}
