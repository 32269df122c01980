use anchor_lang::prelude::*;

use super::NodeOwnedHour;
use crate::{events::NodeResumed, vaults};

impl NodeOwnedHour {
    pub fn node_resume(&mut self) -> Result<()> {
        let (_, hour) = vaults::now(&self.token_config)?;
        self.node.resume(hour)?;
        emit!(NodeResumed {
            node: *self.node.address(),
            active_from_hour: self.node.active_from_hour,
        });
        self.node.invariant()
    }
}
