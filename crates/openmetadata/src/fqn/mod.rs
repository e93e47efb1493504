//! OpenMetadata's fully qualified names: the type, its text, and the relations between names.
//!
//! A part is kept raw, as the entity's own name is, and is quoted only in the text. What a name means (which part is a
//! database, whether it is a file) is not known here: only OpenMetadata says.

mod hash;
mod limits;
mod parse;
mod reserved;

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use limits::{MAX_FQN_CHARS, MAX_NAME_CHARS, NameError, check_column_name, check_entity_name};
pub use parse::FqnError;
pub use reserved::{decode_reserved, encode_reserved};

/// How a server reads and writes quoted parts. The two were compared in the lexers that OpenMetadata ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grammar {
    /// Up to 1.13.0: a part is quoted when it holds a dot, and no part can hold a quote.
    A,
    /// Since 1.13.1: a part is quoted when it holds a dot or a quote, and a quote inside is doubled.
    B,
}

impl Grammar {
    /// Whether a server with this grammar can have an entity of this raw name.
    #[must_use]
    pub fn represents(self, raw_name: &str) -> bool {
        self == Self::B || !raw_name.contains('"')
    }
}

/// A fully qualified name: one part or more, none of them empty, each as the entity's own name is.
///
/// Only [`Fqn::parse`] and [`Fqn::from_raw_parts`] make one, so a part is never quoted twice or by half. Names compare
/// exactly, as OpenMetadata looks them up by a hash of the text.
///
/// ```
/// use warren_openmetadata::Fqn;
///
/// let name = Fqn::parse(r#"pg."Sales DB".public."t.1""#)?;
/// assert_eq!(name.parts(), ["pg", "Sales DB", "public", "t.1"]);
/// assert_eq!(name.to_string(), r#"pg.Sales DB.public."t.1""#);
/// # Ok::<(), warren_openmetadata::FqnError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fqn {
    parts: Vec<String>,
}

impl Fqn {
    /// Reads the text of a name. Grammar B is read, which takes everything that grammar A does.
    ///
    /// # Errors
    /// [`FqnError`]: an empty part, a quote that is not closed or stands in the middle, or a text that is too long.
    pub fn parse(text: &str) -> Result<Self, FqnError> {
        parse::check_length(text.chars().count())?;
        Ok(Self { parts: parse::split(text)? })
    }

    /// Makes a name of parts that are no text of a name: a quote in one of them is part of the entity's name.
    ///
    /// # Errors
    /// [`FqnError::Empty`], [`FqnError::EmptyPart`] and [`FqnError::TooLong`].
    pub fn from_raw_parts<I>(parts: I) -> Result<Self, FqnError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let parts: Vec<String> = parts.into_iter().map(Into::into).collect();
        if parts.is_empty() {
            return Err(FqnError::Empty);
        }
        if let Some(index) = parts.iter().position(String::is_empty) {
            return Err(FqnError::EmptyPart { part: index + 1 });
        }
        let name = Self { parts };
        parse::check_length(name.to_string().chars().count())?;
        Ok(name)
    }

    /// The parts, raw. There is at least one.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.parts
    }

    /// The first part: the service of everything that has one.
    #[must_use]
    pub fn service(&self) -> &str {
        self.parts.first().map_or("", String::as_str)
    }

    /// The last part: the entity's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.parts.last().map_or("", String::as_str)
    }

    /// The name of what this one is in; `None` for a single part.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        match self.parts.split_last() {
            Some((_, rest)) if !rest.is_empty() => Some(Self { parts: rest.to_vec() }),
            _ => None,
        }
    }

    /// The name of something in this one.
    ///
    /// # Errors
    /// [`FqnError::EmptyPart`] and [`FqnError::TooLong`].
    pub fn child(&self, raw_name: &str) -> Result<Self, FqnError> {
        Self::from_raw_parts(self.parts.iter().map(String::as_str).chain([raw_name]))
    }

    /// Whether this is `ancestor` or lies below it, part by part: `a.bc` does not lie below `a.b`.
    #[must_use]
    pub fn starts_with(&self, ancestor: &Self) -> bool {
        self.parts.starts_with(&ancestor.parts)
    }

    /// The path of a column in its table or container: `addr`, `street` for `svc.db.sch.t.addr.street` in
    /// `svc.db.sch.t`. `None` when this is no name below `owner`.
    #[must_use]
    pub fn column_in(&self, owner: &Self) -> Option<&[String]> {
        self.parts.strip_prefix(owner.parts.as_slice()).filter(|path| !path.is_empty())
    }

    /// Table and column path of a name of five parts or more, when it is the name of a table's column. A container can
    /// have as many parts.
    #[must_use]
    pub fn table_and_column(&self) -> Option<(Self, &[String])> {
        let (table, column) = self.parts.split_at_checked(4).filter(|(_, column)| !column.is_empty())?;
        Some((Self { parts: table.to_vec() }, column))
    }

    /// The text as a server with `grammar` knows it.
    ///
    /// # Errors
    /// [`FqnError::QuoteInName`] when a part holds a quote and the grammar cannot write that.
    pub fn text(&self, grammar: Grammar) -> Result<String, FqnError> {
        match self.parts.iter().position(|part| !grammar.represents(part)) {
            Some(index) => Err(FqnError::QuoteInName { part: index + 1 }),
            None => Ok(self.to_string()),
        }
    }

    /// Whether every server can have this name: no part holds a quote.
    #[must_use]
    pub fn is_universal(&self) -> bool {
        self.parts.iter().all(|part| Grammar::A.represents(part))
    }
}

/// The canonical text: a part is quoted only where it has to be.
impl fmt::Display for Fqn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_char('.')?;
            }
            write_part(f, part)?;
        }
        Ok(())
    }
}

/// One raw part as it stands in the text of a name.
fn write_part(f: &mut impl fmt::Write, raw: &str) -> fmt::Result {
    if !raw.contains(['.', '"']) {
        return f.write_str(raw);
    }
    f.write_char('"')?;
    for (index, piece) in raw.split('"').enumerate() {
        if index > 0 {
            f.write_str("\"\"")?;
        }
        f.write_str(piece)?;
    }
    f.write_char('"')
}

impl FromStr for Fqn {
    type Err = FqnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for Fqn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fqn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
