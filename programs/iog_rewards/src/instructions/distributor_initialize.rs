use anchor_lang::prelude::*;
use anchor_spl::{token, Mint, TokenAccount};

use crate::{events, iog_token::accounts::Config as TokenConfig, Distributor, RewardsError};

#[derive(Accounts)]
pub struct DistributorInitialize {
    /// Proof that whoever deployed the program sends this.
    #[account(address = crate::ID @ RewardsError::WrongProgramKey)]
    pub program_key: Signer,
    /// Pays for the accounts; may be the authority too.
    #[account(unsafe(dup))]
    pub payer: Signer,
    pub authority: Signer,
    #[account(init, payer = payer, seeds = [b"distributor"], bump)]
    pub distributor: Account<Distributor>,
    #[account(
        init, payer = payer, seeds = [b"vault"], bump,
        token::mint = mint, token::authority = distributor
    )]
    pub vault: Account<TokenAccount>,
    #[account(address = token_config.mint)]
    pub mint: Account<Mint>,
    #[account(seeds = [b"config"], seeds::program = iog_ids::TOKEN, bump = token_config.bump)]
    pub token_config: Account<TokenConfig>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

impl DistributorInitialize {
    pub fn distributor_initialize(
        &mut self,
        guardian: Address,
        threshold: u8,
        oracles: &[Address],
        bump: u8,
    ) -> Result<()> {
        let keys = Distributor::padded(threshold, oracles)?;
        *self.distributor = Distributor {
            authority: *self.authority.address(),
            pending_authority: Address::default(),
            guardian,
            mint: *self.mint.address(),
            vault: *self.vault.address(),
            oracles: keys,
            root: [0; 32],
            pending_root: [0; 32],
            data_hash: [0; 32],
            pending_data_hash: [0; 32],
            total: 0,
            claimed: 0,
            pending_total: 0,
            active_at: 0,
            epoch: 0,
            pending_epoch: 0,
            count: 0,
            pending_count: 0,
            hour_length: self.token_config.hour_length,
            // At most 7, checked with the list.
            oracle_count: oracles.len() as u8,
            threshold,
            paused: 0,
            bump,
        };
        self.distributor.invariant()?;
        emit!(events::DistributorInitialized {
            authority: self.distributor.authority,
            guardian,
            vault: self.distributor.vault,
            threshold,
            oracle_count: self.distributor.oracle_count,
            hour_length: self.distributor.hour_length,
        });
        Ok(())
    }
}
