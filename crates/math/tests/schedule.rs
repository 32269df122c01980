//! The emission schedule against the golden hours, and hours and durations at their edges.

use iog_math::{emission, hour_now, hours_ended, scaled, HOURS};

#[derive(serde::Deserialize)]
struct Vector {
    hour: u32,
    emitted: u64,
}

#[test]
fn golden_hours_are_emitted_exactly() {
    let text = include_str!("../../../tests/vectors/schedule.json");
    let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
    assert!(vectors.len() > 20);
    for vector in vectors {
        assert_eq!(emission::cumulative(vector.hour), vector.emitted, "hour {}", vector.hour);
    }
}

#[test]
fn published_totals() {
    assert_eq!(emission::cumulative(1), 456_621_004_566);
    assert_eq!(emission::cumulative(730), 333_333_333_333_333);
    assert_eq!(emission::cumulative(8_760), 3_784_063_687_188_901);
    assert_eq!(emission::cumulative(HOURS), 30_000_000_000_000_000);
    assert_eq!(emission::cumulative(u32::MAX), emission::TOTAL);
}

#[test]
fn every_hour_of_the_schedule_emits_something() {
    for hour in 1..=HOURS {
        assert!(emission::cumulative(hour) > emission::cumulative(hour - 1), "hour {hour}");
    }
}

#[test]
fn hours_end_at_their_last_second() {
    let start = 1_750_000_000;
    assert_eq!(hours_ended(start, 3_600, start + 3_599), 0);
    assert_eq!(hours_ended(start, 3_600, start + 3_600), 1);
    assert_eq!(hours_ended(start, 1, start + HOURS as i64 - 1), HOURS - 1);
    assert_eq!(hours_ended(start, 1, start + HOURS as i64), HOURS);
    assert_eq!(hours_ended(start, 1, i64::MAX), HOURS);
    assert_eq!(hours_ended(1, u32::MAX, i64::MAX), HOURS);
}

#[test]
fn the_running_hour_counts_from_one() {
    let start = 1_750_000_000;
    assert_eq!(hour_now(start, 3_600, start - 1), 0);
    assert_eq!(hour_now(start, 3_600, start), 1);
    assert_eq!(hour_now(start, 3_600, start + 3_600), 2);
    assert_eq!(hour_now(start, 1, start + 2 * HOURS as i64), 2 * HOURS + 1);
    assert_eq!(hour_now(1, 1, i64::MAX), u32::MAX);
}

#[test]
fn without_a_start_or_a_length_there_is_no_hour() {
    for (start, length) in [(0, 3_600), (-1, 3_600), (i64::MIN, 1), (1, 0)] {
        assert_eq!(hours_ended(start, length, i64::MAX), 0);
        assert_eq!(hour_now(start, length, i64::MAX), 0);
    }
}

#[test]
fn durations_follow_the_length_of_an_hour_and_never_vanish() {
    assert_eq!(scaled(600, 3_600), 600);
    assert_eq!(scaled(600, 12), 2);
    assert_eq!(scaled(600, 11), 1);
    assert_eq!(scaled(0, 3_600), 1);
    assert_eq!(scaled(u32::MAX, 0), 1);
    let most = u32::MAX as u128 * u32::MAX as u128 / 3_600;
    assert_eq!(scaled(u32::MAX, u32::MAX) as u128, most);
}
