//! Search. It lags behind, so it finds names for people and never decides what a name means.

use serde::Deserialize;
use serde_json::Value;

use super::Client;
use crate::entity::or_default;
use crate::error::Error;
use crate::transport::Call;

/// Which entities are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchIndex {
    /// Tables and views.
    Tables,
    /// Folders and files.
    Containers,
    /// Databases.
    Databases,
    /// Schemas.
    DatabaseSchemas,
    /// Services of databases.
    DatabaseServices,
}

impl SearchIndex {
    fn word(self) -> &'static str {
        match self {
            Self::Tables => "table_search_index",
            Self::Containers => "container_search_index",
            Self::Databases => "database_search_index",
            Self::DatabaseSchemas => "database_schema_search_index",
            Self::DatabaseServices => "database_service_search_index",
        }
    }
}

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// Lucene's syntax; [`escape_query`] makes one of what a person typed.
    pub text: String,
    /// Where.
    pub index: SearchIndex,
    /// How many hits to pass over. Servers refuse more than 10,000.
    pub from: u32,
    /// How many hits at most.
    pub size: u32,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchPage {
    /// How many there are, as far as the search engine counts.
    pub total: u64,
    /// The best of them, best first.
    pub hits: Vec<SearchHit>,
}

/// One hit, as the index has it: other fields than these are in `source`.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchHit {
    /// The text of the fully qualified name.
    pub fully_qualified_name: String,
    /// The kind of entity, such as `table`.
    pub entity_type: String,
    /// Its own name.
    pub name: String,
    /// What it is, in Markdown.
    pub description: Option<String>,
    /// The document of the index.
    pub source: Value,
}

#[derive(Deserialize)]
struct Answer {
    hits: Hits,
}

#[derive(Deserialize)]
struct Hits {
    #[serde(default, deserialize_with = "or_default")]
    total: Value,
    #[serde(default = "Vec::new")]
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
struct Hit {
    #[serde(rename = "_source", default, deserialize_with = "or_default")]
    source: Value,
}

impl From<Answer> for SearchPage {
    fn from(answer: Answer) -> Self {
        let Hits { total, hits } = answer.hits;
        // Elasticsearch 7 and OpenSearch say `{"value": 3}`, older ones say 3.
        let total = total.get("value").unwrap_or(&total).as_u64();
        let hits: Vec<_> = hits.into_iter().map(|hit| SearchHit::from(hit.source)).collect();
        Self { total: total.unwrap_or(hits.len() as u64), hits }
    }
}

impl From<Value> for SearchHit {
    fn from(source: Value) -> Self {
        let text = |field: &str| source.get(field).and_then(Value::as_str).map(str::to_owned);
        Self {
            fully_qualified_name: text("fullyQualifiedName").unwrap_or_default(),
            entity_type: text("entityType").unwrap_or_default(),
            name: text("name").unwrap_or_default(),
            description: text("description"),
            source,
        }
    }
}

impl Client {
    /// Entities whose fully qualified name is like `pattern`, in which `*` stands for anything and `?` for one
    /// character; [`escape_wildcard`] takes a text's own ones away. Whether case counts depends on the server's index,
    /// so compare what comes back.
    ///
    /// # Errors
    /// Any failure of a request.
    pub async fn search_fqn(&self, pattern: &str, index: SearchIndex, size: u32) -> Result<SearchPage, Error> {
        self.search_field("fullyQualifiedName", pattern, index, size).await
    }

    /// As [`Client::search_fqn`], over another field of the index, such as `aliases.keyword`.
    ///
    /// # Errors
    /// Any failure of a request.
    pub async fn search_field(
        &self,
        field: &str,
        pattern: &str,
        index: SearchIndex,
        size: u32,
    ) -> Result<SearchPage, Error> {
        let call = Call::get(&["search", "fieldQuery"])
            .with("fieldName", field)
            .with("fieldValue", pattern)
            .with("index", index.word())
            .with("from", "0")
            .with("size", size.to_string())
            .with("deleted", "false");
        self.json::<Answer>(call).await.map(Into::into)
    }

    /// Entities by words in any of their texts.
    ///
    /// # Errors
    /// Any failure of a request.
    pub async fn search(&self, query: &SearchQuery) -> Result<SearchPage, Error> {
        let call = Call::get(&["search", "query"])
            .with("q", &query.text)
            .with("index", query.index.word())
            .with("from", query.from.to_string())
            .with("size", query.size.to_string())
            .with("deleted", "false");
        self.json::<Answer>(call).await.map(Into::into)
    }
}

/// What a person typed as a query that means the characters themselves. `<` and `>` cannot be escaped and become spaces;
/// the words that are operators in capitals are none in small letters, and the index knows no capitals.
#[must_use]
pub fn escape_query(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let is_operator = matches!(bare, "AND" | "OR" | "NOT" | "TO");
        escape_word(if is_operator { word.to_lowercase() } else { word.to_owned() }.as_str(), &mut escaped);
    }
    escaped
}

fn escape_word(word: &str, escaped: &mut String) {
    for character in word.chars() {
        match character {
            '<' | '>' => escaped.push(' '),
            '+' | '-' | '=' | '&' | '|' | '!' | '(' | ')' | '{' | '}' | '[' | ']' | '^' | '"' | '~' | '*' | '?'
            | ':' | '\\' | '/' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
}

/// A text as a pattern that is like nothing but itself.
#[must_use]
pub fn escape_wildcard(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_person_typed_means_itself() {
        assert_eq!(escape_query(r#"a/b "c" <d> e:f*"#), r#"a\/b \"c\"  d  e\:f\*"#);
        assert_eq!(escape_query("NOT a AND ANDY OR (TO)x.OR"), r"not a and ANDY or \(to\)x.or");
        assert_eq!(escape_wildcard(r"a*b?c\d"), r"a\*b\?c\\d");
    }

    #[test]
    fn answers_of_all_engines_are_read() {
        fn check(total: &Value, expect: u64) {
            let hit = json!({"_source": {"fullyQualifiedName": "a.b", "entityType": "table", "name": "b"}});
            let answer: Answer = serde_json::from_value(json!({"hits": {"total": total, "hits": [hit]}})).unwrap();
            let page = SearchPage::from(answer);
            assert_eq!((page.total, page.hits[0].fully_qualified_name.as_str()), (expect, "a.b"));
        }
        check(&json!({"value": 7, "relation": "eq"}), 7);
        check(&json!(8), 8);
        check(&json!(null), 1);
    }
}
