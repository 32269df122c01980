//! Calls to iog_staking, signed by the config of this program.
//!
//! Built by hand: Anchor's generic caller collects accounts in vectors, which costs more and is
//! more than LLVM can compile for this machine.

use anchor_lang::{prelude::*, unchecked_invoke_signed_fixed};
use pinocchio::instruction::InstructionAccount;

use crate::{
    iog_staking::{self, instruction},
    state::Config,
};

/// Takes `gpus` GPUs of the node.
pub fn hold(config: &Account<Config>, node: &mut Account<iog_staking::Node>, gpus: u16) {
    call(instruction::NodeHold::DISCRIMINATOR, config, node, gpus);
}

/// Gives `gpus` GPUs of the node back.
pub fn release(config: &Account<Config>, node: &mut Account<iog_staking::Node>, gpus: u16) {
    call(instruction::NodeRelease::DISCRIMINATOR, config, node, gpus);
}

/// Multiplier of a class in this hour, thousandths: the announced one once it is due.
pub fn multiplier_at(class: &iog_staking::Class, hour: u32) -> u32 {
    let due = class.next_from_hour != 0 && hour >= class.next_from_hour;
    if due {
        class.next_multiplier
    } else {
        class.multiplier
    }
}

/// A refusal by iog_staking ends the transaction.
#[inline(never)]
fn call(
    discriminator: &'static [u8],
    config: &Account<Config>,
    node: &mut Account<iog_staking::Node>,
    gpus: u16,
) {
    let mut data = [0; 10];
    data[..8].copy_from_slice(discriminator);
    data[8..].copy_from_slice(&gpus.to_le_bytes());
    let (signer, node) = (config.cpi_handle(), node.cpi_handle_mut());
    let accounts = [
        InstructionAccount::readonly_signer(signer.address()),
        InstructionAccount::writable(node.address()),
    ];
    let bump = [config.bump];
    unchecked_invoke_signed_fixed(
        &iog_staking::ID,
        &data,
        &accounts,
        &[signer, node.into()],
        &[&[b"config", &bump]],
    );
}
