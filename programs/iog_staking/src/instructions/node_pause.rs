use anchor_lang::prelude::*;

use super::NodeOwned;
use crate::events::NodePaused;

impl NodeOwned {
    pub fn node_pause(&mut self) -> Result<()> {
        self.node.pause()?;
        emit!(NodePaused { node: *self.node.address(), running: self.node.running });
        self.node.invariant()
    }
}
