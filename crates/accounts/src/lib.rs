//! How the large programs read and make accounts: as Anchor does, but compiled once a program
//! instead of once an instruction.

mod making;
mod record;

pub use making::{read, write, New};
pub use record::Record;
