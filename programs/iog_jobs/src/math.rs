//! Money of a job. Pure: a result that does not fit is `None`.

use iog_math::{checked_mul, mul_div_up};

/// Fees are in parts of this.
pub const BPS: u64 = 10_000;

/// Price of `seconds` on `gpus` GPUs at `price` for one GPU and second.
pub fn gross(price: u64, gpus: u16, seconds: u64) -> Option<u64> {
    checked_mul(checked_mul(price, u64::from(gpus))?, seconds)
}

/// One side's fee on a gross amount, rounded up.
pub fn fee(gross: u64, fee_bps: u16) -> Option<u64> {
    mul_div_up(gross, u64::from(fee_bps), BPS)
}

/// What the client funds: the most the job can cost and the largest fee on it. Fees never fall
/// when the amount grows, so whatever is proven later is covered.
pub fn funding(max_price: u64, gpus: u16, max_seconds: u32, fee_bps: u16) -> Option<u64> {
    let gross = gross(max_price, gpus, u64::from(max_seconds))?;
    gross.checked_add(fee(gross, fee_bps)?)
}

/// How a job's funding is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bill {
    /// To the payee: the gross amount less the node's fee.
    pub paid: u64,
    /// Taken from the node's part.
    pub node_fee: u64,
    /// Paid by the client on top of the gross amount.
    pub client_fee: u64,
    /// Back to the client.
    pub refunded: u64,
}

impl Bill {
    /// The division of `funded` when `gross` is owed; None when it does not cover that.
    pub fn new(funded: u64, gross: u64, fee_bps: u16) -> Option<Self> {
        let fee = fee(gross, fee_bps)?;
        Some(Self {
            paid: gross.checked_sub(fee)?,
            node_fee: fee,
            client_fee: fee,
            refunded: funded.checked_sub(gross)?.checked_sub(fee)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_a_quarter_percent_rounded_up() {
        assert_eq!(fee(0, 25), Some(0));
        assert_eq!(fee(1, 25), Some(1));
        assert_eq!(fee(400, 25), Some(1));
        assert_eq!(fee(401, 25), Some(2));
        assert_eq!(fee(u64::MAX, 25), Some(46_116_860_184_273_880));
    }

    #[test]
    fn funding_that_does_not_fit_is_refused() {
        assert_eq!(funding(1, 1, 1, 25), Some(2));
        assert_eq!(funding(u64::MAX / 2, 1, 2, 25), None);
        assert_eq!(funding(u64::MAX, 2, 1, 25), None);
        let most = 18_400_742_218_164_141_261; // with its fee 2^64 - 1 at most
        assert!(funding(most, 1, 1, 25).is_some());
        assert_eq!(funding(most + 1, 1, 1, 25), None);
    }

    #[test]
    fn a_bill_divides_the_whole_funding() {
        for (funded, gross) in [(2, 0), (2, 1), (10_025, 10_000), (10_025, 9_999), (10_025, 401)] {
            let bill = Bill::new(funded, gross, 25).unwrap();
            let whole = bill.paid + bill.node_fee + bill.client_fee + bill.refunded;
            assert_eq!((whole, bill.paid + bill.node_fee), (funded, gross));
        }
        assert_eq!(Bill::new(10_024, 10_000, 25), None);
    }
}
