//! What OpenMetadata itself calls.

pub(crate) mod events;
