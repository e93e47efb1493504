//! Reads single columns of one row, and names the column that cannot be read.

use chrono::{DateTime, Utc};
use sea_orm::{IdenStatic, QueryResult, TryGetable};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::store::StoreError;

/// One row of one table.
pub(super) struct Reader<'r> {
    table: &'static str,
    key: String,
    row: &'r QueryResult,
}

impl<'r> Reader<'r> {
    /// A row whose primary key is a UUID.
    pub(super) fn by_uuid(table: &'static str, key: impl IdenStatic, row: &'r QueryResult) -> Result<Self, StoreError> {
        let unnamed = Self { table, key: "unknown".to_owned(), row };
        let key = unnamed.uuid(key)?;
        Ok(Self { key: key.to_string(), ..unnamed })
    }

    /// A row whose primary key is something else.
    pub(super) fn by<K: TryGetable + ToString>(
        table: &'static str,
        key: impl IdenStatic,
        row: &'r QueryResult,
    ) -> Result<Self, StoreError> {
        let unnamed = Self { table, key: "unknown".to_owned(), row };
        let key: K = unnamed.get(key)?;
        Ok(Self { key: key.to_string(), ..unnamed })
    }

    /// A column as the driver reads it.
    pub(super) fn get<T: TryGetable>(&self, column: impl IdenStatic) -> Result<T, StoreError> {
        self.row.try_get("", column.as_str()).map_err(|_unreadable| self.corrupt(column))
    }

    pub(super) fn text(&self, column: impl IdenStatic) -> Result<String, StoreError> {
        self.get(column)
    }

    pub(super) fn optional_text(&self, column: impl IdenStatic) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    pub(super) fn time(&self, column: impl IdenStatic) -> Result<DateTime<Utc>, StoreError> {
        self.get(column)
    }

    pub(super) fn optional_time(&self, column: impl IdenStatic) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.get(column)
    }

    /// An id, which SQLite keeps as text.
    pub(super) fn uuid(&self, column: impl IdenStatic) -> Result<Uuid, StoreError> {
        if self.row.try_as_sqlite_row().is_none() {
            return self.get(column);
        }
        Uuid::parse_str(&self.text(column)?).map_err(|_unreadable| self.corrupt(column))
    }

    pub(super) fn optional_uuid(&self, column: impl IdenStatic) -> Result<Option<Uuid>, StoreError> {
        if self.row.try_as_sqlite_row().is_none() {
            return self.get(column);
        }
        let text = self.optional_text(column)?;
        text.map(|text| Uuid::parse_str(&text).map_err(|_unreadable| self.corrupt(column))).transpose()
    }

    /// A number that is never negative.
    pub(super) fn count(&self, column: impl IdenStatic) -> Result<u64, StoreError> {
        self.optional_count(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub(super) fn optional_count(&self, column: impl IdenStatic) -> Result<Option<u64>, StoreError> {
        let number: Option<i64> = self.get(column)?;
        number.map(|number| u64::try_from(number).map_err(|_negative| self.corrupt(column))).transpose()
    }

    /// JSON that is kept as text.
    pub(super) fn json<T: DeserializeOwned>(&self, column: impl IdenStatic) -> Result<T, StoreError> {
        self.optional_json(column)?.ok_or_else(|| self.corrupt(column))
    }

    pub(super) fn optional_json<T: DeserializeOwned>(&self, column: impl IdenStatic) -> Result<Option<T>, StoreError> {
        let text = self.optional_text(column)?;
        text.map(|text| serde_json::from_str(&text).map_err(|_unreadable| self.corrupt(column))).transpose()
    }

    /// A word or another form that has a parser.
    pub(super) fn parsed<T>(&self, column: impl IdenStatic, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
        parse(&self.text(column)?).ok_or_else(|| self.corrupt(column))
    }

    /// What must be there in this row.
    pub(super) fn present<T>(&self, column: impl IdenStatic, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.corrupt(column))
    }

    /// What must not be there in this row.
    pub(super) fn absent<T>(&self, column: impl IdenStatic, value: Option<&T>) -> Result<(), StoreError> {
        if value.is_some() { Err(self.corrupt(column)) } else { Ok(()) }
    }

    pub(super) fn corrupt(&self, column: impl IdenStatic) -> StoreError {
        StoreError::Corrupt { table: self.table, row: self.key.clone(), column: column.as_str() }
    }
}
