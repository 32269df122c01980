use super::*;
use crate::state::{ACTIVE, IO, ONE, PAUSED};
use bytemuck::Zeroable;

const NEED: u64 = 200 * IO;

fn node(stake: u64, costake: u64) -> Node {
    let mut node = Node::zeroed();
    (node.gpus, node.multiplier, node.state) = (1, ONE, ACTIVE);
    (node.stake, node.costake, node.active_from_hour) = (stake, costake, 3);
    node
}

/// A case of this share against the node, opened in hour 10.
fn open(node: &mut Node, config: &mut Config, bps: u16) -> SlashCase {
    config.total_staked = sum_of(&node.buckets()).unwrap();
    let parts = taken(&node.buckets(), bps).unwrap();
    let mut case = SlashCase::zeroed();
    [case.own, case.costake, case.cooling, case.cooling_costake] = parts;
    (case.cooling_until, case.costake_cooling_until) =
        (node.cooling_until, node.costake_cooling_until);
    node.freeze(&parts, 10).unwrap();
    config.freeze(sum_of(&parts).unwrap()).unwrap();
    case
}

fn assert_whole(node: &Node, config: &Config) {
    assert_eq!(config.total_staked, sum_of(&node.buckets()).unwrap() + config.frozen);
    node.invariant().unwrap();
}

#[test]
fn what_is_taken_is_the_floored_share_and_never_more_than_a_bucket() {
    for (buckets, bps, parts) in [
        ([0, 0, 0, 0], 10_000, [0, 0, 0, 0]),
        ([1, 0, 0, 0], 9_999, [0, 0, 0, 0]),
        ([1, 0, 0, 0], 10_000, [1, 0, 0, 0]),
        ([100, 50, 30, 20], 500, [6, 2, 1, 1]), // 5, 2, 1 and 1 with the rest of 10 from own
        ([0, 50, 30, 20], 500, [0, 3, 1, 1]),
        ([0, 0, 3, 3], 5_000, [0, 0, 2, 1]),
        ([u64::MAX, 0, 0, 0], 2_500, [u64::MAX / 4, 0, 0, 0]),
    ] {
        assert_eq!(taken(&buckets, bps), Some(parts), "{buckets:?} {bps}");
    }
    assert_eq!(taken(&[u64::MAX, 1, 0, 0], 1), None);
}

#[test]
fn a_share_is_within_the_most_of_its_kind() {
    for (kind, most) in [(1, 10_000), (2, 10_000), (3, 10_000), (4, 2_500), (5, 500)] {
        SlashCase::require_kind(kind, 1).unwrap();
        SlashCase::require_kind(kind, most).unwrap();
        assert!(SlashCase::require_kind(kind, most + 1).is_err());
        assert!(SlashCase::require_kind(kind, 0).is_err());
    }
    for kind in [0, 6, u8::MAX] {
        assert!(SlashCase::require_kind(kind, 1).is_err());
    }
}

#[test]
fn each_transition_has_its_state_its_key_and_its_side_of_the_deadline() {
    let [slasher, arbiter, owner, costaker] = [1, 2, 3, 4].map(|byte| Address::from([byte; 32]));
    let config = Config { slasher, arbiter, ..Config::zeroed() };
    let case = |state| SlashCase { state, owner, costaker, deadline: 100, ..SlashCase::zeroed() };
    let accepted = |act: &dyn Fn(&mut SlashCase) -> Result<()>| -> Vec<(u8, u8)> {
        (CASE_OPEN..=CASE_DROPPED)
            .filter_map(|state| {
                let mut changed = case(state);
                act(&mut changed).ok().map(|()| (state, changed.state))
            })
            .collect()
    };
    for by in [owner, costaker] {
        let appealed = [(CASE_OPEN, CASE_APPEALED)];
        assert_eq!(accepted(&|case| case.appeal(&by, 99, 50)), appealed);
    }
    assert_eq!(accepted(&|case| case.appeal(&slasher, 99, 50)), []);
    assert_eq!(accepted(&|case| case.appeal(&owner, 100, 50)), []);
    let upheld = [(CASE_APPEALED, CASE_UPHELD)];
    assert_eq!(accepted(&|case| case.uphold(&arbiter, &config, 99)), upheld);
    assert_eq!(accepted(&|case| case.uphold(&arbiter, &config, 100)), []);
    assert_eq!(accepted(&|case| case.uphold(&slasher, &config, 99)), []);
    let withdrawn = [(CASE_OPEN, CASE_DROPPED)];
    assert_eq!(accepted(&|case| case.drop_by(&slasher, &config, 99)), withdrawn);
    let decided = [(CASE_APPEALED, CASE_DROPPED)];
    assert_eq!(accepted(&|case| case.drop_by(&arbiter, &config, 99)), decided);
    for by in [slasher, arbiter, owner] {
        assert_eq!(accepted(&|case| case.drop_by(&by, &config, 100)), []);
    }
    let lapsed = [(CASE_OPEN, CASE_UPHELD), (CASE_APPEALED, CASE_DROPPED)];
    assert_eq!(accepted(&|case| case.lapse(100)), lapsed);
    assert_eq!(accepted(&|case| case.lapse(99)), []);
    let mut appealed = case(CASE_OPEN);
    appealed.appeal(&owner, 99, 50).unwrap();
    assert_eq!(appealed.deadline, 149);
}

#[test]
fn frozen_stake_counts_for_nothing_and_comes_back_active() {
    let (mut node, mut config) = (node(NEED / 2, NEED / 2), Config::zeroed());
    (node.offer_amount, node.offer_share_bps) = (1, 1);
    let case = open(&mut node, &mut config, 1);
    assert_eq!((node.state, node.active_from_hour), (REGISTERED, 0));
    assert_eq!((node.prev_stake, node.stake_from_hour), (NEED / 2, 11));
    assert_eq!((node.offer_amount, node.offer_share_bps, node.case_open), (0, 0, 1));
    assert_whole(&node, &config);
    case.give_back(&mut node, &mut config, 12).unwrap();
    assert_eq!((node.stake, node.costake), (NEED / 2, NEED / 2));
    assert_eq!((node.state, node.active_from_hour, node.case_open), (ACTIVE, 13, 0));
    assert_eq!((config.frozen, node.stake_from_hour), (0, 13));
    assert_whole(&node, &config);
}

#[test]
fn what_is_above_the_requirement_may_be_taken_from_an_active_node() {
    let (mut node, mut config) = (node(2 * NEED, 0), Config::zeroed());
    let case = open(&mut node, &mut config, 5_000);
    assert_eq!((node.state, node.active_from_hour, node.stake), (ACTIVE, 3, NEED));
    assert_eq!(case.burn(&mut node, &mut config).unwrap(), NEED);
    assert_eq!((config.total_staked, config.frozen, node.case_open), (NEED, 0, 0));
    assert_whole(&node, &config);
}

#[test]
fn a_paused_node_is_paused_again() {
    let (mut node, mut config) = (node(NEED, 0), Config::zeroed());
    (node.state, node.active_from_hour) = (PAUSED, 0);
    let mut case = open(&mut node, &mut config, 10_000);
    case.was_paused = 1;
    assert_eq!(node.state, REGISTERED);
    case.give_back(&mut node, &mut config, 12).unwrap();
    assert_eq!((node.state, node.stake, node.active_from_hour), (PAUSED, NEED, 0));
    assert_whole(&node, &config);
}

#[test]
fn who_left_before_the_decision_has_left_with_what_comes_back() {
    let (mut node, mut config) = (node(NEED, 0), Config::zeroed());
    node.costake = NEED / 2;
    let case = open(&mut node, &mut config, 10_000);
    (node.cooling_until, node.costake_cooling_until) = (500, 400);
    case.give_back(&mut node, &mut config, 12).unwrap();
    assert_eq!(node.buckets(), [0, 0, NEED, NEED / 2]);
    assert_eq!((node.state, node.cooling_until), (REGISTERED, 500));
    assert_whole(&node, &config);
}

#[test]
fn anyone_ends_a_co_stake_that_is_burned_whole() {
    let (mut node, mut config) = (node(NEED, NEED / 2), Config::zeroed());
    node.costake_share_bps = 2_000;
    let case = open(&mut node, &mut config, 10_000);
    assert!(node.require_costake_due(0).is_err());
    assert_eq!(case.burn(&mut node, &mut config).unwrap(), NEED + NEED / 2);
    node.require_costake_due(0).unwrap();
    assert_eq!(config.total_staked, 0);
    assert_whole(&node, &config);
}
