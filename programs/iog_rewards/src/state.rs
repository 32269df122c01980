//! Accounts of iog_rewards: the distributor, and what each wallet was paid.

use anchor_lang::prelude::*;
use anchor_spl::associated_token;
use iog_math::scaled;

use crate::{iog_token::accounts::Config as TokenConfig, RewardsError};

/// The most oracle keys.
pub const MAX_ORACLES: usize = 7;

/// The most leaves of a tree: a claim with a longer proof does not fit a transaction.
pub const MAX_LEAVES: u32 = 1 << iog_merkle::MAX_DEPTH;

/// Scaled seconds between the proposal of a root and the moment it can become the live one.
pub const ROOT_DELAY: u32 = 600;

/// The associated token account of a wallet.
///
/// Derived by hashing, as Anchor checks its own seeds: the syscall that looks for the bump costs
/// 1,500 units a try.
pub fn tokens_of(wallet: &Address, mint: &Address) -> Address {
    let seeds = [wallet.as_ref(), pinocchio_token::ID.as_ref(), mint.as_ref()];
    find_program_address(&seeds, &associated_token::ID).0
}

/// The one distributor, PDA `[b"distributor"]`; owner of the vault, PDA `[b"vault"]`.
#[account]
pub struct Distributor {
    /// Key that changes the oracles.
    pub authority: Address,
    /// Key that the authority was offered to; zero for none.
    pub pending_authority: Address,
    /// Key that can only stop things.
    pub guardian: Address,
    pub mint: Address,
    pub vault: Address,
    /// The first `oracle_count` are set.
    pub oracles: [Address; 7],
    /// The live root; zero before the first.
    pub root: [u8; 32],
    pub pending_root: [u8; 32],
    /// sha256 of the published hour that the live root came with.
    pub data_hash: [u8; 32],
    pub pending_data_hash: [u8; 32],
    /// Cumulative base units over all leaves of the live root.
    pub total: u64,
    /// Base units paid so far; never above `total`.
    pub claimed: u64,
    pub pending_total: u64,
    /// Unix seconds from which the pending root can become the live one.
    pub active_at: i64,
    /// Hour that the live root reaches; 0 before the first.
    pub epoch: u32,
    /// 0 for no pending root.
    pub pending_epoch: u32,
    /// Leaves of the live root.
    pub count: u32,
    pub pending_count: u32,
    /// Seconds.
    pub hour_length: u32,
    pub oracle_count: u8,
    /// Oracles that must sign a root.
    pub threshold: u8,
    /// 1 while no root can be proposed.
    pub paused: u8,
    pub bump: u8,
}

/// A root with what it stands for.
pub struct Proposal {
    pub root: [u8; 32],
    pub data_hash: [u8; 32],
    pub total: u64,
    pub epoch: u32,
    pub count: u32,
}

impl Distributor {
    pub const SEED: &'static [u8] = b"distributor";
    pub const VAULT_SEED: &'static [u8] = b"vault";

    /// The oracles that are set.
    pub fn oracles(&self) -> &[Address] {
        &self.oracles[..self.oracle_count as usize]
    }

    /// The list of oracles as it is stored, or why there can be no such list.
    pub fn padded(threshold: u8, oracles: &[Address]) -> Result<[Address; MAX_ORACLES]> {
        require!((1..=MAX_ORACLES).contains(&oracles.len()), RewardsError::OracleCountOutOfRange);
        require!(
            (1..=oracles.len()).contains(&(threshold as usize)),
            RewardsError::ThresholdOutOfRange
        );
        let repeated = (1..oracles.len()).any(|index| oracles[..index].contains(&oracles[index]));
        require!(!repeated, RewardsError::OracleRepeated);
        let mut keys = [Address::default(); MAX_ORACLES];
        keys[..oracles.len()].copy_from_slice(oracles);
        Ok(keys)
    }

    /// Makes the pending root the live one when it is due; tells whether it did.
    pub fn promote(&mut self, now: i64) -> bool {
        if self.pending_epoch == 0 || now < self.active_at {
            return false;
        }
        let Proposal { root, data_hash, total, epoch, count } = self.take_pending();
        self.root = root;
        self.data_hash = data_hash;
        self.total = total;
        self.epoch = epoch;
        self.count = count;
        true
    }

    /// Withdraws the pending root while it is not due, and returns it.
    pub fn veto(&mut self, now: i64) -> Result<Proposal> {
        require!(self.pending_epoch != 0, RewardsError::NoRootPending);
        require!(now < self.active_at, RewardsError::RootDue);
        Ok(self.take_pending())
    }

    fn take_pending(&mut self) -> Proposal {
        let pending = Proposal {
            root: self.pending_root,
            data_hash: self.pending_data_hash,
            total: self.pending_total,
            epoch: self.pending_epoch,
            count: self.pending_count,
        };
        self.pending_root = [0; 32];
        self.pending_data_hash = [0; 32];
        self.pending_total = 0;
        self.pending_epoch = 0;
        self.pending_count = 0;
        self.active_at = 0;
        pending
    }

    /// Refuses a root that may not follow the live one.
    pub fn check(&self, proposal: &Proposal, token: &TokenConfig) -> Result<()> {
        require!(self.pending_epoch == 0, RewardsError::RootPending);
        require!(proposal.epoch > self.epoch, RewardsError::EpochNotNew);
        require!(proposal.epoch <= token.advanced_hour, RewardsError::EpochNotMinted);
        require!(proposal.total >= self.total, RewardsError::TotalFell);
        require!(proposal.total <= token.to_rewards, RewardsError::TotalAboveEmission);
        require!((1..=MAX_LEAVES).contains(&proposal.count), RewardsError::CountOutOfRange);
        Ok(())
    }

    /// Puts a checked root up as the pending one.
    pub fn propose(&mut self, proposal: &Proposal, now: i64) {
        self.pending_root = proposal.root;
        self.pending_data_hash = proposal.data_hash;
        self.pending_total = proposal.total;
        self.pending_epoch = proposal.epoch;
        self.pending_count = proposal.count;
        self.active_at = now.saturating_add(scaled(ROOT_DELAY, self.hour_length));
    }

    /// Counts a payment; all of them together stay within the live total.
    pub fn pay(&mut self, amount: u64) -> Result<()> {
        self.claimed = self
            .claimed
            .checked_add(amount)
            .filter(|claimed| *claimed <= self.total)
            .ok_or(RewardsError::TotalExceeded)?;
        Ok(())
    }

    /// Refuses a distributor that no sequence of instructions leads to.
    pub fn invariant(&self) -> Result<()> {
        let oracles = (1..=MAX_ORACLES).contains(&(self.oracle_count as usize));
        let threshold = (1..=self.oracle_count).contains(&self.threshold);
        let paid = self.claimed <= self.total;
        let pending = (self.pending_epoch == 0) == (self.active_at == 0)
            && (self.pending_epoch == 0 || self.pending_epoch > self.epoch);
        require!(oracles && threshold && paid && pending, RewardsError::InvariantBroken);
        Ok(())
    }
}

/// What a wallet was paid, PDA `[b"recipient", wallet]`. Never closed: it is what stops a second
/// payment.
#[account]
pub struct Recipient {
    pub wallet: Address,
    /// Base units paid so far.
    pub claimed: u64,
    pub bump: u8,
    pub reserved: [u8; 7],
}

impl Recipient {
    pub const SEED: &'static [u8] = b"recipient";

    /// Brings what was paid to `cumulative` and returns the difference.
    pub fn claim(&mut self, cumulative: u64) -> Result<u64> {
        let amount = cumulative
            .checked_sub(self.claimed)
            .filter(|amount| *amount > 0)
            .ok_or(RewardsError::NothingToClaim)?;
        self.claimed = cumulative;
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    fn distributor() -> Distributor {
        Distributor { oracle_count: 3, threshold: 2, hour_length: 3_600, ..Distributor::zeroed() }
    }

    fn proposal(epoch: u32, total: u64) -> Proposal {
        Proposal { root: [1; 32], data_hash: [2; 32], total, epoch, count: 1 }
    }

    #[test]
    fn a_root_becomes_live_when_its_delay_is_over() {
        let mut distributor = distributor();
        distributor.propose(&proposal(4, 100), 1_000);
        distributor.invariant().unwrap();
        assert!(!distributor.promote(1_599));
        assert!(distributor.promote(1_600));
        distributor.invariant().unwrap();
        assert_eq!((distributor.epoch, distributor.total, distributor.count), (4, 100, 1));
        assert_eq!((distributor.root, distributor.data_hash), ([1; 32], [2; 32]));
        assert_eq!((distributor.pending_epoch, distributor.active_at), (0, 0));
        assert!(!distributor.promote(i64::MAX));
    }

    #[test]
    fn a_root_is_withdrawn_until_it_is_due() {
        let mut distributor = distributor();
        assert!(distributor.veto(0).is_err());
        distributor.propose(&proposal(4, 100), 1_000);
        assert!(distributor.veto(1_600).is_err());
        let vetoed = distributor.veto(1_599).unwrap();
        distributor.invariant().unwrap();
        assert_eq!((vetoed.epoch, vetoed.total, vetoed.root), (4, 100, [1; 32]));
        assert_eq!((distributor.pending_epoch, distributor.pending_root), (0, [0; 32]));
        assert!(!distributor.promote(i64::MAX));
    }

    #[test]
    fn a_list_of_oracles_is_padded_or_refused() {
        let keys: Vec<Address> = (1..9).map(|key| Address::new_from_array([key; 32])).collect();
        let padded = Distributor::padded(2, &keys[..3]).unwrap();
        assert_eq!((&padded[..3], padded[3]), (&keys[..3], Address::default()));
        assert!(Distributor::padded(7, &keys[..7]).is_ok());
        let twice = [keys[0], keys[1], keys[0]];
        for (threshold, refused) in
            [(1, &keys[..8]), (0, &keys[..3]), (4, &keys[..3]), (0, &keys[..0]), (1, &twice[..])]
        {
            assert!(Distributor::padded(threshold, refused).is_err());
        }
    }

    #[test]
    fn payments_stay_within_the_total() {
        let mut distributor = Distributor { total: 10, epoch: 1, ..distributor() };
        distributor.pay(10).unwrap();
        assert!(distributor.pay(1).is_err());
        assert!(distributor.pay(u64::MAX).is_err());
        assert_eq!(distributor.claimed, 10);
    }

    #[test]
    fn a_recipient_is_paid_the_difference_once() {
        let mut recipient = Recipient::zeroed();
        assert!(recipient.claim(0).is_err());
        assert_eq!(recipient.claim(7).unwrap(), 7);
        assert!(recipient.claim(7).is_err());
        assert!(recipient.claim(6).is_err());
        assert_eq!(recipient.claim(u64::MAX).unwrap(), u64::MAX - 7);
    }

    #[test]
    fn a_broken_distributor_is_refused() {
        for broken in [
            Distributor { claimed: 1, ..distributor() },
            Distributor { threshold: 0, ..distributor() },
            Distributor { threshold: 4, ..distributor() },
            Distributor { oracle_count: 8, ..distributor() },
            Distributor { pending_epoch: 1, ..distributor() },
            Distributor { active_at: 1, ..distributor() },
            Distributor { epoch: 2, pending_epoch: 2, active_at: 1, ..distributor() },
        ] {
            assert!(broken.invariant().is_err());
        }
    }
}
