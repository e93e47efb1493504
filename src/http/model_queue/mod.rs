//! The model queue over HTTP, for a scheduler of any kind: one operation a file. How a command looks is `view`.

pub(crate) mod ack;
pub(crate) mod ack_claim;
pub(crate) mod claim;
pub(crate) mod list;
pub(crate) mod nack;
pub(crate) mod renew;
pub(crate) mod requeue;
mod view;
