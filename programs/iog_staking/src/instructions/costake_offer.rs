use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::CostakeOffered,
    making::New,
    record::Record,
    state::{Node, OwnerRecord},
};

#[derive(Accounts)]
pub struct CostakeOffer {
    /// Pays the rent of its record.
    #[account(mut)]
    pub owner: Signer,
    #[account(
        mut,
        constraint = node.owner == *owner.address() @ StakingError::NotOwner
    )]
    pub node: Record<Node>,
    /// Unchecked: it is made here unless it is there.
    #[account(mut, seeds = [b"owner", owner.address()], bump)]
    pub owner_record: UncheckedAccount,
    pub system_program: Program<System>,
}

impl CostakeOffer {
    pub fn costake_offer(&mut self, amount: u64, share_bps: u16, bump: u8) -> Result<()> {
        self.node.offer(amount, share_bps)?;
        let account = self.owner_record.account();
        if account.is_data_empty() {
            let owner = *self.owner.address();
            let seeds: &[&[u8]] = &[b"owner", owner.as_array(), &[bump]];
            New { payer: self.owner.account(), account, seeds }.with(&OwnerRecord {
                owner,
                costakes: 0,
                bump,
            })?;
        }
        emit!(CostakeOffered {
            node: *self.node.address(),
            owner: self.node.owner,
            amount,
            share_bps,
        });
        self.node.invariant()
    }
}
