use anchor_lang::prelude::*;

use crate::{
    error::StakingError,
    events, iog_token,
    making::{read, write, New},
    record::Record,
    state::{Class, Config, MOST_MULTIPLIER, POOL_COMMUNITY},
    vaults,
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
    pub config: Record<Config>,
    /// Unchecked: it is made here unless it is there.
    #[account(mut, seeds = [b"class", slug], bump)]
    pub class: UncheckedAccount,
    pub token_config: Record<iog_token::Config>,
    pub system_program: Program<System>,
}

impl ClassSet {
    fn validate(&self, args: &ClassSetArgs, old: Option<&Class>) -> Result<()> {
        require!(is_slug(&args.slug), StakingError::SlugMalformed);
        require!(
            (1..=MOST_MULTIPLIER).contains(&args.multiplier),
            StakingError::MultiplierOutOfRange
        );
        require!(args.pool <= POOL_COMMUNITY, StakingError::PoolUnknown);
        require!(args.enabled <= 1, StakingError::FlagMalformed);
        require!(old.is_none_or(|class| class.pool == args.pool), StakingError::PoolFixed);
        Ok(())
    }

    pub fn class_set(&mut self, args: &ClassSetArgs, bump: u8) -> Result<()> {
        let account = self.class.account();
        let old = read::<Class>(account)?;
        self.validate(args, old.as_ref())?;
        let class = match old {
            None => {
                let class = new(args, bump);
                let seeds: &[&[u8]] = &[b"class", &args.slug, &[bump]];
                New { payer: self.payer.account(), account, seeds }.with(&class)?;
                class
            }
            Some(mut class) => {
                let (_, hour) = vaults::now(&self.token_config)?;
                class.change(args.multiplier, args.enabled, hour);
                write(account, &class)?;
                class
            }
        };
        emit!(events::ClassSet {
            class: *account.address(),
            slug: class.slug,
            pool: class.pool,
            multiplier: class.multiplier,
            enabled: class.enabled,
            next_multiplier: class.next_multiplier,
            next_enabled: class.next_enabled,
            next_from_hour: class.next_from_hour,
        });
        class.invariant()
    }
}

/// A class that counts at once.
fn new(args: &ClassSetArgs, bump: u8) -> Class {
    Class {
        slug: args.slug,
        multiplier: args.multiplier,
        next_multiplier: args.multiplier,
        next_from_hour: 0,
        pool: args.pool,
        enabled: args.enabled,
        next_enabled: args.enabled,
        bump,
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
