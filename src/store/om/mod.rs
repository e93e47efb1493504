//! What OpenMetadata said, as rows: answers that are kept (`om_entity`) and changes that it announced (`om_event`). What
//! an answer means and how long it counts is not here.

mod answers;
mod events;

pub use answers::{Answers, StoredAnswer};
pub use events::StoredEvent;
