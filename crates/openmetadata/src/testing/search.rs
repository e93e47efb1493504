//! Search, as far as it can be had without a search engine: words and wildcards over names and descriptions.

use serde_json::{Value, json};

use super::http::{Reply, Request};
use super::kinds::Kind;
use super::state::{State, Stored};

impl State {
    pub(super) fn search(&self, how: &str, request: &Request) -> Result<Reply, Reply> {
        let index = request.param("index").unwrap_or("table_search_index");
        let kind = kind_of(index).ok_or_else(|| Reply::error(404, &format!("no such index [{index}]")))?;
        let number = |name: &str, default| request.param(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        let is_found = |entity: &&Stored| match how {
            "fieldQuery" => has_field(entity, request),
            _ => has_words(entity, request.param("q").unwrap_or("*")),
        };
        let wants_deleted = request.param("deleted") == Some("true");
        let mut found: Vec<&Stored> = self
            .entities
            .iter()
            .filter(|entity| entity.kind == kind && entity.is_deleted() == wants_deleted)
            .filter(is_found)
            .collect();
        found.sort_by_key(|entity| (entity.fqn.len(), entity.fqn.clone()));
        let hits: Vec<Value> =
            found.iter().skip(number("from", 0)).take(number("size", 10)).map(|hit| document(hit)).collect();
        Ok(Reply::ok(&json!({"took": 1, "timed_out": false,
            "hits": {"total": {"value": found.len(), "relation": "eq"}, "max_score": 1.0, "hits": hits}})))
    }
}

fn kind_of(index: &str) -> Option<Kind> {
    Some(match index {
        "table_search_index" => Kind::Table,
        "container_search_index" => Kind::Container,
        "database_search_index" => Kind::Database,
        "database_schema_search_index" => Kind::DatabaseSchema,
        "database_service_search_index" => Kind::DatabaseService,
        "query_search_index" => Kind::Query,
        _ => return None,
    })
}

fn document(entity: &Stored) -> Value {
    let mut source = Value::Object(entity.json.clone());
    source["entityType"] = json!(entity.kind.word());
    json!({"_index": format!("{}_search_index", entity.kind.word()), "_id": entity.id, "_score": 1.0,
        "_source": source, "sort": [1.0, entity.fqn]})
}

/// Whether a field is like a pattern. Case does not count, as with the index of newer servers.
fn has_field(entity: &Stored, request: &Request) -> bool {
    let field = request.param("fieldName").unwrap_or_default().trim_end_matches(".keyword").to_owned();
    let pattern: Vec<char> = request.param("fieldValue").unwrap_or_default().to_lowercase().chars().collect();
    let is_like = |value: &Value| {
        let text: Vec<char> = value.as_str().unwrap_or_default().to_lowercase().chars().collect();
        like(&pattern, &text)
    };
    match entity.json.get(&field) {
        Some(Value::Array(values)) => values.iter().any(is_like),
        Some(value) => is_like(value),
        None => false,
    }
}

/// Whether a text has every word of a query. A backslash takes the meaning of what follows away.
fn has_words(entity: &Stored, query: &str) -> bool {
    let text = |field: &str| entity.json.get(field).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let columns = entity.json.get("columns").or_else(|| entity.json.get("dataModel")).map(Value::to_string);
    let texts = [text("fullyQualifiedName"), text("displayName"), text("description"), columns.unwrap_or_default()];
    query.to_lowercase().split_whitespace().all(|word| {
        let mut pattern = vec!['*'];
        pattern.extend(word.chars());
        pattern.push('*');
        texts.iter().any(|text| like(&pattern, &text.chars().collect::<Vec<_>>()))
    })
}

/// Wildcards: `*` for anything, `?` for one character, a backslash before what means itself.
fn like(pattern: &[char], text: &[char]) -> bool {
    // Where each way through the pattern stands; one bit a place, so that no pattern takes long.
    let mut places = vec![false; pattern.len() + 1];
    reach(pattern, &mut places, 0);
    for character in text {
        let mut next = vec![false; pattern.len() + 1];
        for (at, _) in places.iter().enumerate().filter(|(_, is_here)| **is_here) {
            match (pattern.get(at), pattern.get(at + 1)) {
                (Some('*'), _) => reach(pattern, &mut next, at),
                (Some('\\'), Some(escaped)) if escaped == character => reach(pattern, &mut next, at + 2),
                (Some('\\'), Some(_)) => {}
                (Some(wanted), _) if *wanted == '?' || wanted == character => reach(pattern, &mut next, at + 1),
                _ => {}
            }
        }
        places = next;
    }
    places.last() == Some(&true)
}

/// Marks a place, and those behind stars that stand there.
fn reach(pattern: &[char], places: &mut [bool], at: usize) {
    let mut at = at;
    while let Some(place) = places.get_mut(at) {
        *place = true;
        if pattern.get(at) != Some(&'*') {
            return;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        fn check(pattern: &str, text: &str, expect: bool) {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(like(&chars(pattern), &chars(text)), expect, "{pattern} {text}");
        }
        check("*.public.orders", "pg.sales.public.orders", true);
        check("*.public.orders", "pg.sales.public.orders2", false);
        check("a?c", "abc", true);
        check("a?c", "ac", false);
        check(r"a\*c", "abc", false);
        check(r"a\*c", "a*c", true);
        check("", "", true);
        check("*", "", true);
        check(&"*a".repeat(40), &"a".repeat(39), false);
    }
}
