use anchor_lang::prelude::*;

use super::NodeOwned;
use crate::events::NodeRetired;

impl NodeOwned {
    pub fn node_retire(&mut self) -> Result<()> {
        self.node.retire()?;
        emit!(NodeRetired { node: *self.node.address(), owner: self.node.owner });
        self.node.invariant()
    }
}
