//! The names that Trino knows tables, schemas and catalogs by, and how they are printed so that nothing in them can
//! break out of its quotes.

use std::fmt;

use memchr::memchr;

/// `catalog`, `catalog.schema` or `catalog.schema.table`. No part is empty or holds a NUL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrinoName {
    parts: Vec<String>,
}

/// A part of a Trino name that Trino could not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTrinoName {
    /// A delimited identifier of length zero is refused by Trino.
    #[error("the {part} of a Trino name is empty")]
    Empty {
        /// `catalog`, `schema` or `table`.
        part: &'static str,
    },
    /// No connector has a name with a NUL in it, and many libraries end a text there.
    #[error("the {part} of a Trino name holds a NUL character")]
    Nul {
        /// `catalog`, `schema` or `table`.
        part: &'static str,
    },
}

impl TrinoName {
    const PARTS: [&'static str; 3] = ["catalog", "schema", "table"];

    /// The name of a table or view.
    ///
    /// # Errors
    /// [`InvalidTrinoName`] when a part is empty or holds a NUL.
    pub fn table(
        catalog: impl Into<String>,
        schema: impl Into<String>,
        table: impl Into<String>,
    ) -> Result<Self, InvalidTrinoName> {
        Self::checked(vec![catalog.into(), schema.into(), table.into()])
    }

    /// The name of a schema.
    ///
    /// # Errors
    /// [`InvalidTrinoName`] when a part is empty or holds a NUL.
    pub fn schema(catalog: impl Into<String>, schema: impl Into<String>) -> Result<Self, InvalidTrinoName> {
        Self::checked(vec![catalog.into(), schema.into()])
    }

    /// The name of a catalog.
    ///
    /// # Errors
    /// [`InvalidTrinoName`] when it is empty or holds a NUL.
    pub fn catalog(catalog: impl Into<String>) -> Result<Self, InvalidTrinoName> {
        Self::checked(vec![catalog.into()])
    }

    fn checked(parts: Vec<String>) -> Result<Self, InvalidTrinoName> {
        for (part, value) in Self::PARTS.into_iter().zip(&parts) {
            if value.is_empty() {
                return Err(InvalidTrinoName::Empty { part });
            }
            if value.contains('\0') {
                return Err(InvalidTrinoName::Nul { part });
            }
        }
        Ok(Self { parts })
    }

    /// The parts from the catalog on: 1, 2 or 3 of them.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// The same name with `suffix` behind its last part, for the hidden tables of connectors such as
    /// `orders$snapshots`.
    #[must_use]
    pub fn with_suffix(mut self, suffix: &str) -> Self {
        if let Some(last) = self.parts.last_mut() {
            last.push_str(suffix);
        }
        self
    }

    /// The name as Trino writes it in messages: no quotes, points between the parts.
    #[must_use]
    pub fn dotted(&self) -> String {
        self.parts.join(".")
    }

    /// As it is displayed.
    pub(crate) fn delimited(&self) -> String {
        const QUOTES_AND_POINT: usize = 3;
        let mut name = String::with_capacity(self.parts.iter().map(|part| part.len() + QUOTES_AND_POINT).sum());
        for (index, part) in self.parts.iter().enumerate() {
            name.push_str(if index == 0 { "\"" } else { ".\"" });
            match memchr(b'"', part.as_bytes()) {
                None => name.push_str(part),
                Some(_) => name.push_str(&part.replace('"', "\"\"")),
            }
            name.push('"');
        }
        name
    }

    pub(crate) fn last(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }
}

/// Always delimited: `"catalog"."schema"."table"`, a quote inside of a part doubled.
impl fmt::Display for TrinoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.delimited())
    }
}
