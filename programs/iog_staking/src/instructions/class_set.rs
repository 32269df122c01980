use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events, iog_token,
    state::{Class, Config, MOST_MULTIPLIER, POOL_COMMUNITY},
};

pub struct ClassSetArgs {
    pub slug: [u8; 16],
    /// Thousandths.
    pub multiplier: u32,
    pub pool: u8,
    pub enabled: u8,
}

#[derive(Accounts)]
#[instruction(slug: [u8; 16])]
pub struct ClassSet {
    pub authority: Signer,
    /// Pays the rent. May be the authority.
    #[account(unsafe(dup))]
    pub payer: Signer,
    #[account(
        seeds = [b"config"], bump = config.bump,
        constraint = config.authority == *authority.address() @ StakingError::NotAuthority
    )]
    pub config: Account<Config>,
    #[account(init_if_needed, payer = payer, seeds = [b"class", slug], bump)]
    pub class: Account<Class>,
    pub token_config: Account<iog_token::Config>,
    pub system_program: Program<System>,
}

impl ClassSet {
    fn validate(&self, args: &ClassSetArgs) -> Result<()> {
        require!(is_slug(&args.slug), StakingError::SlugMalformed);
        require!(
            (1..=MOST_MULTIPLIER).contains(&args.multiplier),
            StakingError::MultiplierOutOfRange
        );
        require!(args.pool <= POOL_COMMUNITY, StakingError::PoolUnknown);
        require!(args.enabled <= 1, StakingError::FlagMalformed);
        require!(self.class.is_new() || self.class.pool == args.pool, StakingError::PoolFixed);
        Ok(())
    }

    pub fn class_set(&mut self, args: &ClassSetArgs, bump: u8) -> Result<()> {
        self.validate(args)?;
        if self.class.is_new() {
            *self.class = Class {
                slug: args.slug,
                multiplier: args.multiplier,
                next_multiplier: args.multiplier,
                next_from_hour: 0,
                pool: args.pool,
                enabled: args.enabled,
                next_enabled: args.enabled,
                bump,
            };
        } else {
            let now = Clock::get()?.unix_timestamp;
            let token = &self.token_config;
            let hour = iog_math::hour_now(token.start, token.hour_length, now);
            self.class.change(args.multiplier, args.enabled, hour);
        }
        emit!(events::ClassSet {
            class: *self.class.address(),
            slug: self.class.slug,
            pool: self.class.pool,
            multiplier: self.class.multiplier,
            enabled: self.class.enabled,
            next_multiplier: self.class.next_multiplier,
            next_enabled: self.class.next_enabled,
            next_from_hour: self.class.next_from_hour,
        });
        self.class.invariant()
    }
}

/// Whether these are 1 to 16 of a-z, 0-9 and -, then zeros to the end.
pub fn is_slug(slug: &[u8; 16]) -> bool {
    let length = slug.iter().position(|byte| *byte == 0).unwrap_or(slug.len());
    let (name, rest) = slug.split_at(length);
    length > 0
        && rest.iter().all(|byte| *byte == 0)
        && name.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}
