//! Turns single values into what a column can hold, and refuses those that it cannot.

use sea_orm::{ActiveValue, IdenStatic, Set};
use serde::Serialize;

use crate::store::StoreError;

/// The columns of one table, for writing.
#[derive(Clone, Copy)]
pub(super) struct Table(pub(super) &'static str);

impl Table {
    /// Text without U+0000, which PostgreSQL's `text` cannot hold.
    pub(super) fn text(self, column: impl IdenStatic, text: &str) -> Result<ActiveValue<String>, StoreError> {
        self.checked(column, text).map(Set)
    }

    pub(super) fn optional_text(
        self,
        column: impl IdenStatic,
        text: Option<&str>,
    ) -> Result<ActiveValue<Option<String>>, StoreError> {
        text.map(|text| self.checked(column, text)).transpose().map(Set)
    }

    /// A number that is never negative. The databases' integers have a sign, so the upper half of the range is refused.
    pub(super) fn count(self, column: impl IdenStatic, count: u64) -> Result<i64, StoreError> {
        i64::try_from(count).map_err(|_too_large| self.unstorable(column, "a number above 2^63 - 1"))
    }

    pub(super) fn optional_count(
        self,
        column: impl IdenStatic,
        count: Option<u64>,
    ) -> Result<ActiveValue<Option<i64>>, StoreError> {
        count.map(|count| self.count(column, count)).transpose().map(Set)
    }

    /// A value as JSON text. JSON writes U+0000 as an escape, so every string fits.
    pub(super) fn json(self, column: impl IdenStatic, value: &impl Serialize) -> Result<String, StoreError> {
        serde_json::to_string(value).map_err(|_never| self.unstorable(column, "a value that JSON cannot express"))
    }

    /// Refuses U+0000 in a text that the database itself looks into.
    pub(super) fn checked(self, column: impl IdenStatic, text: &str) -> Result<String, StoreError> {
        if text.contains('\0') { Err(self.unstorable(column, "the character U+0000")) } else { Ok(text.to_owned()) }
    }

    pub(super) fn unstorable(self, column: impl IdenStatic, reason: &'static str) -> StoreError {
        StoreError::Unstorable { table: self.0, column: column.as_str(), reason }
    }
}
