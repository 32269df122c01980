use anchor_lang::prelude::*;

use super::NodeOwned;
use crate::{error::StakingError, events::NodeAskSet, state::RETIRED};

impl NodeOwned {
    /// Jobs that are assigned keep the price they were assigned at.
    pub fn node_ask(&mut self, ask: u64) -> Result<()> {
        require!(self.node.state != RETIRED, StakingError::NodeRetired);
        let old = self.node.ask;
        self.node.ask = ask;
        emit!(NodeAskSet { node: *self.node.address(), old, ask });
        self.node.invariant()
    }
}
