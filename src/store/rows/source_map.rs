//! A source map as JSON text. Its type comes from a crate that knows no serde, so that its form in the table is fixed
//! here: a job that was stored must be readable after that type has grown.

use serde::{Deserialize, Serialize};
use warren_sql::{MappedRange, NamePair, SourceMap, SourceMapParts};

#[derive(Serialize, Deserialize)]
struct Stored {
    /// User start, user length, SQL start, SQL length, in characters.
    ranges: Vec<(u32, u32, u32, u32)>,
    user_lines: Vec<u32>,
    sql_lines: Vec<u32>,
    user_length: u32,
    /// The Trino name and the user's words for it.
    names: Vec<(String, String)>,
}

pub(super) fn to_stored(map: &SourceMap) -> impl Serialize + use<> {
    let SourceMapParts { ranges, user_lines, sql_lines, user_length, names } = map.to_parts();
    let range = |range: MappedRange| {
        let MappedRange { user_start, user_length, sql_start, sql_length } = range;
        (user_start, user_length, sql_start, sql_length)
    };
    let name = |NamePair { trino, user }: NamePair| (trino, user);
    Stored {
        ranges: ranges.into_iter().map(range).collect(),
        user_lines,
        sql_lines,
        user_length,
        names: names.into_iter().map(name).collect(),
    }
}

pub(super) fn parse(text: &str) -> Option<SourceMap> {
    let Stored { ranges, user_lines, sql_lines, user_length, names } = serde_json::from_str(text).ok()?;
    let range = |(user_start, user_length, sql_start, sql_length)| MappedRange {
        user_start,
        user_length,
        sql_start,
        sql_length,
    };
    let name = |(trino, user)| NamePair { trino, user };
    Some(SourceMap::from_parts(SourceMapParts {
        ranges: ranges.into_iter().map(range).collect(),
        user_lines,
        sql_lines,
        user_length,
        names: names.into_iter().map(name).collect(),
    }))
}
