//! Accounts of iog_staking, their transitions and what always holds of them.

use anchor_lang::prelude::*;

use crate::error::StakingError;

/// Base units of one IO.
pub const IO: u64 = 100_000_000;

/// Collateral of one GPU of multiplier 1.
pub const COLLATERAL_PER_GPU: u64 = 200 * IO;

/// A multiplier of 1, in thousandths.
pub const ONE: u32 = 1_000;

/// The largest multiplier, in thousandths.
pub const MOST_MULTIPLIER: u32 = 100_000;

/// The most GPUs of one node.
pub const MOST_GPUS: u16 = 1_024;

/// Hours between the announcement of a class's change and its effect.
pub const CLASS_NOTICE_HOURS: u32 = 168;

/// Keys and sums of the network. Seeds: `config`. Signs for both vaults.
#[account]
pub struct Config {
    pub authority: Address,
    /// Authority proposed but not yet accepted; zero for none.
    pub pending_authority: Address,
    /// Can only stop things.
    pub guardian: Address,
    /// Opens slash cases.
    pub slasher: Address,
    /// Decides appealed slash cases.
    pub arbiter: Address,
    pub mint: Address,
    pub stake_vault: Address,
    pub pool_vault: Address,
    /// Genesis hash of the cluster; part of every registration.
    pub genesis_hash: [u8; 32],
    /// Own and co-stake of all nodes.
    pub total_staked: u64,
    /// Stake in the backers' pool.
    pub pool_total: u64,
    /// Rewards a staked base unit of the pool has earned since the start, 64.64 fixed point,
    /// little-endian. Bytes, because programs that read this account would align a u128.
    pub pool_per_share: [u8; 16],
    /// Rewards released to the backers' pool since the start.
    pub pool_released: u64,
    /// Hour up to which the pool's rewards are released.
    pub pool_hour: u32,
    /// Seconds of one hour, as iog_token has it.
    pub hour_length: u32,
    pub bump: u8,
    pub stake_vault_bump: u8,
    pub pool_vault_bump: u8,
    pub reserved: [u8; 5],
}

impl Config {
    /// Counts stake that came in.
    pub fn add_stake(&mut self, amount: u64) -> Result<()> {
        self.total_staked =
            self.total_staked.checked_add(amount).ok_or(StakingError::SumOverflow)?;
        Ok(())
    }
}

/// Which part of the rewards a class earns.
pub const POOL_ENTERPRISE: u8 = 0;
/// See [`POOL_ENTERPRISE`].
pub const POOL_COMMUNITY: u8 = 1;

/// A GPU model. Seeds: `class`, slug.
#[account]
pub struct Class {
    /// Name like `h100-pcie`, padded with zeros.
    pub slug: [u8; 16],
    /// Weight of one GPU, in thousandths.
    pub multiplier: u32,
    /// Weight from `next_from_hour` on.
    pub next_multiplier: u32,
    /// First hour of the announced values; 0 when nothing is announced.
    pub next_from_hour: u32,
    /// [`POOL_ENTERPRISE`] or [`POOL_COMMUNITY`].
    pub pool: u8,
    /// 1 when nodes of this class may register and earn.
    pub enabled: u8,
    /// `enabled` from `next_from_hour` on.
    pub next_enabled: u8,
    pub bump: u8,
}

impl Class {
    /// Whether the account has just been created.
    pub fn is_new(&self) -> bool {
        self.multiplier == 0
    }

    /// (multiplier, enabled) in this hour.
    pub fn at(&self, hour: u32) -> (u32, bool) {
        if self.next_from_hour != 0 && hour >= self.next_from_hour {
            (self.next_multiplier, self.next_enabled == 1)
        } else {
            (self.multiplier, self.enabled == 1)
        }
    }

    /// Takes new values: at once before the first hour, else after the notice.
    pub fn change(&mut self, multiplier: u32, enabled: u8, hour: u32) {
        let (current, current_enabled) = self.at(hour);
        self.multiplier = current;
        self.enabled = current_enabled as u8;
        if hour == 0 {
            self.multiplier = multiplier;
            self.enabled = enabled;
        }
        self.next_multiplier = multiplier;
        self.next_enabled = enabled;
        self.next_from_hour = if hour == 0 { 0 } else { hour.saturating_add(CLASS_NOTICE_HOURS) };
    }

    pub fn invariant(&self) -> Result<()> {
        let multipliers = 1..=MOST_MULTIPLIER;
        require!(
            multipliers.contains(&self.multiplier)
                && multipliers.contains(&self.next_multiplier)
                && self.pool <= POOL_COMMUNITY
                && self.enabled <= 1
                && self.next_enabled <= 1,
            StakingError::InvariantBroken
        );
        Ok(())
    }
}

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
    /// When `cooling` may leave.
    pub cooling_until: i64,
    /// When `cooling_costake` may leave.
    pub costake_cooling_until: i64,
    pub registered_at: i64,
    /// Hour from which `payee` counts.
    pub payee_from_hour: u32,
    /// Hour from which `stake` counts.
    pub stake_from_hour: u32,
    /// Hour from which the node counts as active; 0 while it does not.
    pub active_from_hour: u32,
    /// Multiplier of the class at registration, thousandths.
    pub multiplier: u32,
    /// GPUs of the machine.
    pub gpus: u16,
    /// GPUs held by jobs.
    pub busy: u16,
    /// Jobs that hold GPUs.
    pub running: u16,
    /// Part of the rewards that goes to the co-staker, in 1/10,000.
    pub costake_share_bps: u16,
    pub prev_costake_share_bps: u16,
    /// 1 while a slash case is open.
    pub case_open: u8,
    /// [`REGISTERED`], [`ACTIVE`], [`PAUSED`] or [`RETIRED`].
    pub state: u8,
    pub bump: u8,
    pub reserved: [u8; 3],
}

/// Collateral a node needs: 200 IO for each GPU, times its multiplier where that is above 1.
/// None when it exceeds 64 bits.
pub fn requirement(multiplier: u32, gpus: u16) -> Option<u64> {
    let weight = u64::from(multiplier.max(ONE)).wrapping_mul(u64::from(gpus)); // at most 48 bits
    iog_math::mul_div(COLLATERAL_PER_GPU, weight, u64::from(ONE))
}

impl Node {
    /// Collateral this node needs.
    pub fn requirement(&self) -> Result<u64> {
        Ok(requirement(self.multiplier, self.gpus).ok_or(StakingError::SumOverflow)?)
    }

    /// Adds own stake during `hour`. It counts from the next hour on; a registered node whose
    /// stake reaches the requirement becomes active then.
    pub fn add_stake(&mut self, amount: u64, hour: u32) -> Result<()> {
        let stake = self.stake.checked_add(amount).ok_or(StakingError::SumOverflow)?;
        let next = hour.saturating_add(1);
        if self.stake_from_hour < next {
            self.prev_stake = self.stake;
            self.stake_from_hour = next;
        }
        self.stake = stake;
        if self.state == REGISTERED && stake >= self.requirement()? {
            self.state = ACTIVE;
            self.active_from_hour = next;
        }
        Ok(())
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

    /// Held GPUs are within the count, and each running job holds at least one.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.gpus > 0
                && self.busy <= self.gpus
                && self.running <= self.busy
                && (self.running > 0) == (self.busy > 0)
                && self.state <= RETIRED,
            StakingError::InvariantBroken
        );
        if self.state == ACTIVE {
            let staked = self.stake.saturating_add(self.costake);
            require!(staked >= self.requirement()?, StakingError::InvariantBroken);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn a_class_changes_at_once_before_the_start_and_after_the_notice_later() {
        let mut class = Class::zeroed();
        (class.multiplier, class.enabled) = (1_000, 1);
        class.change(2_000, 0, 0);
        assert_eq!((class.at(0), class.next_from_hour), ((2_000, false), 0));
        class.change(3_000, 1, 10);
        assert_eq!(class.next_from_hour, 178);
        assert_eq!((class.at(177), class.at(178)), ((2_000, false), (3_000, true)));
        class.change(4_000, 1, 178);
        assert_eq!(
            (class.multiplier, class.at(345), class.at(346)),
            (3_000, (3_000, true), (4_000, true))
        );
        class.invariant().unwrap();
    }
}
