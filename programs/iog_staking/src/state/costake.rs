//! Co-stake: another wallet's part of a node's requirement, for a share of its rewards.

use anchor_lang::prelude::*;

use super::{Node, ACTIVE};
use crate::error::StakingError;

/// Time from a co-staker's notice to the end of the co-stake, seconds of a network at its natural
/// pace.
pub const COSTAKE_NOTICE: u32 = 604_800;

/// Time from the end of any stake to when it may leave, likewise.
pub const COOLING: u32 = 1_209_600;

/// Taken offers of one owner, at most.
pub const MOST_COSTAKES: u8 = 2;

const WHOLE_BPS: u16 = 10_000;

/// What an owner has on all nodes together. Seeds: `owner`, wallet.
#[account]
pub struct OwnerRecord {
    pub owner: Address,
    /// Offers of this owner that are taken.
    pub costakes: u8,
    pub bump: u8,
}

impl OwnerRecord {
    /// Counts an offer that is taken.
    pub fn take(&mut self) -> Result<()> {
        require!(self.costakes < MOST_COSTAKES, StakingError::CostakesFull);
        self.costakes += 1;
        Ok(())
    }

    /// Counts a co-stake of the node that has ended.
    pub fn end(&mut self, node: &Node) -> Result<()> {
        require!(self.owner == node.owner, StakingError::RecordMismatch);
        self.costakes = self.costakes.checked_sub(1).ok_or(StakingError::InvariantBroken)?;
        Ok(())
    }
}

impl Node {
    /// Whether an offer is taken. A case may have taken all of the co-stake; the share tells.
    pub fn costake_taken(&self) -> bool {
        self.costake_share_bps > 0
    }

    /// Whether anything of a co-stake is left.
    pub fn has_costake(&self) -> bool {
        self.costake_taken() || self.costake > 0 || self.cooling_costake > 0
    }

    /// Offers a co-stake, in place of an offer nobody took. An active node without co-stake has
    /// the whole requirement from its owner.
    pub fn offer(&mut self, amount: u64, share_bps: u16) -> Result<()> {
        self.require_free()?;
        let most = self.requirement()? / 2;
        require!((1..=most).contains(&amount), StakingError::OfferAmountOutOfRange);
        require!((1..=WHOLE_BPS).contains(&share_bps), StakingError::ShareOutOfRange);
        (self.offer_amount, self.offer_share_bps) = (amount, share_bps);
        Ok(())
    }

    /// Withdraws an offer nobody took.
    pub fn revoke(&mut self) -> Result<()> {
        require!(self.offer_amount > 0, StakingError::OfferMissing);
        (self.offer_amount, self.offer_share_bps) = (0, 0);
        Ok(())
    }

    /// Takes the offer, whose terms the co-staker names; the share counts from the next hour.
    pub fn accept(
        &mut self,
        costaker: Address,
        amount: u64,
        share_bps: u16,
        hour: u32,
    ) -> Result<()> {
        require!(self.offer_amount > 0, StakingError::OfferMissing);
        require!(
            self.offer_amount == amount && self.offer_share_bps == share_bps,
            StakingError::OfferDiffers
        );
        require!(costaker != self.owner, StakingError::CostakeOwn);
        self.require_free()?;
        (self.offer_amount, self.offer_share_bps) = (0, 0);
        self.costaker = costaker;
        self.costake = amount;
        self.costake_share_bps = share_bps;
        // A share that another co-staker had in this hour is not this one's.
        self.prev_costake_share_bps = 0;
        self.costake_from_hour = hour.saturating_add(1);
        Ok(())
    }

    /// The co-staker gives notice.
    pub fn leave(&mut self, at: i64) -> Result<()> {
        require!(self.costake_taken(), StakingError::CostakeMissing);
        require!(self.costake_leave_at == 0, StakingError::CostakeLeaving);
        self.costake_leave_at = at;
        Ok(())
    }

    /// Whether anyone may end the co-stake: its notice has run out, or slashing left nothing.
    pub fn require_costake_due(&self, now: i64) -> Result<()> {
        require!(self.costake_taken(), StakingError::CostakeMissing);
        let left = self.costake_leave_at != 0 && now >= self.costake_leave_at;
        let burned = self.costake == 0 && self.case_open == 0;
        require!(left || burned, StakingError::CostakeNotDue);
        Ok(())
    }

    /// Ends a taken co-stake: it cools from its end, which is when the notice ran out where that
    /// was earlier, and the share is none from the next hour on. Returns the amount.
    #[inline(never)]
    pub fn end_costake(&mut self, now: i64, hour: u32, cooling: i64) -> Result<u64> {
        let amount = self.costake;
        let left = self.costake_leave_at != 0 && self.costake_leave_at < now;
        let end = if left { self.costake_leave_at } else { now };
        self.cooling_costake =
            self.cooling_costake.checked_add(amount).ok_or(StakingError::SumOverflow)?;
        self.costake_cooling_until = end.saturating_add(cooling);
        self.costake = 0;
        self.costake_leave_at = 0;
        let next = hour.saturating_add(1);
        if self.costake_from_hour < next {
            self.prev_costake_share_bps = self.costake_share_bps;
            self.costake_from_hour = next;
        }
        self.costake_share_bps = 0;
        self.demote()?;
        Ok(amount)
    }

    /// Takes out a co-stake that has cooled. Jobs do not matter: they are the owner's affair.
    pub fn withdraw_costake(&mut self, now: i64) -> Result<u64> {
        let amount = self.cooling_costake;
        require!(amount > 0, StakingError::NothingCooling);
        require!(now >= self.costake_cooling_until, StakingError::StillCooling);
        require!(self.case_open == 0, StakingError::CaseOpen);
        (self.cooling_costake, self.costake_cooling_until) = (0, 0);
        self.costaker = Address::default();
        Ok(amount)
    }

    fn require_free(&self) -> Result<()> {
        require!(self.state == ACTIVE, StakingError::NodeNotActive);
        require!(self.case_open == 0, StakingError::CaseOpen);
        require!(!self.has_costake(), StakingError::CostakeStands);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;
    use crate::state::{IO, ONE, REGISTERED};

    /// An active node of one GPU with its stake of 200 IO.
    fn node() -> Node {
        Node {
            gpus: 1,
            multiplier: ONE,
            stake: 200 * IO,
            state: ACTIVE,
            active_from_hour: 1,
            ..Node::zeroed()
        }
    }

    fn taken(hour: u32) -> Node {
        let mut node = node();
        node.offer(100 * IO, 2_500).unwrap();
        node.accept(Address::new_from_array([7; 32]), 100 * IO, 2_500, hour).unwrap();
        node.invariant().unwrap();
        node
    }

    #[test]
    fn an_offer_is_at_most_half_the_requirement() {
        let mut node = node();
        assert!(node.offer(100 * IO + 1, 1).is_err());
        assert!(node.offer(1, WHOLE_BPS + 1).is_err());
        node.offer(100 * IO, WHOLE_BPS).unwrap();
        assert!(node.accept(node.owner, 100 * IO, WHOLE_BPS, 1).is_err());
    }

    #[test]
    fn a_co_stake_that_ends_late_cools_from_its_notice_and_takes_the_node_along() {
        let mut node = taken(4);
        node.reduce_stake(100 * IO, 5).unwrap();
        node.leave(1_000).unwrap();
        assert!(node.require_costake_due(999).is_err());
        node.require_costake_due(1_500).unwrap();
        assert_eq!(node.end_costake(1_500, 9, 60).unwrap(), 100 * IO);
        assert_eq!((node.cooling_costake, node.costake_cooling_until), (100 * IO, 1_060));
        assert_eq!((node.prev_costake_share_bps, node.costake_share_bps), (2_500, 0));
        assert_eq!((node.costake_from_hour, node.state), (10, REGISTERED));
        node.invariant().unwrap();
        assert!(node.withdraw_costake(1_059).is_err());
        assert_eq!(node.withdraw_costake(1_060).unwrap(), 100 * IO);
        assert!(!node.has_costake());
    }

    #[test]
    fn a_share_that_ends_in_the_hour_it_was_taken_counted_in_none() {
        let mut node = taken(4);
        node.end_costake(50, 4, 60).unwrap();
        assert_eq!((node.prev_costake_share_bps, node.costake_share_bps), (0, 0));
        assert_eq!(node.costake_from_hour, 5);
    }

    #[test]
    fn a_record_counts_two_and_no_other_owner_s() {
        let mut record = OwnerRecord::zeroed();
        assert!(record.end(&node()).is_err());
        record.take().unwrap();
        record.take().unwrap();
        assert!(record.take().is_err());
        record.end(&node()).unwrap();
        let stranger = Node { owner: Address::new_from_array([1; 32]), ..node() };
        assert!(record.end(&stranger).is_err());
        assert_eq!(record.costakes, 1);
    }
}
