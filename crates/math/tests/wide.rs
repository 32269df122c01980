//! Products and quotients against 128-bit arithmetic of the host, at the limits and at random.

use iog_math::{checked_mul, div_wide, mul_64x128, mul_div, mul_div_up, widening_mul};

const EDGES: [u64; 12] = [
    0,
    1,
    2,
    3,
    10_000,
    0x7fff_ffff,
    0xffff_ffff,
    0x1_0000_0000,
    0x1_0000_0001,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_0000_0000,
    u64::MAX,
];

/// Edges, their neighbours, and numbers of every length from a fixed generator.
fn numbers() -> Vec<u64> {
    let mut numbers: Vec<u64> =
        EDGES.iter().flat_map(|edge| [edge.wrapping_sub(1), *edge, edge.wrapping_add(1)]).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for bits in 1..=64 {
        // xorshift64, Marsaglia 2003
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        numbers.push(state >> (64 - bits));
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[test]
fn products_are_exact() {
    for a in numbers() {
        for b in numbers() {
            let exact = a as u128 * b as u128;
            assert_eq!(widening_mul(a, b), ((exact >> 64) as u64, exact as u64), "{a} * {b}");
            assert_eq!(checked_mul(a, b), u64::try_from(exact).ok(), "{a} * {b}");
        }
    }
}

#[test]
fn quotients_round_down_or_up_and_refuse_what_does_not_fit() {
    for a in numbers() {
        for b in numbers() {
            for c in numbers() {
                let exact = a as u128 * b as u128;
                let (down, up) = match c {
                    0 => (None, None),
                    c => {
                        let down = u64::try_from(exact / c as u128).ok();
                        (down, down.and(u64::try_from(exact.div_ceil(c as u128)).ok()))
                    }
                };
                assert_eq!(mul_div(a, b, c), down, "{a} * {b} / {c}");
                assert_eq!(mul_div_up(a, b, c), up, "ceil {a} * {b} / {c}");
            }
        }
    }
}

#[test]
fn wide_dividends_are_exact() {
    for high in numbers() {
        for low in numbers() {
            for divisor in numbers() {
                let dividend = (high as u128) << 64 | low as u128;
                let exact = (divisor != 0)
                    .then(|| dividend / divisor as u128)
                    .and_then(|quotient| u64::try_from(quotient).ok());
                assert_eq!(div_wide(high, low, divisor), exact, "{dividend} / {divisor}");
            }
        }
    }
}

#[test]
fn a_quotient_that_just_fits_and_one_that_just_does_not() {
    assert_eq!(mul_div(u64::MAX, u64::MAX, u64::MAX), Some(u64::MAX));
    assert_eq!(mul_div(u64::MAX, u64::MAX, u64::MAX - 1), None);
    assert_eq!(mul_div(u64::MAX, 0, 0), None);
    assert_eq!(mul_div_up(u64::MAX, 1, 2), Some(1 << 63));
    // Rounding up leaves 64 bits although rounding down does not: (2^64 - 1) + 1/2^63.
    assert_eq!(mul_div(1 << 63, u64::MAX, 1 << 63), Some(u64::MAX));
    assert_eq!(mul_div_up(u64::MAX, (1 << 63) + 1, 1 << 63), None);
}

#[test]
fn fees_round_up_at_every_remainder() {
    assert_eq!(mul_div_up(0, 25, 10_000), Some(0));
    assert_eq!(mul_div_up(1, 25, 10_000), Some(1));
    assert_eq!(mul_div_up(400, 25, 10_000), Some(1));
    assert_eq!(mul_div_up(401, 25, 10_000), Some(2));
}

#[test]
fn products_with_128_bits_are_exact_or_refused() {
    for a in numbers() {
        for high in numbers() {
            for low in numbers() {
                let b = (high as u128) << 64 | low as u128;
                assert_eq!(mul_64x128(a, b), (a as u128).checked_mul(b), "{a} * {b}");
            }
        }
    }
}
