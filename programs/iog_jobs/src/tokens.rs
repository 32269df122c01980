//! Calls to the token program, and the address of a wallet's tokens.
//!
//! The Job that signs for its vault is being changed, and an account under change cannot be named
//! by pinocchio-token's own calls; Anchor's handles can, and cost the same.

use anchor_lang::{prelude::*, unchecked_invoke_signed_fixed};
use pinocchio::instruction::InstructionAccount;
use pinocchio_token::instructions;

/// The associated token account of a wallet. Anchor's search hashes here instead of asking the
/// runtime, at a fifth of the cost.
#[inline(never)]
pub fn associated(wallet: &Address, mint: &Address) -> Address {
    let seeds = [wallet.as_array().as_slice(), pinocchio_token::ID.as_array(), mint.as_array()];
    find_program_address(&seeds, &anchor_spl::associated_token::ID).0
}

/// Token accounts and who signs for the first.
pub struct Call<'a> {
    pub from: CpiHandleMut<'a>,
    pub to: CpiHandleMut<'a>,
    pub authority: CpiHandle<'a>,
    /// Seeds of the authority; empty when it signed the transaction.
    pub seeds: &'a [&'a [&'a [u8]]],
}

impl Call<'_> {
    /// Moves `amount`; zero moves nothing and calls nothing.
    pub fn transfer(self, amount: u64) {
        self.amount(instructions::Transfer::DISCRIMINATOR, amount);
    }

    /// Burns `amount` of the first account's; the second is the mint.
    pub fn burn(self, amount: u64) {
        self.amount(instructions::Burn::DISCRIMINATOR, amount);
    }

    /// Closes the first account, which is empty; its rent goes to the second.
    pub fn close(self) {
        self.invoke(&[instructions::CloseAccount::DISCRIMINATOR]);
    }

    fn amount(self, discriminator: u8, amount: u64) {
        if amount == 0 {
            return;
        }
        let mut data = [discriminator; 9];
        data[1..].copy_from_slice(&amount.to_le_bytes());
        self.invoke(&data);
    }

    /// A refusal by the token program ends the transaction.
    #[inline(never)]
    fn invoke(self, data: &[u8]) {
        let accounts = [
            InstructionAccount::writable(self.from.address()),
            InstructionAccount::writable(self.to.address()),
            InstructionAccount::readonly_signer(self.authority.address()),
        ];
        let handles = [self.from.into(), self.to.into(), self.authority];
        unchecked_invoke_signed_fixed(&pinocchio_token::ID, data, &accounts, &handles, self.seeds);
    }
}
