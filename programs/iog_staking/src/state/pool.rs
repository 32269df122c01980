//! The backers' pool: part of the emission, shared by stake.
//!
//! A reward-per-share accumulator in 64.64 fixed point. Every instruction that changes a stake
//! first releases what the emission brought and credits the backer at the old stake, so a rate
//! never applies to a time before it.

use anchor_lang::prelude::*;

use super::{Config, IO};
use crate::error::StakingError;

/// While less than this is staked nothing is released: the first backer would take all of it.
pub const LEAST_POOL: u64 = 1_000 * IO;

/// What the pool releases when the emission has brought `new` since the last time and `available`
/// is not released yet: a backlog leaves at most as fast as new emission comes.
pub fn release(available: u64, new: u64, staked: u64) -> u64 {
    if staked < LEAST_POOL {
        return 0;
    }
    available.min(new.saturating_add(new))
}

/// `floor(released * 2^64 / staked)`; None when nothing is staked.
pub fn per_share(released: u64, staked: u64) -> Option<u128> {
    let whole = released.checked_div(staked)?;
    let rest = released - whole.wrapping_mul(staked); // below `staked`
    let fraction = iog_math::div_wide(rest, 0, staked)?;
    Some(u128::from(whole) << 64 | u128::from(fraction))
}

/// What `staked` earned while the accumulator grew by `growth`, on top of a fraction from before:
/// whole base units, and the new fraction in 2^-64 of one.
pub fn earned(staked: u64, growth: u128, fraction: u64) -> Option<(u64, u64)> {
    let sum = iog_math::mul_64x128(staked, growth)?.checked_add(u128::from(fraction))?;
    Some(((sum >> 64) as u64, sum as u64)) // the two halves of 128 bits
}

impl Config {
    /// Takes over what the emission has brought to the pool by the end of `hour` and returns what
    /// of it goes to the backers.
    pub fn pool_update(&mut self, to_pool: u64, hour: u32) -> Result<u64> {
        let new = to_pool.checked_sub(self.pool_seen).ok_or(StakingError::InvariantBroken)?;
        let available =
            to_pool.checked_sub(self.pool_released).ok_or(StakingError::InvariantBroken)?;
        let released = release(available, new, self.pool_total);
        if released > 0 {
            let growth =
                per_share(released, self.pool_total).ok_or(StakingError::InvariantBroken)?;
            let sum = u128::from_le_bytes(self.pool_per_share)
                .checked_add(growth)
                .ok_or(StakingError::SumOverflow)?;
            self.pool_per_share = sum.to_le_bytes();
            self.pool_released += released; // at most `to_pool`
        }
        self.pool_seen = to_pool;
        self.pool_hour = hour;
        Ok(released)
    }
}

/// A wallet's part of the pool. Seeds: `backer`, wallet.
#[account]
pub struct Backer {
    pub wallet: Address,
    /// Earns.
    pub staked: u64,
    /// Earned and not yet paid.
    pub unclaimed: u64,
    /// What it earned beyond whole base units, in 2^-64 of one: credited often or seldom, a wallet
    /// gets the same.
    pub fraction: u64,
    /// On its way out; earns nothing.
    pub unbonding: u64,
    /// When `unbonding` may leave; 0 while nothing is unbonding.
    pub unbonding_until: i64,
    /// The pool's accumulator up to which `unclaimed` counts, little-endian.
    pub per_share: [u8; 16],
    pub bump: u8,
    pub reserved: [u8; 7],
}

impl Backer {
    /// Credits what the stake has earned since the last time.
    pub fn accrue(&mut self, pool: &Config) -> Result<()> {
        let growth = u128::from_le_bytes(pool.pool_per_share)
            .checked_sub(u128::from_le_bytes(self.per_share))
            .ok_or(StakingError::InvariantBroken)?;
        let (more, fraction) =
            earned(self.staked, growth, self.fraction).ok_or(StakingError::SumOverflow)?;
        self.fraction = fraction;
        self.unclaimed = self.unclaimed.checked_add(more).ok_or(StakingError::SumOverflow)?;
        self.per_share = pool.pool_per_share;
        Ok(())
    }

    pub fn stake(&mut self, pool: &mut Config, amount: u64) -> Result<()> {
        require!(amount > 0, StakingError::AmountZero);
        pool.pool_total = pool.pool_total.checked_add(amount).ok_or(StakingError::SumOverflow)?;
        self.staked += amount; // at most the pool's total
        Ok(())
    }

    /// Begins unbonding; what already unbonds leaves with it, at the new end.
    pub fn unstake(&mut self, pool: &mut Config, amount: u64, now: i64) -> Result<()> {
        require!(amount > 0, StakingError::AmountZero);
        let staked = self.staked.checked_sub(amount).ok_or(StakingError::PoolStakeLess)?;
        pool.pool_total =
            pool.pool_total.checked_sub(amount).ok_or(StakingError::InvariantBroken)?;
        pool.pool_unbonding =
            pool.pool_unbonding.checked_add(amount).ok_or(StakingError::SumOverflow)?;
        self.staked = staked;
        self.unbonding += amount; // at most the pool's sum of it
        self.unbonding_until = now.saturating_add(pool.cooling());
        Ok(())
    }

    /// Ends unbonding and returns what leaves.
    pub fn withdraw(&mut self, pool: &mut Config, now: i64) -> Result<u64> {
        require!(self.unbonding > 0, StakingError::NothingUnbonding);
        require!(now >= self.unbonding_until, StakingError::UnbondingRuns);
        let amount = self.unbonding;
        pool.pool_unbonding =
            pool.pool_unbonding.checked_sub(amount).ok_or(StakingError::InvariantBroken)?;
        self.unbonding = 0;
        self.unbonding_until = 0;
        Ok(amount)
    }

    /// Marks what was earned as paid and returns it.
    pub fn claim(&mut self) -> Result<u64> {
        require!(self.unclaimed > 0, StakingError::NothingDue);
        Ok(core::mem::take(&mut self.unclaimed))
    }

    /// A backer's parts are within the pool's, and no more was released than came.
    pub fn invariant(&self, pool: &Config) -> Result<()> {
        require!(
            self.staked <= pool.pool_total
                && self.unbonding <= pool.pool_unbonding
                && (self.unbonding == 0) == (self.unbonding_until == 0)
                && pool.pool_released <= pool.pool_seen,
            StakingError::InvariantBroken
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    const SUPPLY: u64 = 800_000_000 * IO;

    fn pool(total: u64) -> Config {
        Config { pool_total: total, hour_length: 3_600, ..Config::zeroed() }
    }

    fn backer(staked: u64) -> Backer {
        Backer { staked, ..Backer::zeroed() }
    }

    #[test]
    fn nothing_is_released_below_the_least_stake_and_at_most_twice_the_new() {
        for (available, new, staked, released) in [
            (100, 100, LEAST_POOL - 1, 0),
            (100, 100, LEAST_POOL, 100),
            (150, 100, LEAST_POOL, 150),
            (201, 100, LEAST_POOL, 200),
            (201, 0, LEAST_POOL, 0),
            (u64::MAX, u64::MAX, u64::MAX, u64::MAX),
        ] {
            assert_eq!(release(available, new, staked), released);
        }
    }

    #[test]
    fn the_share_is_the_floor_of_the_exact_quotient() {
        for released in [0, 1, 2, 45_662_100_456, SUPPLY, u64::MAX] {
            for staked in [1, 2, 3, LEAST_POOL, LEAST_POOL + 1, SUPPLY, u64::MAX] {
                let exact = (u128::from(released) << 64) / u128::from(staked);
                assert_eq!(per_share(released, staked), Some(exact));
                assert!(earned(staked, exact, 0).is_some_and(|(all, _)| all <= released));
            }
        }
        assert_eq!(per_share(1, 0), None);
    }

    #[test]
    fn all_the_emission_at_the_least_stake_fits() {
        let growth = per_share(300_000_000 * IO, LEAST_POOL).unwrap();
        assert_eq!(earned(LEAST_POOL, growth, 0), Some((300_000_000 * IO, 0)));
        assert_eq!(growth.checked_mul(1_000).map(|sum| sum >> 127), Some(0));
    }

    #[test]
    fn fractions_add_up_to_whole_units() {
        let third = per_share(1, 3).unwrap();
        let (mut sum, mut fraction) = (0, 0);
        for _ in 0..4 {
            let (more, rest) = earned(1, third, fraction).unwrap();
            (sum, fraction) = (sum + more, rest);
        }
        assert_eq!((sum, fraction), (1, (third as u64).wrapping_mul(4)));
        assert_eq!(earned(u64::MAX, u128::MAX, 0), None);
    }

    #[test]
    fn a_backlog_leaves_as_fast_as_new_emission_comes() {
        let mut pool = pool(0);
        assert_eq!(pool.pool_update(1_000, 10).unwrap(), 0);
        pool.pool_total = LEAST_POOL;
        assert_eq!(pool.pool_update(1_000, 10).unwrap(), 0); // the same hour again
        assert_eq!(pool.pool_update(1_100, 11).unwrap(), 200);
        assert_eq!(pool.pool_update(1_500, 15).unwrap(), 800);
        assert_eq!(pool.pool_update(2_000, 20).unwrap(), 1_000);
        assert_eq!(pool.pool_update(2_100, 21).unwrap(), 100);
        assert_eq!((pool.pool_released, pool.pool_seen, pool.pool_hour), (2_100, 2_100, 21));
        assert!(pool.pool_update(2_099, 22).is_err());
    }

    #[test]
    fn stake_earns_from_the_moment_it_comes_until_it_goes() {
        let mut pool = pool(0);
        let (mut first, mut second) = (backer(0), backer(0));
        first.stake(&mut pool, 3 * LEAST_POOL).unwrap();
        pool.pool_update(400, 1).unwrap();
        second.accrue(&pool).unwrap();
        second.stake(&mut pool, LEAST_POOL).unwrap();
        pool.pool_update(800, 2).unwrap();
        for (backer, due) in [(&mut first, 699), (&mut second, 99)] {
            backer.accrue(&pool).unwrap();
            backer.accrue(&pool).unwrap(); // a second time adds nothing
            assert!((due..=due + 1).contains(&backer.claim().unwrap()));
            assert!(backer.claim().is_err());
            backer.invariant(&pool).unwrap();
        }
    }

    #[test]
    fn unbonding_earns_nothing_and_a_second_one_restarts_the_time() {
        let mut pool = pool(0);
        let mut backer = backer(0);
        backer.stake(&mut pool, 2 * LEAST_POOL).unwrap();
        assert!(backer.unstake(&mut pool, 2 * LEAST_POOL + 1, 0).is_err());
        assert!(backer.unstake(&mut pool, 0, 0).is_err());
        assert!(backer.withdraw(&mut pool, i64::MAX).is_err());
        backer.unstake(&mut pool, LEAST_POOL, 1_000).unwrap();
        backer.unstake(&mut pool, LEAST_POOL, 2_000).unwrap();
        assert_eq!((pool.pool_total, pool.pool_unbonding), (0, 2 * LEAST_POOL));
        let end = 2_000 + i64::from(crate::state::COOLING);
        assert!(backer.withdraw(&mut pool, end - 1).is_err());
        assert_eq!(backer.withdraw(&mut pool, end).unwrap(), 2 * LEAST_POOL);
        assert_eq!((pool.pool_unbonding, backer.unbonding_until), (0, 0));
        backer.invariant(&pool).unwrap();
    }

    #[test]
    fn sums_beyond_64_bits_are_refused() {
        let mut pool = pool(u64::MAX);
        assert!(backer(0).stake(&mut pool, 1).is_err());
        assert!(backer(0).stake(&mut pool, 0).is_err());
    }
}
