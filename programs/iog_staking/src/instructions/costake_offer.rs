use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events::CostakeOffered,
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
    pub node: Account<Node>,
    #[account(init_if_needed, payer = owner, seeds = [b"owner", owner.address()], bump)]
    pub owner_record: Account<OwnerRecord>,
    pub system_program: Program<System>,
}

impl CostakeOffer {
    pub fn costake_offer(&mut self, amount: u64, share_bps: u16, bump: u8) -> Result<()> {
        self.node.offer(amount, share_bps)?;
        self.owner_record.owner = *self.owner.address();
        self.owner_record.bump = bump;
        emit!(CostakeOffered {
            node: *self.node.address(),
            owner: self.node.owner,
            amount,
            share_bps,
        });
        self.node.invariant()
    }
}
