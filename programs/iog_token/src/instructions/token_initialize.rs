use anchor_lang::prelude::*;
use anchor_spl::{mint, token, Mint, TokenAccount};

use crate::{events, Config, TokenError, DECIMALS, POOL_VAULT_SEED, REWARDS_VAULT_SEED, WHOLE_BPS};

#[derive(Accounts)]
pub struct TokenInitialize {
    /// Proof that whoever deployed the program sends this.
    #[account(address = crate::ID @ TokenError::WrongProgramKey)]
    pub program_key: Signer,
    /// Pays for the accounts; may be the authority too.
    #[account(unsafe(dup))]
    pub payer: Signer,
    pub authority: Signer,
    #[account(init, payer = payer, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(
        init, payer = payer, seeds = [b"mint"], bump,
        mint::decimals = DECIMALS, mint::authority = config
    )]
    pub mint: Account<Mint>,
    #[account(
        init, payer = payer, seeds = [b"vesting"], bump,
        token::mint = mint, token::authority = config
    )]
    pub vesting_vault: Account<TokenAccount>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

impl TokenInitialize {
    fn validate(&self, hour_length: u32, pool_bps: u16) -> Result<()> {
        require!(hour_length > 0, TokenError::HourLengthZero);
        require!(pool_bps <= WHOLE_BPS, TokenError::ShareAboveWhole);
        Ok(())
    }

    pub fn token_initialize(
        &mut self,
        hour_length: u32,
        pool_bps: u16,
        guardian: Address,
        bumps: &TokenInitializeBumps,
    ) -> Result<()> {
        self.validate(hour_length, pool_bps)?;
        let (_, rewards_vault_bump) =
            find_program_address(&[REWARDS_VAULT_SEED], &iog_ids::REWARDS);
        let (_, pool_vault_bump) = find_program_address(&[POOL_VAULT_SEED], &iog_ids::STAKING);
        *self.config = Config {
            authority: *self.authority.address(),
            pending_authority: Address::default(),
            guardian,
            mint: *self.mint.address(),
            vesting_vault: *self.vesting_vault.address(),
            start: 0,
            minted: 0,
            to_rewards: 0,
            to_pool: 0,
            pool_base: 0,
            allocated: 0,
            hour_length,
            advanced_hour: 0,
            split_from_hour: 0,
            next_split_hour: 0,
            pool_bps,
            next_pool_bps: 0,
            sealed: 0,
            buckets: 0,
            bump: bumps.config,
            mint_bump: bumps.mint,
            vesting_bump: bumps.vesting_vault,
            rewards_vault_bump,
            pool_vault_bump,
            reserved: [0; 5],
        };
        self.config.invariant()?;
        emit!(events::TokenInitialized {
            authority: self.config.authority,
            guardian,
            mint: self.config.mint,
            hour_length,
            pool_bps,
        });
        Ok(())
    }
}
