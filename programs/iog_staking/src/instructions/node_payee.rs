use anchor_lang::prelude::*;

use super::NodeOwnedHour;
use crate::{error::StakingError, events::NodePayeeSet, vaults};

impl NodeOwnedHour {
    pub fn node_payee(&mut self, payee: Address) -> Result<()> {
        require!(payee != Address::default(), StakingError::PayeeZero);
        let (_, hour) = vaults::now(&self.token_config)?;
        self.node.set_payee(payee, hour)?;
        emit!(NodePayeeSet {
            node: *self.node.address(),
            payee,
            prev_payee: self.node.prev_payee,
            payee_from_hour: self.node.payee_from_hour,
        });
        self.node.invariant()
    }
}
