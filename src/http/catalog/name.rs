//! The FQN that a path names: one segment, percent-encoded.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::percent_decode_str;

use crate::catalog::{Fqn, FqnError};
use crate::http::problem::ApiError;
use crate::problem::{Code, Position, Problem};

/// The table or file that the path names.
#[derive(Clone, Debug)]
pub(crate) struct FqnPath(pub(super) Fqn);

impl FromRequest for FqnPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.match_info().get("fqn").unwrap_or_default()).map(Self).map_err(ApiError::from))
    }
}

/// Reads a segment. The router has left what stands for `/`, `%` and `+` as it was sent.
fn read(segment: &str) -> Result<Fqn, Problem> {
    let text = percent_decode_str(segment).decode_utf8();
    let text = text.map_err(|_not_utf8| Problem::new(Code::InvalidRequest, "the name in the path is not UTF-8"))?;
    Fqn::parse(&text).map_err(|error| {
        Problem::new(Code::InvalidRequest, error.to_string())
            .with_hint("put a part with a dot or a quote into double quotes, and double the quotes in it")
            .at(position(&text, error))
    })
}

/// Where a name is wrong: from the part that is wrong to the end.
fn position(text: &str, error: FqnError) -> Position {
    let start = match error {
        FqnError::EmptyPart { part }
        | FqnError::UnclosedQuote { part }
        | FqnError::TextAfterQuote { part }
        | FqnError::QuoteInside { part }
        | FqnError::QuoteInName { part } => start_of_part(text, part),
        FqnError::Empty | FqnError::TooLong { .. } => 0,
    };
    let number = |chars: usize| u32::try_from(chars).unwrap_or(u32::MAX);
    let length = text.chars().count().saturating_sub(start);
    Position { line: 1, column: number(start + 1), offset: number(start), length: number(length) }
}

/// Where a part begins, in characters. The parts before it are well formed.
fn start_of_part(text: &str, number: usize) -> usize {
    let (mut part, mut in_quotes) = (1, false);
    for (at, character) in text.chars().enumerate() {
        if part == number {
            return at;
        }
        match character {
            '"' => in_quotes = !in_quotes,
            '.' if !in_quotes => part += 1,
            _ => {}
        }
    }
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_names() {
        fn check(segment: &str, expect: &[&str]) {
            assert_eq!(read(segment).unwrap().parts(), expect, "{segment}");
        }
        check("pg.sales.public.orders", &["pg", "sales", "public", "orders"]);
        check("s3.lake.%22dir%2Fa.csv%22", &["s3", "lake", "dir/a.csv"]);
        check("a.%2525", &["a", "%25"]);
        check("a.b+c", &["a", "b+c"]);
        check("%ED%95%9C.%22a%22%22b%22", &["한", "a\"b"]);
    }

    #[test]
    fn what_is_no_name_is_refused_where_it_is_wrong() {
        fn check(segment: &str, offset: u32, length: u32) {
            let problem = read(segment).unwrap_err();
            let position = problem.position.unwrap();
            assert_eq!(problem.code, "INVALID_REQUEST");
            assert_eq!((position.line, position.column), (1, offset + 1), "{segment}");
            assert_eq!((position.offset, position.length), (offset, length), "{segment}");
        }
        check("", 0, 0);
        check("a..c", 2, 2);
        check("a.b.", 4, 0);
        check("%ED%95%9C.%22a.%22%22b%22.%22%22.t", 10, 4);
        check("a.%22b", 2, 2);
        check("a.b%22c.d", 2, 5);
        check("a.%22b%22c", 2, 4);
        check(&"a".repeat(3073), 0, 3073);
        assert!(read("%FF").unwrap_err().position.is_none());
    }
}
