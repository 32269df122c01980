use anchor_lang::prelude::*;

use super::{IO, ONE};
use crate::error::StakingError;

/// Collateral of one GPU of multiplier 1.
pub const COLLATERAL_PER_GPU: u64 = 200 * IO;

/// The most GPUs of one node.
pub const MOST_GPUS: u16 = 1_024;

/// States of a node.
pub const REGISTERED: u8 = 0;
/// The stake is met: earns, and takes jobs.
pub const ACTIVE: u8 = 1;
/// Stopped by its owner.
pub const PAUSED: u8 = 2;
/// Gone; may register again.
pub const RETIRED: u8 = 3;

/// One machine. Seeds: `node`, device.
#[account]
pub struct Node {
    /// Key that lives on the machine.
    pub device: Address,
    /// Wallet that registered and staked.
    pub owner: Address,
    /// Address of the Class.
    pub class: Address,
    /// Wallet that is paid.
    pub payee: Address,
    /// Payee before `payee_from_hour`.
    pub prev_payee: Address,
    /// Wallet that co-stakes; zero for none.
    pub costaker: Address,
    /// Price of one GPU for one second, base units; 0 means not for rent.
    pub ask: u64,
    /// Own stake, base units.
    pub stake: u64,
    /// Own stake before `stake_from_hour`.
    pub prev_stake: u64,
    /// Stake of the co-staker.
    pub costake: u64,
    /// Own stake on its way out.
    pub cooling: u64,
    /// Co-stake on its way out.
    pub cooling_costake: u64,
    /// Co-stake on offer, base units; 0 for no offer.
    pub offer_amount: u64,
    /// When `cooling` may leave.
    pub cooling_until: i64,
    /// When `cooling_costake` may leave.
    pub costake_cooling_until: i64,
    /// When the co-stake ends; 0 while its co-staker is not leaving.
    pub costake_leave_at: i64,
    pub registered_at: i64,
    /// Hour from which `payee` counts.
    pub payee_from_hour: u32,
    /// Hour from which `stake` counts.
    pub stake_from_hour: u32,
    /// Hour from which the node counts as active; 0 while it does not.
    pub active_from_hour: u32,
    /// Hour from which `costake_share_bps` counts.
    pub costake_from_hour: u32,
    /// Multiplier of the class at registration, thousandths.
    pub multiplier: u32,
    /// GPUs of the machine.
    pub gpus: u16,
    /// GPUs held by jobs.
    pub busy: u16,
    /// Jobs that hold GPUs.
    pub running: u16,
    /// Part of the rewards that goes to the co-staker, in 1/10,000; 0 while nobody co-stakes.
    pub costake_share_bps: u16,
    /// That part before `costake_from_hour`.
    pub prev_costake_share_bps: u16,
    /// Part of the rewards on offer, in 1/10,000.
    pub offer_share_bps: u16,
    /// 1 while a slash case is open.
    pub case_open: u8,
    /// [`REGISTERED`], [`ACTIVE`], [`PAUSED`] or [`RETIRED`].
    pub state: u8,
    pub bump: u8,
    pub reserved: [u8; 5],
}

/// Collateral a node needs: 200 IO for each GPU, times its multiplier where that is above 1.
/// None when it exceeds 64 bits.
pub fn requirement(multiplier: u32, gpus: u16) -> Option<u64> {
    let weight = u64::from(multiplier.max(ONE)).wrapping_mul(u64::from(gpus)); // at most 48 bits
    iog_math::mul_div(COLLATERAL_PER_GPU, weight, u64::from(ONE))
}

/// Half of an amount, rounded up.
fn half(amount: u64) -> u64 {
    amount - amount / 2
}

impl Node {
    /// Collateral this node needs.
    pub fn requirement(&self) -> Result<u64> {
        Ok(requirement(self.multiplier, self.gpus).ok_or(StakingError::SumOverflow)?)
    }

    /// Whether own and co-stake reach the requirement, half of it being the owner's.
    #[inline(never)]
    pub fn stake_met(&self) -> Result<bool> {
        let needed = self.requirement()?;
        Ok(self.stake.saturating_add(self.costake) >= needed && self.stake >= half(needed))
    }

    /// The payee from the next hour on.
    pub fn set_payee(&mut self, payee: Address, hour: u32) -> Result<()> {
        require!(self.state != RETIRED, StakingError::NodeRetired);
        let next = hour.saturating_add(1);
        if self.payee_from_hour < next {
            self.prev_payee = self.payee;
            self.payee_from_hour = next;
        }
        self.payee = payee;
        Ok(())
    }

    /// Stops an active node; jobs that run on it go on.
    pub fn pause(&mut self) -> Result<()> {
        require!(self.state == ACTIVE, StakingError::NodeNotActive);
        self.state = PAUSED;
        self.active_from_hour = 0;
        Ok(())
    }

    /// Makes a node active from the next hour on, whether its owner had stopped it or its stake
    /// had fallen short.
    pub fn resume(&mut self, hour: u32) -> Result<()> {
        require!(matches!(self.state, REGISTERED | PAUSED), StakingError::NodeNotStopped);
        require!(self.stake_met()?, StakingError::StakeNotMet);
        self.activate(hour);
        Ok(())
    }

    /// Ends a node that nothing is left of.
    pub fn retire(&mut self) -> Result<()> {
        require!(self.state != RETIRED, StakingError::NodeRetired);
        require!(self.case_open == 0, StakingError::CaseOpen);
        require!(self.running == 0, StakingError::NodeBusy);
        // Counted in parts, so that no sum of four can overflow.
        require!(self.stake == 0 && self.cooling == 0, StakingError::StakeLeft);
        require!(!self.has_costake() && self.offer_amount == 0, StakingError::CostakeStands);
        self.state = RETIRED;
        self.active_from_hour = 0;
        Ok(())
    }

    /// Adds own stake during `hour`; a registered node that reaches the requirement becomes
    /// active.
    pub fn add_stake(&mut self, amount: u64, hour: u32) -> Result<()> {
        let stake = self.stake.checked_add(amount).ok_or(StakingError::SumOverflow)?;
        self.set_stake(stake, hour);
        if self.state == REGISTERED && self.stake_met()? {
            self.activate(hour);
        }
        Ok(())
    }

    /// Takes out own stake above the requirement. A co-staker who is leaving does not count for
    /// what may be taken, so nothing may be until then.
    pub fn reduce_stake(&mut self, amount: u64, hour: u32) -> Result<()> {
        require!(amount > 0, StakingError::AmountZero);
        require!(matches!(self.state, ACTIVE | PAUSED), StakingError::NodeNotActive);
        require!(self.case_open == 0, StakingError::CaseOpen);
        require!(self.costake_leave_at == 0, StakingError::CostakeLeaving);
        let needed = self.requirement()?;
        let left = self.stake.checked_sub(amount).ok_or(StakingError::RequirementHeld)?;
        require!(left.saturating_add(self.costake) >= needed, StakingError::RequirementHeld);
        require!(left >= half(needed), StakingError::OwnHalfHeld);
        self.set_stake(left, hour);
        Ok(())
    }

    /// Sends all own stake on its way out until `until`; the node is not active any more and
    /// offers nothing. Allowed while jobs run and while a case is open: both hold back what is
    /// cooling. Returns the amount.
    pub fn unstake(&mut self, hour: u32, until: i64) -> Result<u64> {
        let any = self.stake > 0 || self.costake_taken() || self.case_open == 1;
        require!(any, StakingError::NothingStaked);
        let amount = self.stake;
        self.cooling = self.cooling.checked_add(amount).ok_or(StakingError::SumOverflow)?;
        // Without own stake too: a case that is dropped returns what it froze to where it cools.
        self.cooling_until = until;
        if amount > 0 {
            self.set_stake(0, hour);
        }
        (self.offer_amount, self.offer_share_bps) = (0, 0);
        self.state = REGISTERED;
        self.active_from_hour = 0;
        Ok(amount)
    }

    /// Takes out what has cooled: no job runs, and no case is open. Returns the amount.
    pub fn withdraw(&mut self, now: i64) -> Result<u64> {
        let amount = self.cooling;
        require!(amount > 0, StakingError::NothingCooling);
        require!(now >= self.cooling_until, StakingError::StillCooling);
        require!(self.running == 0, StakingError::NodeBusy);
        require!(self.case_open == 0, StakingError::CaseOpen);
        (self.cooling, self.cooling_until) = (0, 0);
        Ok(amount)
    }

    /// Makes a node registered whose stake has fallen below the requirement.
    #[inline(never)]
    pub fn demote(&mut self) -> Result<()> {
        if matches!(self.state, ACTIVE | PAUSED) && !self.stake_met()? {
            self.state = REGISTERED;
            self.active_from_hour = 0;
        }
        Ok(())
    }

    /// Own stake from the next hour on; what counts in the hour now running is kept.
    pub fn set_stake(&mut self, stake: u64, hour: u32) {
        let next = hour.saturating_add(1);
        if self.stake_from_hour < next {
            self.prev_stake = self.stake;
            self.stake_from_hour = next;
        }
        self.stake = stake;
    }

    fn activate(&mut self, hour: u32) {
        self.state = ACTIVE;
        self.active_from_hour = hour.saturating_add(1);
    }

    /// Gives GPUs to a job.
    pub fn hold(&mut self, gpus: u16) -> Result<()> {
        require!(gpus > 0, StakingError::GpusZero);
        require!(self.state == ACTIVE, StakingError::NodeNotActive);
        let busy = self.busy.checked_add(gpus).ok_or(StakingError::GpusTaken)?;
        require!(busy <= self.gpus, StakingError::GpusTaken);
        self.busy = busy;
        // Each running job holds at least one GPU, so this count is at most `busy`.
        self.running += 1;
        Ok(())
    }

    /// Takes a job's GPUs back.
    pub fn release(&mut self, gpus: u16) -> Result<()> {
        require!(gpus > 0, StakingError::GpusZero);
        require!(self.running > 0, StakingError::GpusNotHeld);
        self.busy = self.busy.checked_sub(gpus).ok_or(StakingError::GpusNotHeld)?;
        self.running -= 1;
        Ok(())
    }

    /// Held GPUs are within the count, and each running job holds at least one. The stake of an
    /// active or paused node is met, and nothing is left of a retired one.
    #[inline(never)]
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.gpus > 0
                && self.busy <= self.gpus
                && self.running <= self.busy
                && (self.running > 0) == (self.busy > 0)
                && self.state <= RETIRED
                && (self.state == ACTIVE) == (self.active_from_hour > 0),
            StakingError::InvariantBroken
        );
        let holds = match self.state {
            ACTIVE | PAUSED => self.stake_met()?,
            RETIRED => self.stake == 0 && self.cooling == 0 && !self.has_costake(),
            _ => true,
        };
        require!(holds, StakingError::InvariantBroken);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::MOST_MULTIPLIER;
    use bytemuck::Zeroable;

    fn node(gpus: u16, state: u8) -> Node {
        let mut node = Node::zeroed();
        node.gpus = gpus;
        node.state = state;
        node.multiplier = ONE;
        node
    }

    #[test]
    fn the_requirement_is_200_io_for_each_gpu_and_never_less() {
        assert_eq!(requirement(1_000, 1), Some(200 * IO));
        assert_eq!(requirement(1, 1), Some(200 * IO));
        assert_eq!(requirement(999, 8), Some(1_600 * IO));
        assert_eq!(requirement(1_001, 1), Some(20_020_000_000));
        assert_eq!(requirement(2_500, 8), Some(4_000 * IO));
        assert_eq!(requirement(MOST_MULTIPLIER, MOST_GPUS), Some(20_480_000 * IO));
    }

    #[test]
    fn stake_counts_from_the_next_hour_and_the_old_value_is_kept() {
        let mut node = node(1, REGISTERED);
        node.add_stake(150 * IO, 0).unwrap();
        assert_eq!((node.stake, node.prev_stake, node.stake_from_hour), (150 * IO, 0, 1));
        assert_eq!((node.state, node.active_from_hour), (REGISTERED, 0));
        node.add_stake(50 * IO, 7).unwrap();
        assert_eq!((node.stake, node.prev_stake, node.stake_from_hour), (200 * IO, 150 * IO, 8));
        assert_eq!((node.state, node.active_from_hour), (ACTIVE, 8));
        node.add_stake(1, 7).unwrap();
        assert_eq!((node.stake, node.prev_stake), (200 * IO + 1, 150 * IO));
        node.invariant().unwrap();
    }

    #[test]
    fn stake_above_64_bits_is_refused_and_changes_nothing() {
        let mut node = node(1, REGISTERED);
        node.stake = u64::MAX;
        assert!(node.add_stake(1, 0).is_err());
        assert_eq!((node.stake, node.stake_from_hour), (u64::MAX, 0));
    }

    #[test]
    fn holds_end_at_the_count_and_releases_at_zero() {
        let mut node = node(8, ACTIVE);
        node.stake = node.requirement().unwrap();
        node.active_from_hour = 1;
        assert!(node.hold(9).is_err());
        node.hold(8).unwrap();
        assert!(node.hold(1).is_err());
        assert!(node.release(9).is_err());
        node.release(8).unwrap();
        assert!(node.release(1).is_err());
        assert_eq!((node.busy, node.running), (0, 0));
        node.invariant().unwrap();
    }

    #[test]
    fn only_an_active_node_is_held_and_any_state_is_released() {
        for state in [REGISTERED, PAUSED, RETIRED] {
            let mut node = node(8, state);
            assert!(node.hold(1).is_err());
            (node.busy, node.running) = (1, 1);
            node.release(1).unwrap();
        }
    }
}
