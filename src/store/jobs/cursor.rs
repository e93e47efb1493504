//! Where a page of a list ends: an opaque text that carries the place, so that nothing is kept between pages.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::jobs::JobId;

const TIME_BYTES: usize = 8;
const ID_BYTES: usize = 16;
/// Enough to tell a text that was cut or mistyped from one that was not. Nothing is secret: whoever makes a cursor up
/// sees no more than the list would show.
const CHECK_BYTES: usize = 3;

/// The last job of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(super) created: DateTime<Utc>,
    pub(super) id: JobId,
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor of this list; send the `next_cursor` of the page before, or none")]
pub struct InvalidCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(TIME_BYTES + ID_BYTES + CHECK_BYTES);
        bytes.extend_from_slice(&self.created.timestamp_micros().to_be_bytes());
        bytes.extend_from_slice(self.id.0.as_bytes());
        bytes.extend_from_slice(&check_of(&bytes));
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or(InvalidCursor)
    }
}

fn parse(text: &str) -> Option<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (place, check) = bytes.split_at_checked(TIME_BYTES + ID_BYTES)?;
    if check != check_of(place) {
        return None;
    }
    let (time, id) = place.split_first_chunk::<TIME_BYTES>()?;
    Some(Cursor {
        created: DateTime::from_timestamp_micros(i64::from_be_bytes(*time))?,
        id: JobId(Uuid::from_slice(id).ok()?),
    })
}

fn check_of(place: &[u8]) -> [u8; CHECK_BYTES] {
    let [a, b, c, ..] = <[u8; 32]>::from(Sha256::digest(place));
    [a, b, c]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cursor(micros: i64, id: u128) -> Cursor {
        Cursor { created: DateTime::from_timestamp_micros(micros).unwrap(), id: JobId(Uuid::from_u128(id)) }
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back(micros in -62_135_596_800_000_000_i64..253_402_300_799_999_999, id: u128) {
            let cursor = cursor(micros, id);
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn no_other_text_is_a_cursor(text in "\\PC{0,60}") {
            prop_assert_eq!(text.parse::<Cursor>(), Err(InvalidCursor));
        }

        #[test]
        fn a_mistyped_cursor_is_refused(place in 0_usize..36, letter in "[A-Za-z0-9_-]") {
            let text = cursor(1_700_000_000_000_000, 7).to_string();
            let mut mistyped = text.clone();
            mistyped.replace_range(place..=place, &letter);
            prop_assume!(mistyped != text);
            prop_assert_eq!(mistyped.parse::<Cursor>(), Err(InvalidCursor));
        }
    }
}
