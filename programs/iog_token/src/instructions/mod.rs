pub mod authority_accept;
pub mod authority_propose;
pub mod emission_advance;
pub mod emission_start;
// `#[instruction(index)]` binds the argument in functions that do not use it, too.
#[allow(unused_variables)]
pub mod genesis_allocate;
pub mod genesis_seal;
pub mod guardian_set;
pub mod split_cancel;
pub mod split_set;
pub mod token_initialize;
pub mod vesting_claim;

pub use authority_accept::*;
pub use authority_propose::*;
pub use emission_advance::*;
pub use emission_start::*;
pub use genesis_allocate::*;
pub use genesis_seal::*;
pub use guardian_set::*;
pub use split_cancel::*;
pub use split_set::*;
pub use token_initialize::*;
pub use vesting_claim::*;
