//! The emission schedule: 300,000,000 IO over 240 months of 730 hours.
//!
//! Month m emits `floor(first * r^(m-1))` base units, r = 0.98984895296235 and first = 8% of
//! 500,000,000 IO a year, by exact rational arithmetic; the last month emits what is left.
//! `scripts/emission_table.py` derives the table and checks it.

use crate::emission_table::CUMULATIVE;
use crate::time::HOURS;

/// Hours in a month.
pub const HOURS_PER_MONTH: u32 = 730;

/// Base units emitted over the whole schedule.
pub const TOTAL: u64 = 300_000_000 * 100_000_000;

/// Base units emitted when `hour` hours have ended; constant from the last hour on.
///
/// Hour k of a month brings the month's total to `floor(amount * k / 730)`.
pub const fn cumulative(hour: u32) -> u64 {
    if hour >= HOURS {
        return TOTAL;
    }
    // hour < 240 * 730, so month is at most 239.
    let month = (hour / HOURS_PER_MONTH) as usize;
    let ended = if month == 0 { 0 } else { CUMULATIVE[month - 1] };
    let amount = CUMULATIVE[month] - ended;
    // A month emits less than 2^49 and has 730 hours: the product stays below 2^59.
    let product = amount.wrapping_mul((hour % HOURS_PER_MONTH) as u64);
    ended + product / HOURS_PER_MONTH as u64
}
