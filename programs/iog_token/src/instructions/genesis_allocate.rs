use anchor_lang::prelude::*;

use crate::{events, Bucket, Config, TokenError, Vesting, MAX_BUCKETS, WHOLE_BPS};

#[derive(Accounts)]
#[instruction(index: u8)]
pub struct GenesisAllocate {
    #[account(address = config.authority @ TokenError::WrongAuthority)]
    pub authority: Signer,
    /// Pays for the bucket; may be the authority too.
    #[account(unsafe(dup))]
    pub payer: Signer,
    #[account(mut, seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    #[account(init_if_needed, payer = payer, seeds = [b"bucket", &[index]], bump)]
    pub bucket: Account<Bucket>,
    pub system_program: Program<System>,
}

impl GenesisAllocate {
    fn validate(&self, index: u8, vesting: &Vesting) -> Result<()> {
        require!(self.config.sealed == 0, TokenError::GenesisAlreadySealed);
        require!(index < MAX_BUCKETS, TokenError::BucketIndexOutOfRange);
        require!(vesting.launch_bps <= WHOLE_BPS, TokenError::ShareAboveWhole);
        Ok(())
    }

    pub fn genesis_allocate(
        &mut self,
        index: u8,
        amount: u64,
        beneficiary: Address,
        vesting: Vesting,
        bump: u8,
    ) -> Result<()> {
        self.validate(index, &vesting)?;
        // A fresh account is all zeros, and no PDA of this program has the bump 0.
        if self.bucket.bump == 0 {
            self.config.buckets += 1;
        }
        self.config.reallocate(self.bucket.amount, amount)?;
        *self.bucket = Bucket {
            beneficiary,
            amount,
            claimed: 0,
            launch_bps: vesting.launch_bps,
            cliff_months: vesting.cliff_months,
            linear_months: vesting.linear_months,
            index,
            bump,
        };
        self.config.invariant()?;
        emit!(events::GenesisAllocated {
            index,
            amount,
            beneficiary,
            launch_bps: vesting.launch_bps,
            cliff_months: vesting.cliff_months,
            linear_months: vesting.linear_months,
            allocated: self.config.allocated,
        });
        Ok(())
    }
}
