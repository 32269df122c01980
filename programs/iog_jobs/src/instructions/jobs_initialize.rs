use anchor_lang::prelude::*;
use anchor_spl::{token, Mint, TokenAccount};

use crate::{
    error::JobsError,
    events::JobsInitialized,
    iog_token,
    state::{Config, FEE_BPS},
    ID,
};

pub struct JobsInitializeArgs {
    pub genesis_hash: [u8; 32],
    pub guardian: Address,
    pub arbiter: Address,
}

#[derive(Accounts)]
pub struct JobsInitialize {
    /// The program's own id key: whoever deployed it, and nobody else, initializes it.
    #[account(address = ID @ JobsError::WrongProgramKey)]
    pub program_key: Signer,
    /// Pays the rent. May be the authority.
    #[account(unsafe(dup))]
    pub payer: Signer,
    /// Becomes the authority of the config.
    pub authority: Signer,
    #[account(init, payer = payer, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(
        init, payer = payer, seeds = [b"fees"], bump,
        token::mint = mint, token::authority = config
    )]
    pub fee_vault: Account<TokenAccount>,
    pub mint: Account<Mint>,
    /// There is only one Config of iog_token, so its type and owner pin it.
    #[account(constraint = token_config.mint == *mint.address() @ JobsError::MintMismatch)]
    pub token_config: Account<iog_token::Config>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

impl JobsInitialize {
    pub fn jobs_initialize(&mut self, args: &JobsInitializeArgs, bump: u8) -> Result<()> {
        *self.config = Config {
            authority: *self.authority.address(),
            pending_authority: Address::default(),
            guardian: args.guardian,
            arbiter: args.arbiter,
            mint: *self.mint.address(),
            fee_vault: *self.fee_vault.address(),
            genesis_hash: args.genesis_hash,
            hour_length: self.token_config.hour_length,
            fee_bps: FEE_BPS,
            paused: 0,
            bump,
        };
        emit!(JobsInitialized {
            authority: self.config.authority,
            guardian: args.guardian,
            arbiter: args.arbiter,
            mint: self.config.mint,
            fee_vault: self.config.fee_vault,
            genesis_hash: args.genesis_hash,
            hour_length: self.config.hour_length,
            fee_bps: FEE_BPS,
        });
        Ok(())
    }
}
