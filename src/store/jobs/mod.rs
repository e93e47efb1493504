//! Operations on jobs, one a file.

mod cancel;
mod claim;
mod cursor;
mod delete;
mod expire;
mod insert;
mod lease;
mod list;
mod position;
mod read;
mod transition;

pub use claim::ClaimRequest;
pub use cursor::{Cursor, InvalidCursor};
pub use expire::ExpiredResult;
pub use insert::Inserted;
pub(super) use insert::insert_within;
pub use lease::{Renewal, Renewed};
pub use list::{JobFilter, JobPage, PageRequest};
