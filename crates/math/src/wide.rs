//! Products and quotients of 64-bit numbers through 128 bits.

/// The 128-bit product as (high, low) words.
pub const fn widening_mul(a: u64, b: u64) -> (u64, u64) {
    let (a1, a0, b1, b0) = (a >> 32, a & LOW, b >> 32, b & LOW);
    // A product of two 32-bit digits is at most 2^64 - 2^33 + 1, so adding one or two digits
    // cannot wrap.
    let low = a0.wrapping_mul(b0);
    let middle = a1.wrapping_mul(b0).wrapping_add(low >> 32);
    let second = a0.wrapping_mul(b1).wrapping_add(middle & LOW);
    let high = a1.wrapping_mul(b1).wrapping_add(middle >> 32).wrapping_add(second >> 32);
    (high, second << 32 | low & LOW)
}

/// `a * b`; None when it exceeds 64 bits.
pub const fn checked_mul(a: u64, b: u64) -> Option<u64> {
    match widening_mul(a, b) {
        (0, low) => Some(low),
        _ => None,
    }
}

/// `floor((high * 2^64 + low) / divisor)`; None when the divisor is zero or the quotient exceeds
/// 64 bits.
///
/// Knuth's algorithm D (The Art of Computer Programming, 4.3.1) on two 32-bit digits.
pub const fn div_wide(high: u64, low: u64, divisor: u64) -> Option<u64> {
    if high >= divisor {
        return None;
    }
    if high == 0 {
        return Some(low / divisor);
    }
    let shift = divisor.leading_zeros();
    let divisor = divisor << shift;
    let carried = if shift == 0 { 0 } else { low >> (64 - shift) };
    let (top, rest) = (high << shift | carried, low << shift);
    let first = digit(top, rest >> 32, divisor);
    // top * 2^32 + digit - first * divisor is below the divisor: the words that wrap cancel out.
    let middle =
        top.wrapping_shl(32).wrapping_add(rest >> 32).wrapping_sub(first.wrapping_mul(divisor));
    let second = digit(middle, rest & LOW, divisor);
    Some(first << 32 | second)
}

/// `floor(a * b / c)`; None when c is zero or the quotient exceeds 64 bits.
pub const fn mul_div(a: u64, b: u64, c: u64) -> Option<u64> {
    let (high, low) = widening_mul(a, b);
    div_wide(high, low, c)
}

/// `ceil(a * b / c)`; None when c is zero or the quotient exceeds 64 bits.
pub const fn mul_div_up(a: u64, b: u64, c: u64) -> Option<u64> {
    let (high, low) = widening_mul(a, b);
    match div_wide(high, low, c) {
        None => None,
        // The remainder is below 2^64, so the low words alone tell whether it is zero.
        Some(quotient) if quotient.wrapping_mul(c) == low => Some(quotient),
        Some(quotient) => quotient.checked_add(1),
    }
}

/// `a * b` for a 64-bit and a 128-bit factor; None when it exceeds 128 bits.
pub const fn mul_64x128(a: u64, b: u128) -> Option<u128> {
    // Both casts keep exactly the word that is meant.
    let (low_high, low) = widening_mul(a, b as u64);
    let (overflow, high) = widening_mul(a, (b >> 64) as u64);
    if overflow != 0 {
        return None;
    }
    match high.checked_add(low_high) {
        None => None,
        Some(high) => Some((high as u128) << 64 | low as u128),
    }
}

const LOW: u64 = 0xffff_ffff;

/// One quotient digit of (numerator, next digit) by a divisor whose top bit is set.
const fn digit(numerator: u64, next: u64, divisor: u64) -> u64 {
    let (d1, d0) = (divisor >> 32, divisor & LOW);
    let mut quotient = numerator / d1;
    let mut remainder = numerator.wrapping_sub(quotient.wrapping_mul(d1));
    // The estimate is at most two too large; it is corrected while the remainder has one digit.
    while quotient >> 32 != 0 || quotient.wrapping_mul(d0) > (remainder << 32 | next) {
        quotient -= 1;
        remainder += d1;
        if remainder >> 32 != 0 {
            break;
        }
    }
    quotient
}
