use anchor_lang::prelude::*;
use anchor_spl::Mint;
use bytemuck::Zeroable;

use crate::{
    error::StakingError, events::StakingInitialized, iog_token, making::New, record::Record,
    state::Config, ID,
};

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
    /// Unchecked, like the vaults: made here.
    #[account(mut, seeds = [b"config"], bump)]
    pub config: UncheckedAccount,
    pub mint: Account<Mint>,
    /// There is only one Config of iog_token, so its type and owner pin it.
    #[account(constraint = token_config.mint == *mint.address() @ StakingError::MintMismatch)]
    pub token_config: Record<iog_token::Config>,
    #[account(mut, seeds = [b"stake_vault"], bump)]
    pub stake_vault: UncheckedAccount,
    #[account(mut, seeds = [b"pool_vault"], bump)]
    pub pool_vault: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

impl StakingInitialize {
    pub fn staking_initialize(
        &mut self,
        args: &StakingInitializeArgs,
        bumps: &StakingInitializeBumps,
    ) -> Result<()> {
        let config = Config {
            authority: *self.authority.address(),
            guardian: args.guardian,
            slasher: args.slasher,
            arbiter: args.arbiter,
            mint: *self.mint.address(),
            stake_vault: *self.stake_vault.address(),
            pool_vault: *self.pool_vault.address(),
            genesis_hash: args.genesis_hash,
            hour_length: self.token_config.hour_length,
            bump: bumps.config,
            stake_vault_bump: bumps.stake_vault,
            pool_vault_bump: bumps.pool_vault,
            ..Config::zeroed()
        };
        self.make(&config)?;
        emit!(StakingInitialized {
            authority: config.authority,
            guardian: args.guardian,
            slasher: args.slasher,
            arbiter: args.arbiter,
            mint: config.mint,
            genesis_hash: args.genesis_hash,
            hour_length: config.hour_length,
        });
        Ok(())
    }

    fn make(&self, config: &Config) -> Result<()> {
        let (payer, mint) = (self.payer.account(), self.mint.account());
        let account = self.config.account();
        let seeds: &[&[u8]] = &[b"config", &[config.bump]];
        New { payer, account, seeds }.with(config)?;
        for (vault, name, bump) in [
            (&self.stake_vault, b"stake_vault".as_slice(), config.stake_vault_bump),
            (&self.pool_vault, b"pool_vault".as_slice(), config.pool_vault_bump),
        ] {
            let seeds: &[&[u8]] = &[name, &[bump]];
            New { payer, account: vault.account(), seeds }.tokens(mint, account.address())?;
        }
        Ok(())
    }
}
