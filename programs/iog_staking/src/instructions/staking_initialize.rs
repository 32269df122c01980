use anchor_lang::prelude::*;
use anchor_spl::{token, Mint, TokenAccount};

use crate::{error::StakingError, events::StakingInitialized, iog_token, state::Config, ID};

pub struct StakingInitializeArgs {
    pub genesis_hash: [u8; 32],
    pub guardian: Address,
    pub slasher: Address,
    pub arbiter: Address,
}

#[derive(Accounts)]
pub struct StakingInitialize {
    /// The program's own id key: whoever deployed it, and nobody else, initializes it.
    #[account(address = ID @ StakingError::WrongProgramKey)]
    pub program_key: Signer,
    /// Pays the rent. May be the authority.
    #[account(unsafe(dup))]
    pub payer: Signer,
    /// Becomes the authority of the config.
    pub authority: Signer,
    #[account(init, payer = payer, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    pub mint: Account<Mint>,
    /// There is only one Config of iog_token, so its type and owner pin it.
    #[account(constraint = token_config.mint == *mint.address() @ StakingError::MintMismatch)]
    pub token_config: Account<iog_token::Config>,
    #[account(
        init, payer = payer, seeds = [b"stake_vault"], bump,
        token::mint = mint, token::authority = config
    )]
    pub stake_vault: Account<TokenAccount>,
    #[account(
        init, payer = payer, seeds = [b"pool_vault"], bump,
        token::mint = mint, token::authority = config
    )]
    pub pool_vault: Account<TokenAccount>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

impl StakingInitialize {
    pub fn staking_initialize(
        &mut self,
        args: &StakingInitializeArgs,
        bumps: &StakingInitializeBumps,
    ) -> Result<()> {
        *self.config = Config {
            authority: *self.authority.address(),
            pending_authority: Address::default(),
            guardian: args.guardian,
            slasher: args.slasher,
            arbiter: args.arbiter,
            mint: *self.mint.address(),
            stake_vault: *self.stake_vault.address(),
            pool_vault: *self.pool_vault.address(),
            genesis_hash: args.genesis_hash,
            total_staked: 0,
            frozen: 0,
            pool_total: 0,
            pool_unbonding: 0,
            pool_per_share: [0; 16],
            pool_released: 0,
            pool_seen: 0,
            pool_hour: 0,
            hour_length: self.token_config.hour_length,
            bump: bumps.config,
            stake_vault_bump: bumps.stake_vault,
            pool_vault_bump: bumps.pool_vault,
            paused: 0,
            reserved: [0; 4],
        };
        emit!(StakingInitialized {
            authority: self.config.authority,
            guardian: args.guardian,
            slasher: args.slasher,
            arbiter: args.arbiter,
            mint: self.config.mint,
            genesis_hash: args.genesis_hash,
            hour_length: self.config.hour_length,
        });
        Ok(())
    }
}
