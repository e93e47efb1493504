//! The model queue for those who work it off: claim commands, keep hold of them, say what became of them, look at them.

mod claim;
mod list;
mod settle;

pub use claim::{ClaimCommands, Looks};
pub use list::ListCommands;
pub use settle::{NackCommand, Returned};

/// A command that was tried so often is given up. With the waits of the built-in scheduler, which grow to an hour, that is
/// more than half a day.
const MAX_ATTEMPTS: u32 = 20;
/// The payloads of one claim are held in memory and sent at once: no more commands than fit, and always the first.
const MAX_CLAIM_BYTES: u64 = 4 << 20;
