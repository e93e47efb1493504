//! A source map as JSON text.

use warren_sql::SourceMap;

pub(super) fn to_json(map: &SourceMap) -> String {
    serde_json::to_string(&map.edits).unwrap_or_default()
}

pub(super) fn from_json(text: &str) -> Option<SourceMap> {
    serde_json::from_str(text).ok().map(|edits| SourceMap { edits })
}
