//! Slash cases: stake that is taken out of a node, then burned or given back.
//!
//! | state | its deadline is | left by |
//! |---|---|---|
//! | open | appeal by | case_appeal, case_drop (slasher), case_close (then upheld) |
//! | appealed | decide by | case_uphold and case_drop (arbiter), case_close (then dropped) |
//! | upheld, dropped | none | never |

use anchor_lang::prelude::*;

use super::{Config, Node, REGISTERED};
use crate::error::StakingError;

/// Highest share of the stake that each kind may take, in 1/10,000; a kind is its place here,
/// counted from 1. Append only: hardware_false, work_forged, data_compromised, overuse,
/// poor_service.
pub const MOST_BPS: [u16; 5] = [10_000, 10_000, 10_000, 2_500, 500];

/// Seconds to appeal, and again to decide, before scaling.
pub const CASE_SECONDS: u32 = 30 * 86_400;

/// States of a case.
pub const CASE_OPEN: u8 = 0;
/// The owner or the co-staker wants the arbiter to decide.
pub const CASE_APPEALED: u8 = 1;
/// The stake is burned.
pub const CASE_UPHELD: u8 = 2;
/// The stake went back.
pub const CASE_DROPPED: u8 = 3;

/// Own stake, co-stake, cooling own stake and cooling co-stake of a node.
pub type Buckets = [u64; 4];

/// Divides what a case takes: `floor(sum * bps / 10,000)`, from each bucket its floored share of
/// it and the units that leaves from own stake first. None when a sum does not fit.
pub fn taken(buckets: &Buckets, bps: u16) -> Option<Buckets> {
    let sum = sum_of(buckets)?;
    let amount = iog_math::mul_div(sum, u64::from(bps), 10_000)?;
    let mut parts = [0; 4];
    let mut left = amount;
    if sum > 0 {
        for (part, bucket) in parts.iter_mut().zip(buckets) {
            *part = iog_math::mul_div(*bucket, amount, sum)?;
            left = left.checked_sub(*part)?;
        }
    }
    for (part, bucket) in parts.iter_mut().zip(buckets) {
        let more = left.min(bucket.checked_sub(*part)?);
        *part += more; // at most the bucket
        left -= more;
    }
    Some(parts)
}

/// None when it does not fit 64 bits.
pub fn sum_of(buckets: &Buckets) -> Option<u64> {
    let mut sum = 0u64;
    for amount in buckets {
        sum = sum.checked_add(*amount)?;
    }
    Some(sum)
}

/// A judgement of one node's conduct. Seeds: `case`, node, evidence hash. Never closed, so that
/// the same evidence is never judged twice.
#[account]
pub struct SlashCase {
    pub node: Address,
    /// Who opened it.
    pub slasher: Address,
    /// Owner of the node at the opening.
    pub owner: Address,
    /// Co-staker of the node at the opening; zero for none.
    pub costaker: Address,
    /// sha256 of the published evidence.
    pub evidence_hash: [u8; 32],
    pub opened_at: i64,
    /// Appeal by, then decide by.
    pub deadline: i64,
    /// Taken out of the node's stake.
    pub own: u64,
    /// Taken out of its co-stake.
    pub costake: u64,
    /// Taken out of its cooling stake.
    pub cooling: u64,
    /// Taken out of its cooling co-stake.
    pub cooling_costake: u64,
    /// The node's `cooling_until` at the opening; another one later means that the owner left.
    pub cooling_until: i64,
    /// The node's `costake_cooling_until` at the opening; likewise for the co-stake.
    pub costake_cooling_until: i64,
    /// Share of the stake that was taken.
    pub bps: u16,
    /// See [`MOST_BPS`].
    pub kind: u8,
    /// [`CASE_OPEN`], [`CASE_APPEALED`], [`CASE_UPHELD`] or [`CASE_DROPPED`].
    pub state: u8,
    /// 1 when its owner had stopped the node at the opening.
    pub was_paused: u8,
    pub bump: u8,
    pub reserved: [u8; 2],
}

impl SlashCase {
    /// Whether this share of this kind may be taken.
    pub fn require_kind(kind: u8, bps: u16) -> Result<()> {
        let most = usize::from(kind).checked_sub(1).and_then(|place| MOST_BPS.get(place));
        let most = most.ok_or(StakingError::KindUnknown)?;
        require!((1..=*most).contains(&bps), StakingError::CaseShareOutOfRange);
        Ok(())
    }

    pub fn buckets(&self) -> Buckets {
        [self.own, self.costake, self.cooling, self.cooling_costake]
    }

    /// Base units that the case holds or held.
    pub fn amount(&self) -> Result<u64> {
        Ok(sum_of(&self.buckets()).ok_or(StakingError::SumOverflow)?)
    }

    /// The owner or the co-staker asks for a decision.
    pub fn appeal(&mut self, by: &Address, now: i64, seconds: i64) -> Result<()> {
        self.require(CASE_OPEN, now)?;
        // Nobody signs for the zero address, so a case without a co-staker has one party.
        require!(*by == self.owner || *by == self.costaker, StakingError::NotParty);
        self.state = CASE_APPEALED;
        self.deadline = now.saturating_add(seconds);
        Ok(())
    }

    /// The arbiter agrees with the slasher.
    pub fn uphold(&mut self, by: &Address, config: &Config, now: i64) -> Result<()> {
        self.require(CASE_APPEALED, now)?;
        require!(*by == config.arbiter, StakingError::NotArbiter);
        self.state = CASE_UPHELD;
        Ok(())
    }

    /// The slasher withdraws it, or the arbiter disagrees.
    pub fn drop_by(&mut self, by: &Address, config: &Config, now: i64) -> Result<()> {
        self.require(self.state.min(CASE_APPEALED), now)?;
        if self.state == CASE_OPEN {
            require!(*by == config.slasher, StakingError::NotSlasher);
        } else {
            require!(*by == config.arbiter, StakingError::NotArbiter);
        }
        self.state = CASE_DROPPED;
        Ok(())
    }

    /// Nobody acted: what was not appealed is upheld, what was not decided is dropped.
    pub fn lapse(&mut self, now: i64) -> Result<()> {
        require!(self.state <= CASE_APPEALED, StakingError::CaseState);
        require!(now >= self.deadline, StakingError::CaseRuns);
        self.state = if self.state == CASE_OPEN { CASE_UPHELD } else { CASE_DROPPED };
        Ok(())
    }

    fn require(&self, state: u8, now: i64) -> Result<()> {
        require!(self.state == state, StakingError::CaseState);
        require!(now < self.deadline, StakingError::CaseDeadlinePassed);
        Ok(())
    }
}

impl SlashCase {
    /// What the case took is burned: returns how much.
    #[inline(never)]
    pub fn burn(&self, node: &mut Node, config: &mut Config) -> Result<u64> {
        let amount = self.amount()?;
        config.thaw(amount)?;
        config.take_stake(amount)?;
        node.case_open = 0;
        Ok(amount)
    }

    /// What the case took goes back to the buckets it came from, or to where these have gone
    /// meanwhile: an owner or co-staker who left before the decision has left with it.
    #[inline(never)]
    pub fn give_back(&self, node: &mut Node, config: &mut Config, hour: u32) -> Result<u64> {
        let amount = self.amount()?;
        config.thaw(amount)?;
        let (own, costake) = (self.own, self.costake);
        let owner_left = node.cooling_until != self.cooling_until;
        let costaker_left = node.costake_cooling_until != self.costake_cooling_until;
        // Sums of stake are at most the supply: a total of all of them fits 64 bits.
        node.cooling += self.cooling + if owner_left { own } else { 0 };
        node.cooling_costake += self.cooling_costake + if costaker_left { costake } else { 0 };
        if !owner_left && own > 0 {
            node.set_stake(node.stake + own, hour);
        }
        if !costaker_left {
            node.costake += costake;
        }
        node.case_open = 0;
        if node.state == REGISTERED && node.stake_met()? {
            node.resume(hour)?;
            if self.was_paused == 1 {
                node.pause()?;
            }
        }
        Ok(amount)
    }
}

impl Config {
    /// Counts what a case has taken out of a node.
    pub fn freeze(&mut self, amount: u64) -> Result<()> {
        let frozen = self.frozen.checked_add(amount).ok_or(StakingError::SumOverflow)?;
        require!(frozen <= self.total_staked, StakingError::InvariantBroken);
        self.frozen = frozen;
        Ok(())
    }

    fn thaw(&mut self, amount: u64) -> Result<()> {
        self.frozen = self.frozen.checked_sub(amount).ok_or(StakingError::InvariantBroken)?;
        Ok(())
    }
}

impl Node {
    pub fn buckets(&self) -> Buckets {
        [self.stake, self.costake, self.cooling, self.cooling_costake]
    }

    /// Takes a case's parts out; they count for nothing from now on, and nobody new comes in.
    #[inline(never)]
    pub fn freeze(&mut self, parts: &Buckets, hour: u32) -> Result<()> {
        let [own, costake, cooling, cooling_costake] = *parts;
        // Each part was divided off its bucket, so it is at most that.
        if own > 0 {
            self.set_stake(self.stake - own, hour);
        }
        self.costake -= costake;
        self.cooling -= cooling;
        self.cooling_costake -= cooling_costake;
        (self.offer_amount, self.offer_share_bps) = (0, 0);
        self.case_open = 1;
        self.demote()
    }
}

#[cfg(test)]
mod tests;
