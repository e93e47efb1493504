//! What OpenMetadata takes for the name of one entity or column. A name beyond that can be spoken of, but cannot exist.

/// The longest text of a fully qualified name (`fullyQualifiedEntityName`), in characters.
pub const MAX_FQN_CHARS: usize = 3072;
/// The longest name of one entity (`entityName`), in characters.
pub const MAX_NAME_CHARS: usize = 256;

/// Why OpenMetadata would not take a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It is empty.
    #[error("the name is empty")]
    Empty,
    /// It is too long.
    #[error("the name has {chars} characters; OpenMetadata takes {MAX_NAME_CHARS}")]
    TooLong {
        /// How many characters it has.
        chars: usize,
    },
    /// It holds `::`, which separates the pieces of OpenMetadata's entity links.
    #[error("the name holds `::`, which OpenMetadata keeps for itself")]
    DoubleColon,
    /// It holds the end of a line.
    #[error("the name holds a line break")]
    LineBreak,
}

/// Checks the name of an entity: 1 to 256 characters, no `::`, in one line (`entityName`). [`super::encode_reserved`]
/// makes the last two of these true.
///
/// # Errors
/// [`NameError`], for what is wrong first.
pub fn check_entity_name(raw_name: &str) -> Result<(), NameError> {
    let chars = raw_name.chars().count();
    if chars > MAX_NAME_CHARS {
        return Err(NameError::TooLong { chars });
    }
    check_column_name(raw_name)
}

/// Checks the name of a column: as that of an entity, but of any length, as since 1.13 (`columnName`).
///
/// # Errors
/// [`NameError`], for what is wrong first.
pub fn check_column_name(raw_name: &str) -> Result<(), NameError> {
    match raw_name {
        "" => Err(NameError::Empty),
        name if name.contains("::") => Err(NameError::DoubleColon),
        name if name.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) => Err(NameError::LineBreak),
        _ => Ok(()),
    }
}
