//! Resolution of one name of a statement: what it is in OpenMetadata, and what it is in Trino.

use std::sync::Arc;

use strsim::jaro_winkler;
use warren_sql::TrinoName;

use super::pattern::matches;
use super::{Fqn, Mapping, Rule, TableEntry};

/// How alike a name must be to be offered as a suggestion.
const NEAR: f64 = 0.8;
const SUGGESTIONS: usize = 5;

/// Everything that is known about names.
#[derive(Clone, Debug)]
pub struct Catalog {
    mapping: Arc<Mapping>,
}

/// What a name is.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The name in OpenMetadata.
    pub fqn: Fqn,
    /// The name in Trino.
    pub trino: TrinoName,
    /// OpenMetadata's id, where it is known.
    pub id: Option<String>,
}

/// Why a name resolves to nothing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ResolveError {
    /// No rule is for this service and database.
    #[error("no rule maps '{fqn}' to a Trino catalog; tried {tried}")]
    NoCatalogMapping {
        /// The name.
        fqn: String,
        /// What was looked at, for people.
        tried: String,
        /// Names that were perhaps meant.
        near: Vec<String>,
    },
    /// A file or a container: only a `[[table]]` can say which table it is.
    #[error("'{fqn}' has {parts} parts, and no [[table]] of the mapping file has that name")]
    NoTableEntry {
        /// The name.
        fqn: String,
        /// How many parts it has.
        parts: usize,
        /// Names that were perhaps meant.
        near: Vec<String>,
    },
    /// A service of OpenMetadata in a name of three parts: the schema or the database is missing.
    #[error("'{name}' starts with the service '{service}', but a full name has four parts")]
    TooShort {
        /// The name.
        name: String,
        /// The service.
        service: String,
    },
}

impl ResolveError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoCatalogMapping { .. } => {
                "check the service and the database, or add a [[mapping]] for them to the mapping file"
            }
            Self::NoTableEntry { .. } => {
                "add a [[table]] with this fqn to the mapping file, or write service.database.schema.table"
            }
            Self::TooShort { .. } => "write service.database.schema.table",
        }
    }

    /// Names that were perhaps meant.
    #[must_use]
    pub fn near(&self) -> &[String] {
        match self {
            Self::NoCatalogMapping { near, .. } | Self::NoTableEntry { near, .. } => near,
            Self::TooShort { .. } => &[],
        }
    }
}

impl Catalog {
    /// A catalog that knows what a mapping file says.
    #[must_use]
    pub fn new(mapping: Mapping) -> Self {
        Self { mapping: Arc::new(mapping) }
    }

    /// What a table name of a statement is. `None`: it is Trino's own name and stays as it is.
    ///
    /// # Errors
    /// When it is an FQN that is mapped to nothing.
    pub fn table(&self, parts: &[String]) -> Result<Option<Resolved>, ResolveError> {
        if parts.len() >= 2
            && let Some(entry) = self.entry(parts)
        {
            return Ok(Some(entry.clone().into()));
        }
        match parts {
            [] | [_] | [_, _] => Ok(None),
            [service, _, _] => match self.service(service) {
                Some(service) if !self.is_catalog(service) => {
                    Err(ResolveError::TooShort { name: display(parts), service: service.to_owned() })
                }
                _ => Ok(None),
            },
            [service, database, schema, table] => self.four(service, database, schema, table).map(Some),
            longer => Err(ResolveError::NoTableEntry {
                fqn: display(longer),
                parts: longer.len(),
                near: self.near(&display(longer), self.mapping.tables.iter().map(|t| t.fqn.to_string())),
            }),
        }
    }

    /// What the text of a whole FQN is, as a reference model or a single delimited identifier holds it. `None`: its
    /// first part is no service that is known here, so that it is an ordinary name with a dot in it.
    ///
    /// # Errors
    /// When its service is known, but it is mapped to nothing.
    pub fn whole_fqn(&self, parts: &[String]) -> Result<Option<Resolved>, ResolveError> {
        let known = parts.first().is_some_and(|first| self.service(first).is_some());
        if parts.len() < 2 || !(known || self.entry(parts).is_some()) {
            return Ok(None);
        }
        self.table(parts)
    }

    /// The catalog and schema of a schema name. `None`: it is Trino's own.
    ///
    /// # Errors
    /// When it is a name of three parts whose service and database are mapped to nothing.
    pub fn schema(&self, parts: &[String]) -> Result<Option<(String, String)>, ResolveError> {
        match parts {
            [service, database, schema] => {
                Ok(Some((self.catalog_of(service, database, parts)?, schema.to_lowercase())))
            }
            _ => Ok(None),
        }
    }

    /// The table or file with this id of OpenMetadata.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<Resolved> {
        let with_id = |entry: &&TableEntry| entry.id.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(id));
        self.mapping.tables.iter().find(with_id).cloned().map(Into::into)
    }

    /// The FQN of a table that was named in Trino's words, where exactly one rule can tell it.
    #[must_use]
    pub fn fqn_of(&self, catalog: &str, schema: &str, table: &str) -> Option<Resolved> {
        let trino = TrinoName::table(catalog, schema, table).ok()?;
        if let Some(entry) = self.mapping.tables.iter().find(|entry| entry.trino == trino) {
            return Some(entry.clone().into());
        }
        let mut found = self.mapping.rules.iter().filter_map(|rule| {
            let database = rule.database_of_catalog(catalog)?;
            let service = rule.literal_service()?;
            Fqn::from_raw_parts([service, database, schema, table]).ok()
        });
        let fqn = found.next()?;
        found.next().is_none().then_some(Resolved { fqn, trino, id: None })
    }

    /// The rule that an FQN was mapped by, in words, for the message about a catalog that does not exist.
    #[must_use]
    pub fn rule_of(&self, fqn: &str) -> Option<String> {
        let fqn = Fqn::parse(fqn).ok()?;
        if let Some(index) = self.mapping.tables.iter().position(|entry| entry.fqn == fqn) {
            return Some(format!("[[table]] number {}", index + 1));
        }
        let [service, database, ..] = fqn.parts() else { return None };
        self.rule(service, database).map(|rule| format!("[[mapping]] number {}", rule.number))
    }

    fn four(&self, service: &str, database: &str, schema: &str, table: &str) -> Result<Resolved, ResolveError> {
        let parts = [service, database, schema, table].map(str::to_owned);
        let catalog = self.catalog_of(service, database, &parts)?;
        let unmapped = || ResolveError::NoTableEntry { fqn: display(&parts), parts: 4, near: Vec::new() };
        let trino =
            TrinoName::table(catalog, schema.to_lowercase(), table.to_lowercase()).map_err(|_empty| unmapped())?;
        let fqn = Fqn::from_raw_parts(parts.clone()).map_err(|_too_long| unmapped())?;
        Ok(Resolved { fqn, trino, id: None })
    }

    fn catalog_of(&self, service: &str, database: &str, parts: &[String]) -> Result<String, ResolveError> {
        let rule = self.rule(service, database).ok_or_else(|| {
            let services = self.mapping.rules.iter().map(|rule| rule.service.clone());
            ResolveError::NoCatalogMapping {
                fqn: display(parts),
                tried: self.tried(),
                near: self.near(service, services),
            }
        })?;
        Ok(rule.catalog.clone().unwrap_or_else(|| database.to_lowercase()))
    }

    fn rule(&self, service: &str, database: &str) -> Option<&Rule> {
        self.mapping.rules.iter().find(|rule| matches(&rule.service, service) && matches(&rule.database, database))
    }

    /// The entry with these parts; a difference in case only is forgiven where it leaves no doubt.
    fn entry(&self, parts: &[String]) -> Option<&TableEntry> {
        let entries = &self.mapping.tables;
        entries.iter().find(|entry| entry.fqn.parts() == parts).or_else(|| {
            let same = |entry: &&TableEntry| {
                let own = entry.fqn.parts();
                own.len() == parts.len() && own.iter().zip(parts).all(|(a, b)| a.to_lowercase() == b.to_lowercase())
            };
            let mut found = entries.iter().filter(same);
            let first = found.next()?;
            found.next().is_none().then_some(first)
        })
    }

    fn service<'a>(&self, name: &'a str) -> Option<&'a str> {
        let by_rule = self.mapping.rules.iter().any(|rule| rule.literal_service() == Some(name));
        let by_table = self.mapping.tables.iter().any(|entry| entry.fqn.parts().first().is_some_and(|s| s == name));
        (by_rule || by_table).then_some(name)
    }

    fn is_catalog(&self, name: &str) -> bool {
        self.mapping.rules.iter().any(|rule| rule.catalog.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name)))
    }

    fn tried(&self) -> String {
        let rules: Vec<String> =
            self.mapping.rules.iter().map(|rule| format!("{}.{}", rule.service, rule.database)).collect();
        match rules.as_slice() {
            [] => "no rules: the mapping file has none".to_owned(),
            some => format!("the rules for {}", some.join(", ")),
        }
    }

    fn near(&self, name: &str, known: impl Iterator<Item = String>) -> Vec<String> {
        let name = name.to_lowercase();
        let mut near: Vec<(f64, String)> = known
            .map(|other| (jaro_winkler(&name, &other.to_lowercase()), other))
            .filter(|(likeness, _)| *likeness >= NEAR)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        near.dedup_by(|a, b| a.1 == b.1);
        near.into_iter().take(SUGGESTIONS).map(|(_, other)| other).collect()
    }
}

impl From<TableEntry> for Resolved {
    fn from(entry: TableEntry) -> Self {
        Self { fqn: entry.fqn, trino: entry.trino, id: entry.id }
    }
}

fn display(parts: &[String]) -> String {
    Fqn::from_raw_parts(parts).map_or_else(|_none| parts.join("."), |fqn| fqn.to_string())
}
