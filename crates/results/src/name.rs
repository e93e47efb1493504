//! The name of a result: a validated relative path. Where that path lies is the store's business.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest name in bytes. Object stores allow keys of 1024 bytes; the prefix and the file name need room too.
const MAX_NAME_BYTES: usize = 512;
/// The longest segment in bytes, well below the 255 that file systems allow.
const MAX_SEGMENT_BYTES: usize = 128;

/// Where a result lies below the root of its store, for example `2026/11/<job>/a1`.
///
/// Segments are separated by `/` and hold ASCII letters, digits, `.`, `_`, `-` and `=`; none begins with a dot, so that
/// a name can neither leave the store nor collide with the store's own files.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResultName(String);

/// Why a text is not the name of a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The name has no bytes, or more than 512.
    #[error("a result name has 1 to {MAX_NAME_BYTES} bytes, this one has {bytes}")]
    Length {
        /// Bytes of the refused name.
        bytes: usize,
    },
    /// A segment is empty, too long, begins with a dot or holds a character that is not allowed.
    #[error(
        "segment {segment:?} of the result name is not allowed: use 1 to {MAX_SEGMENT_BYTES} of the characters \
         A-Z a-z 0-9 . _ - = and no dot in front"
    )]
    Segment {
        /// The refused segment.
        segment: String,
    },
}

impl ResultName {
    /// Checks `text` and makes it a name.
    ///
    /// # Errors
    ///
    /// [`NameError`] says which rule the text breaks.
    pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        if text.is_empty() || text.len() > MAX_NAME_BYTES {
            return Err(NameError::Length { bytes: text.len() });
        }
        match text.split('/').find(|segment| !is_segment(segment)) {
            Some(segment) => Err(NameError::Segment { segment: segment.to_owned() }),
            None => Ok(Self(text)),
        }
    }

    /// The path as text, without a leading or trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `text` can be one segment of a name.
pub(crate) fn is_segment(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'=');
    (1..=MAX_SEGMENT_BYTES).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(allowed)
}

impl fmt::Display for ResultName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for ResultName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl TryFrom<String> for ResultName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl From<ResultName> for String {
    fn from(name: ResultName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_the_store() {
        for good in ["a", "2026/11/018f-77/a1", "day=2026-11-23/x_1.y"] {
            assert_eq!(ResultName::new(good).map(String::from), Ok(good.to_owned()));
        }
        for bad in ["", "/a", "a/", "a//b", "..", "a/../b", ".hidden", "a/.x", "a\\b", "a b", "ä", "a/%2e%2e", "a\0"] {
            assert!(ResultName::new(bad).is_err(), "{bad:?} was accepted");
        }
        assert_eq!(ResultName::new("a".repeat(513)), Err(NameError::Length { bytes: 513 }));
        assert!(ResultName::new("a".repeat(129)).is_err());
    }

    #[test]
    fn a_stored_name_is_checked_again() {
        assert!(serde_json::from_str::<ResultName>("\"a/b\"").is_ok());
        assert!(serde_json::from_str::<ResultName>("\"../b\"").is_err());
    }
}
