use anchor_lang::prelude::*;

use crate::{events::NodeReleased, record::Record, state::Node};

#[derive(Accounts)]
pub struct NodeRelease {
    /// The config of iog_jobs: only that program can sign for it.
    #[account(seeds = [b"config"], bump, seeds::program = iog_ids::JOBS)]
    pub jobs_signer: Signer,
    #[account(mut)]
    pub node: Record<Node>,
}

impl NodeRelease {
    pub fn node_release(&mut self, gpus: u16) -> Result<()> {
        self.node.release(gpus)?;
        emit!(NodeReleased {
            node: *self.node.address(),
            gpus,
            busy: self.node.busy,
            running: self.node.running,
        });
        self.node.invariant()
    }
}
