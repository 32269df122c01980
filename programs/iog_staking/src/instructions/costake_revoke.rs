use anchor_lang::prelude::*;

use super::NodeOwned;
use crate::events::CostakeRevoked;

impl NodeOwned {
    pub fn costake_revoke(&mut self) -> Result<()> {
        let (amount, share_bps) = (self.node.offer_amount, self.node.offer_share_bps);
        self.node.revoke()?;
        emit!(CostakeRevoked { node: *self.node.address(), amount, share_bps });
        self.node.invariant()
    }
}
