//! The model queue: commands are put in by the transaction that finishes their job, claimed by consumers and settled.

mod claim;
mod insert;
mod list;
mod settle;

pub use claim::CommandClaim;
pub(super) use insert::insert_commands;
pub use list::{CommandFilter, CommandPage};
pub use settle::{Nack, Next, Settled};
