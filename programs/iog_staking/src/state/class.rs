use anchor_lang::prelude::*;

use crate::error::StakingError;

/// A multiplier of 1, in thousandths.
pub const ONE: u32 = 1_000;

/// The largest multiplier, in thousandths.
pub const MOST_MULTIPLIER: u32 = 100_000;

/// Hours between the announcement of a class's change and its effect.
pub const CLASS_NOTICE_HOURS: u32 = 168;

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

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;

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
