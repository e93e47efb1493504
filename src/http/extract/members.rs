//! A flat object (a JSON body or a query string) as serde sees it, with errors as values: which member, and why. Serde's
//! own errors are texts that do not say where they come from.

use std::fmt::{self, Display};

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use strsim::jaro_winkler;

use super::echo;
use crate::problem::{Code, Problem};

/// How alike a name must be to be offered.
const NEAR: f64 = 0.7;

/// Why an object cannot be read.
#[derive(Debug, PartialEq)]
pub(super) enum MemberError {
    /// A member that does not exist.
    Unknown {
        /// Its name.
        name: String,
        /// The names that do.
        known: &'static [&'static str],
    },
    /// A member that must be there is not.
    Missing(&'static str),
    /// A member is there twice.
    Duplicate(&'static str),
    /// A member has a value that is not allowed.
    Invalid {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// The whole is not what it should be.
    Other(String),
}

/// Where an object came from, for the words of its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Body,
    QueryString,
}

impl Origin {
    fn member(self) -> &'static str {
        match self {
            Self::Body => "field",
            Self::QueryString => "parameter",
        }
    }

    /// The member as the client finds it: a JSON pointer in a body, a name in a query string.
    fn place(self, name: &str) -> String {
        match self {
            Self::Body => format!("/{}", echo(name)),
            Self::QueryString => echo(name),
        }
    }
}

impl MemberError {
    pub(super) fn into_problem(self, origin: Origin) -> Problem {
        let member = origin.member();
        let problem = |detail: String| Problem::new(Code::InvalidRequest, detail);
        match self {
            Self::Unknown { name, known } => unknown(&name, known, origin),
            Self::Missing(name) => problem(format!("the {member} `{}` is missing", origin.place(name))),
            Self::Duplicate(name) => problem(format!("the {member} `{}` is there twice", origin.place(name))),
            Self::Invalid { name, reason } => {
                problem(format!("the {member} `{}` is not valid: {}", origin.place(&name), echo_long(&reason)))
            }
            Self::Other(reason) => problem(echo_long(&reason)),
        }
    }
}

fn unknown(name: &str, known: &[&str], origin: Origin) -> Problem {
    let likeness = |other: &&&str| jaro_winkler(&name.to_lowercase(), other);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|near| likeness(near) >= NEAR);
    let problem =
        Problem::new(Code::InvalidRequest, format!("there is no {} `{}`", origin.member(), origin.place(name)));
    match nearest {
        Some(near) => problem.with_hint(format!("did you mean `{near}`?")).with_suggestions(vec![(*near).to_owned()]),
        None if known.is_empty() => problem.with_hint(format!("there are no {}s here", origin.member())),
        None => problem.with_hint(format!("there are: {}", known.join(", "))),
    }
}

/// The reason that serde gives may repeat a value of any length.
fn echo_long(reason: &str) -> String {
    const MOST: usize = 400;
    match reason.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", reason.get(..end).unwrap_or_default()),
        None => reason.to_owned(),
    }
}

impl Display for MemberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, .. } => write!(f, "unknown `{name}`"),
            Self::Missing(name) => write!(f, "missing `{name}`"),
            Self::Duplicate(name) => write!(f, "duplicate `{name}`"),
            Self::Invalid { name, reason } => write!(f, "`{name}`: {reason}"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for MemberError {}

impl serde::de::Error for MemberError {
    fn custom<T: Display>(reason: T) -> Self {
        Self::Other(reason.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::Unknown { name: field.to_owned(), known: expected }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Duplicate(field)
    }
}

/// The members of an object in their order.
pub(super) struct Members<V> {
    rest: std::vec::IntoIter<(String, V)>,
    current: Option<(String, V)>,
}

impl<V> Members<V> {
    /// Reads the members into a value that says which there are.
    pub(super) fn read<T>(entries: Vec<(String, V)>) -> Result<T, MemberError>
    where
        T: DeserializeOwned,
        V: for<'de> Deserializer<'de>,
    {
        T::deserialize(Self { rest: entries.into_iter(), current: None })
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Members<D> {
    type Error = MemberError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MemberError> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, D: Deserializer<'de>> MapAccess<'de> for Members<D> {
    type Error = MemberError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, MemberError> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        let key = seed.deserialize(serde::de::value::StrDeserializer::new(&name))?;
        self.current = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, MemberError> {
        let Some((name, value)) = self.current.take() else {
            return Err(MemberError::Other("a value was asked for before its name".to_owned()));
        };
        seed.deserialize(value).map_err(|error| MemberError::Invalid { name, reason: error.to_string() })
    }
}
