//! Hours of emission and durations scaled to them.

/// Seconds of an hour on a network that runs at its natural pace.
pub const SECONDS_PER_HOUR: u32 = 3_600;

/// Hours of emission: 240 months of 730.
pub const HOURS: u32 = 175_200;

/// A duration that follows the length of an hour: `max(1, floor(seconds * hour_length / 3600))`.
pub const fn scaled(seconds: u32, hour_length: u32) -> i64 {
    // Two 32-bit factors make at most 64 bits, and the quotient is below 2^53.
    let length = (seconds as u64).wrapping_mul(hour_length as u64) / SECONDS_PER_HOUR as u64;
    if length == 0 {
        1
    } else {
        length as i64
    }
}

/// Emission hours that have ended by `now`, at most [`HOURS`]. `start` 0 means not started.
pub const fn hours_ended(start: i64, hour_length: u32, now: i64) -> u32 {
    match elapsed(start, hour_length, now) {
        Some(hours) if hours < HOURS as u64 => hours as u32,
        Some(_) => HOURS,
        None => 0,
    }
}

/// Number of the hour now running, counted from 1; 0 before the start.
pub const fn hour_now(start: i64, hour_length: u32, now: i64) -> u32 {
    match elapsed(start, hour_length, now) {
        Some(hours) if hours < u32::MAX as u64 => hours as u32 + 1,
        Some(_) => u32::MAX,
        None => 0,
    }
}

/// Whole hours since the start; None when it lies ahead, is not set, or the length is zero.
const fn elapsed(start: i64, hour_length: u32, now: i64) -> Option<u64> {
    if start <= 0 || now < start || hour_length == 0 {
        return None;
    }
    // 0 < start <= now, so the difference is neither negative nor too large.
    Some((now - start) as u64 / hour_length as u64)
}
