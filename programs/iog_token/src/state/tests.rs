use super::*;
use bytemuck::Zeroable;

fn bucket(amount: u64, launch_bps: u16, cliff_months: u16, linear_months: u16) -> Bucket {
    Bucket { amount, launch_bps, cliff_months, linear_months, ..Bucket::zeroed() }
}

fn config(pool_bps: u16) -> Config {
    Config {
        pool_bps,
        hour_length: 3_600,
        sealed: 1,
        allocated: GENESIS_SUPPLY,
        ..Config::zeroed()
    }
}

#[test]
fn due_grows_by_whole_months_from_the_cliff_on() {
    let bucket = bucket(1_000_003, 500, 6, 24);
    for (months, due) in [
        (None, 50_000),
        (Some(0), 50_000),
        (Some(6), 50_000),
        (Some(7), 50_000 + 950_003 / 24),
        (Some(29), 50_000 + 950_003 * 23 / 24),
        (Some(30), 1_000_003),
        (Some(u32::MAX), 1_000_003),
    ] {
        assert_eq!(bucket.due(months).unwrap(), due, "{months:?}");
    }
}

#[test]
fn due_reaches_the_amount_at_the_limits_of_every_field() {
    let most = u16::MAX as u32 * 2;
    for amount in [0, 1, GENESIS_SUPPLY, u64::MAX] {
        for bps in [0, 1, WHOLE_BPS] {
            let bucket = bucket(amount, bps, u16::MAX, u16::MAX);
            assert_eq!(bucket.due(Some(most)).unwrap(), amount);
            assert!(bucket.due(Some(most - 1)).unwrap() <= amount);
        }
    }
    assert!(bucket(1, WHOLE_BPS + 1, 0, 0).due(None).is_ok_and(|due| due == 1));
    assert!(bucket(10_000, WHOLE_BPS + 1, 0, 0).due(None).is_err());
}

#[test]
fn claims_pay_the_difference_and_never_nothing() {
    let mut bucket = bucket(100, 0, 0, 4);
    assert!(bucket.claim(Some(0)).is_err());
    assert_eq!(bucket.claim(Some(1)).unwrap(), 25);
    assert!(bucket.claim(Some(1)).is_err());
    assert_eq!(bucket.claim(Some(4)).unwrap(), 75);
    assert_eq!(bucket.claimed, 100);
}

#[test]
fn advancing_splits_the_emission_whole() {
    for bps in [0, 1, 1_000, 3_333, WHOLE_BPS] {
        let mut config = config(bps);
        let (mut rewards, mut pool) = (0, 0);
        for hour in [1, 2, 729, 730, 731, 100_000, 175_199, 175_200] {
            let added = config.advance(hour).unwrap().unwrap();
            rewards += added.to_rewards;
            pool += added.to_pool;
            config.invariant().unwrap();
            assert_eq!((config.to_rewards, config.to_pool), (rewards, pool));
        }
        assert_eq!(rewards + pool, emission::TOTAL);
        let share = mul_div(emission::TOTAL, bps as u64, WHOLE_BPS as u64);
        assert_eq!(Some(pool), share);
    }
}

#[test]
fn advancing_to_an_hour_already_minted_changes_nothing() {
    let mut config = config(1_000);
    config.advance(5).unwrap();
    let before = bytemuck::bytes_of(&config).to_vec();
    for hour in [0, 4, 5] {
        assert_eq!(config.advance(hour).unwrap(), None);
    }
    assert_eq!(bytemuck::bytes_of(&config), before);
}

#[test]
fn a_new_share_counts_from_its_hour_whenever_cranks_come() {
    let late = mul_div(emission::cumulative(12) - emission::cumulative(5), 2_500, WHOLE_BPS as u64);
    let early = mul_div(emission::cumulative(5), 1_000, WHOLE_BPS as u64);
    for cranks in [&[12][..], &[5, 12], &[4, 6, 12], &[1, 2, 3, 11, 12]] {
        let mut config = Config { next_split_hour: 5, next_pool_bps: 2_500, ..config(1_000) };
        for hour in cranks {
            config.advance(*hour).unwrap();
            config.invariant().unwrap();
        }
        assert_eq!(Some(config.to_pool), early.zip(late).map(|(a, b)| a + b));
        assert_eq!((config.split_from_hour, config.next_split_hour), (5, 0));
    }
}

#[test]
fn buckets_are_counted_and_sums_beyond_64_bits_refused() {
    let mut config = Config { allocated: 10, ..config(0) };
    config.reallocate(4, 7).unwrap();
    assert_eq!(config.allocated, 13);
    assert!(config.reallocate(0, u64::MAX).is_err());
    assert!(config.reallocate(14, 0).is_err());
    assert_eq!(config.allocated, 13);
}

const START: i64 = 1_000_000;

/// Seconds at which hour `hour` begins.
fn begin(hour: u32) -> i64 {
    START + (hour as i64 - 1) * 3_600
}

#[test]
fn a_share_is_announced_for_hours_that_have_not_begun() {
    let fresh = || Config { start: START, ..config(1_000) };
    for (from_hour, now, accepted) in [
        (0, START - 1, false),
        (1, START - 1, true),
        (1, begin(2) - 1, true),
        (1, begin(2), false),
        (9, begin(10) - 1, true),
        (9, begin(10), false),
        (HOURS - 1, START, true),
        (HOURS, START, false),
        (u32::MAX, START, false),
    ] {
        let mut config = fresh();
        assert_eq!(config.announce(500, from_hour, now).is_ok(), accepted, "{from_hour} {now}");
        assert_eq!(config.next_split_hour, if accepted { from_hour } else { 0 });
        config.invariant().unwrap();
    }
    assert!(fresh().announce(WHOLE_BPS, 5, START).is_ok());
    assert!(fresh().announce(WHOLE_BPS + 1, 5, START).is_err());
}

#[test]
fn an_announced_share_is_replaced_or_withdrawn_until_it_is_due() {
    let mut config = Config { start: START, ..config(1_000) };
    assert!(config.withdraw(START).is_err());
    config.announce(500, 5, START).unwrap();
    config.announce(700, 4, begin(5) - 1).unwrap();
    assert!(config.announce(500, 6, begin(5)).is_err());
    assert!(config.withdraw(begin(5)).is_err());
    assert_eq!(config.withdraw(begin(5) - 1).unwrap(), (700, 4));
    config.invariant().unwrap();
    assert_eq!((config.next_split_hour, config.next_pool_bps), (0, 0));
}

#[test]
fn a_due_share_taken_over_makes_room_for_the_next() {
    let mut config = Config { start: START, ..config(1_000) };
    config.announce(500, 4, START).unwrap();
    config.advance(6).unwrap();
    config.announce(700, 7, begin(7)).unwrap();
    config.invariant().unwrap();
    assert_eq!((config.split_from_hour, config.pool_bps, config.next_split_hour), (4, 500, 7));
}

#[test]
fn a_share_announced_for_an_hour_already_minted_is_refused() {
    let mut config = config(1_000);
    config.advance(9).unwrap();
    for broken in [
        Config { next_split_hour: 9, ..copy_of(&config) },
        Config { next_pool_bps: 1, ..copy_of(&config) },
        Config { split_from_hour: 10, ..copy_of(&config) },
    ] {
        assert!(broken.invariant().is_err());
    }
}

fn copy_of(config: &Config) -> Config {
    bytemuck::pod_read_unaligned(bytemuck::bytes_of(config))
}
