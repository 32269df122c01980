use anchor_lang::prelude::*;
use iog_runtime::lend;
use pinocchio::cpi::{Seed, Signer as CpiSigner};
use pinocchio_token::instructions::Transfer;

use crate::{events, tokens_of, Distributor, Recipient, RewardsError};

#[derive(Accounts)]
pub struct RewardClaim {
    /// Anyone, the wallet too; pays for the recipient account.
    #[account(unsafe(dup))]
    pub payer: Signer,
    #[account(mut, seeds = [b"distributor"], bump = distributor.bump)]
    pub distributor: Account<Distributor>,
    #[account(init_if_needed, payer = payer, seeds = [b"recipient", wallet.address()], bump)]
    pub recipient: Account<Recipient>,
    /// The wallet that is paid; only its key is read.
    pub wallet: UncheckedAccount,
    /// Pinned by address; the token program checks the rest.
    #[account(mut, address = distributor.vault)]
    pub vault: UncheckedAccount,
    /// The wallet's associated token account; exists.
    #[account(
        mut,
        address = tokens_of(wallet.address(), &distributor.mint) @ RewardsError::WrongDestination
    )]
    pub destination: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

impl RewardClaim {
    fn validate(
        &self,
        expected_root: &[u8; 32],
        cumulative: u64,
        proof: &[[u8; 32]],
    ) -> Result<()> {
        require!(
            self.distributor.epoch != 0 && self.distributor.root == *expected_root,
            RewardsError::StaleRoot
        );
        require!(proof.len() <= iog_merkle::MAX_DEPTH, RewardsError::ProofTooLong);
        let leaf = iog_merkle::leaf(
            self.distributor.address().as_array(),
            self.wallet.address().as_array(),
            cumulative,
        );
        require!(iog_merkle::root(leaf, proof) == self.distributor.root, RewardsError::WrongProof);
        Ok(())
    }

    pub fn reward_claim(
        &mut self,
        expected_root: &[u8; 32],
        cumulative: u64,
        proof: &[[u8; 32]],
        bump: u8,
    ) -> Result<()> {
        self.promote()?;
        self.validate(expected_root, cumulative, proof)?;
        self.recipient.wallet = *self.wallet.address();
        self.recipient.bump = bump;
        let amount = self.recipient.claim(cumulative)?;
        self.distributor.pay(amount)?;
        self.distributor.invariant()?;
        self.transfer(amount)?;
        emit!(events::RewardClaimed {
            wallet: self.recipient.wallet,
            epoch: self.distributor.epoch,
            amount,
            cumulative,
            claimed: self.distributor.claimed,
        });
        Ok(())
    }

    fn promote(&mut self) -> Result<()> {
        // Most claims find no pending root and need not know the time.
        if self.distributor.pending_epoch != 0
            && self.distributor.promote(Clock::get()?.unix_timestamp)
        {
            emit!(events::RootActivated {
                epoch: self.distributor.epoch,
                root: self.distributor.root,
                total: self.distributor.total,
            });
        }
        Ok(())
    }

    fn transfer(&self, amount: u64) -> Result<()> {
        let bump = [self.distributor.bump];
        let seeds = [Seed::from(Distributor::SEED), Seed::from(&bump)];
        let distributor = self.distributor.account();
        lend(distributor, || {
            Transfer::new(self.vault.account(), self.destination.account(), distributor, amount)
                .invoke_signed(&[CpiSigner::from(&seeds)])
        })
    }
}
