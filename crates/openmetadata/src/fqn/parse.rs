//! The text of a name taken apart.

use super::limits::MAX_FQN_CHARS;

/// Why a text or a list of parts is no name. Parts count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FqnError {
    /// There is nothing at all.
    #[error("a fully qualified name has at least one part")]
    Empty,
    /// A part is empty: two dots in a row, a dot at an end, or `""`.
    #[error("part {part} of the name is empty")]
    EmptyPart {
        /// Which part.
        part: usize,
    },
    /// A quoted part has no end.
    #[error("part {part} of the name opens a quote that is not closed")]
    UnclosedQuote {
        /// Which part.
        part: usize,
    },
    /// Something stands between the quote that ends a part and the dot after it.
    #[error("part {part} of the name goes on after its closing quote; a quote inside quotes is doubled")]
    TextAfterQuote {
        /// Which part.
        part: usize,
    },
    /// A part that does not begin with a quote holds one.
    #[error("part {part} of the name has a quote in the middle; quote the whole part and double the quote")]
    QuoteInside {
        /// Which part.
        part: usize,
    },
    /// The text is longer than OpenMetadata keeps (`fullyQualifiedEntityName`).
    #[error("the name has {chars} characters; OpenMetadata keeps {MAX_FQN_CHARS}")]
    TooLong {
        /// How many characters it has.
        chars: usize,
    },
    /// The server is older than 1.13.1 and cannot write a quote that is part of a name.
    #[error("part {part} of the name holds a double quote, which OpenMetadata can write since 1.13.1 only")]
    QuoteInName {
        /// Which part.
        part: usize,
    },
}

pub(super) fn check_length(chars: usize) -> Result<(), FqnError> {
    if chars > MAX_FQN_CHARS { Err(FqnError::TooLong { chars }) } else { Ok(()) }
}

/// The raw parts of a text.
pub(super) fn split(text: &str) -> Result<Vec<String>, FqnError> {
    if text.is_empty() {
        return Err(FqnError::Empty);
    }
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let part = parts.len() + 1;
        let (raw, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_part(quoted, part)?,
            None => plain_part(rest, part)?,
        };
        if raw.is_empty() {
            return Err(FqnError::EmptyPart { part });
        }
        parts.push(raw);
        match after {
            Some(after) => rest = after,
            None => return Ok(parts),
        }
    }
}

/// A part without quotes, and what stands after its dot when there is one.
fn plain_part(text: &str, part: usize) -> Result<(String, Option<&str>), FqnError> {
    let (raw, after) = match text.split_once('.') {
        Some((raw, after)) => (raw, Some(after)),
        None => (text, None),
    };
    if raw.contains('"') {
        return Err(FqnError::QuoteInside { part });
    }
    Ok((raw.to_owned(), after))
}

/// A part whose opening quote was read, and what stands after its dot when there is one.
fn quoted_part(text: &str, part: usize) -> Result<(String, Option<&str>), FqnError> {
    let mut raw = String::new();
    let mut rest = text;
    loop {
        let (piece, after) = rest.split_once('"').ok_or(FqnError::UnclosedQuote { part })?;
        raw.push_str(piece);
        match after.strip_prefix('"') {
            Some(after) => {
                raw.push('"');
                rest = after;
            }
            None if after.is_empty() => return Ok((raw, None)),
            None => {
                let after = after.strip_prefix('.').ok_or(FqnError::TextAfterQuote { part })?;
                return Ok((raw, Some(after)));
            }
        }
    }
}
