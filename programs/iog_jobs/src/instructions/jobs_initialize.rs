use anchor_lang::prelude::*;
use anchor_spl::Mint;

use crate::{
    error::JobsError,
    events::JobsInitialized,
    iog_token,
    making::New,
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
    /// Unchecked: it is made here.
    #[account(mut, seeds = [b"config"], bump)]
    pub config: UncheckedAccount,
    /// Unchecked: it is made here.
    #[account(mut, seeds = [b"fees"], bump)]
    pub fee_vault: UncheckedAccount,
    pub mint: Account<Mint>,
    /// There is only one Config of iog_token, so its type and owner pin it.
    #[account(constraint = token_config.mint == *mint.address() @ JobsError::MintMismatch)]
    pub token_config: Account<iog_token::Config>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

impl JobsInitialize {
    pub fn jobs_initialize(
        &mut self,
        args: &JobsInitializeArgs,
        bumps: &JobsInitializeBumps,
    ) -> Result<()> {
        let config = Config {
            authority: *self.authority.address(),
            pending_authority: Address::default(),
            guardian: args.guardian,
            arbiter: args.arbiter,
            treasury: Address::default(),
            mint: *self.mint.address(),
            fee_vault: *self.fee_vault.address(),
            genesis_hash: args.genesis_hash,
            hour_length: self.token_config.hour_length,
            fee_bps: FEE_BPS,
            burn_bps: 0,
            paused: 0,
            bump: bumps.config,
            reserved: [0; 2],
        };
        let payer = self.payer.account();
        let seeds: &[&[u8]] = &[b"config", &[bumps.config]];
        New { payer, account: &self.config, seeds }.with(&config)?;
        let seeds: &[&[u8]] = &[b"fees", &[bumps.fee_vault]];
        New { payer, account: &self.fee_vault, seeds }
            .tokens(self.mint.account(), self.config.address())?;
        emit!(JobsInitialized {
            authority: config.authority,
            guardian: args.guardian,
            arbiter: args.arbiter,
            mint: config.mint,
            fee_vault: config.fee_vault,
            genesis_hash: args.genesis_hash,
            hour_length: config.hour_length,
            fee_bps: FEE_BPS,
        });
        config.invariant()
    }
}
