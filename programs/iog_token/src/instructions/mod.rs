pub mod emission_advance;
pub mod emission_start;
// `#[instruction(index)]` binds the argument in functions that do not use it, too.
#[allow(unused_variables)]
pub mod genesis_allocate;
pub mod genesis_seal;
pub mod token_initialize;
pub mod vesting_claim;

pub use emission_advance::*;
pub use emission_start::*;
pub use genesis_allocate::*;
pub use genesis_seal::*;
pub use token_initialize::*;
pub use vesting_claim::*;
