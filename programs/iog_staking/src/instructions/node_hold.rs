use anchor_lang::prelude::*;

use crate::{events::NodeHeld, record::Record, state::Node};

#[derive(Accounts)]
pub struct NodeHold {
    /// The config of iog_jobs: only that program can sign for it.
    #[account(seeds = [b"config"], bump, seeds::program = iog_ids::JOBS)]
    pub jobs_signer: Signer,
    #[account(mut)]
    pub node: Record<Node>,
}

impl NodeHold {
    pub fn node_hold(&mut self, gpus: u16) -> Result<()> {
        self.node.hold(gpus)?;
        emit!(NodeHeld {
            node: *self.node.address(),
            gpus,
            busy: self.node.busy,
            running: self.node.running,
        });
        self.node.invariant()
    }
}
