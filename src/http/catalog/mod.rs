//! The catalogue for people, one operation a file.

mod name;
pub(super) mod search;
pub(super) mod table;
