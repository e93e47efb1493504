//! What the tests stand on: servers of either stack, and the answer to a part that is not there.

mod database;
mod relay;
mod server;
mod skip;
mod stack;

pub use relay::Relay;
pub use server::{Answer, TestServer};
pub use skip::skipped;
pub use stack::{Stack, unique, variable};
