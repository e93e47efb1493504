//! The mapping file: rules from services and databases of OpenMetadata to catalogs of Trino, and single tables.

use serde::Deserialize;
use warren_sql::TrinoName;

use super::Fqn;
use super::pattern::is_literal;
use super::template::Template;

/// The demo mapping: the service `tpch_demo` is the Trino that Warren talks to.
const DEMO: &str = "[[mapping]]\nservice = \"tpch_demo\"\nidentity = true\n";

/// A mapping file that was read and found to be consistent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// Rules in the order of the file; the first that matches wins.
    pub rules: Vec<Rule>,
    /// Single tables and files; they win over rules.
    pub tables: Vec<TableEntry>,
}

/// One `[[mapping]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its place in the file, from 1, for messages.
    pub number: usize,
    /// Pattern of the service.
    pub service: String,
    /// Pattern of the database.
    pub database: String,
    /// What it maps to.
    pub target: RuleTarget,
}

/// What a rule maps names to.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleTarget {
    /// The database is the catalog.
    Identity,
    /// Tables: another catalog, and perhaps other words for schema and table.
    Table {
        /// The catalog.
        catalog: Template,
        /// The schema; absent for OpenMetadata's own.
        schema: Option<Template>,
        /// The table; absent for OpenMetadata's own.
        table: Option<Template>,
        /// Whether names keep their case.
        case: Case,
    },
    /// Files and folders of a storage service.
    Container {
        /// The catalog.
        catalog: Template,
        /// The schema.
        schema: Template,
        /// The table.
        table: Template,
        /// Whether names keep their case.
        case: Case,
    },
}

/// What becomes of upper case letters. Trino compares names in lower case unless a connector is told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// They become lower case.
    #[default]
    Lower,
    /// They stay.
    Preserve,
}

impl Case {
    /// The name as Trino is to see it.
    pub(super) fn apply(self, name: &str) -> String {
        match self {
            Self::Lower => name.to_lowercase(),
            Self::Preserve => name.to_owned(),
        }
    }
}

/// One `[[table]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct TableEntry {
    /// The name in OpenMetadata.
    pub fqn: Fqn,
    /// The name in Trino.
    pub trino: TrinoName,
    /// OpenMetadata's id, where it is known.
    pub id: Option<String>,
}

/// Why a mapping file is refused.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// It is not TOML, or has a key that does not exist.
    #[error("the mapping file cannot be read")]
    Toml(#[from] toml::de::Error),
    /// A rule says both or neither of `catalog` and `identity = true`.
    #[error("[[mapping]] number {number} (service '{service}') needs either a catalog or identity = true")]
    Target {
        /// Its place in the file, from 1.
        number: usize,
        /// The service it is for.
        service: String,
    },
    /// A rule for containers needs to say everything about the table in Trino.
    #[error("[[mapping]] number {number} (service '{service}') is for containers and needs catalog, schema and table")]
    Container {
        /// Its place in the file, from 1.
        number: usize,
        /// The service it is for.
        service: String,
    },
    /// A template has a place that a rule of its kind does not fill.
    #[error("[[mapping]] number {number}: nothing is known to stand for {place}; there are {}", .words.join(", "))]
    Template {
        /// Its place in the file, from 1.
        number: usize,
        /// The place, such as `{name}`.
        place: String,
        /// The words that a rule of this kind fills.
        words: Vec<&'static str>,
    },
    /// The FQN of a table is none.
    #[error("[[table]] number {number}: the fqn is not valid")]
    TableFqn {
        /// Its place in the file, from 1.
        number: usize,
        /// What is wrong with it.
        #[source]
        source: super::FqnError,
    },
    /// The Trino name of a table has not three parts.
    #[error("[[table]] number {number}: '{trino}' is not a Trino name of the form catalog.schema.table")]
    TableTrino {
        /// Its place in the file, from 1.
        number: usize,
        /// The name as written.
        trino: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    mapping: Vec<RuleText>,
    #[serde(default)]
    table: Vec<TableText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    service: String,
    database: Option<String>,
    #[serde(default)]
    kind: Kind,
    catalog: Option<String>,
    schema: Option<String>,
    table: Option<String>,
    #[serde(default)]
    case: Case,
    #[serde(default)]
    identity: bool,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Table,
    Container,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableText {
    fqn: String,
    trino: String,
    id: Option<String>,
}

impl Mapping {
    /// Reads the text of a mapping file.
    ///
    /// # Errors
    /// When it is not TOML, or a rule or table in it makes no sense.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let file: File = toml::from_str(text)?;
        let rules = file.mapping.into_iter().zip(1..).map(rule).collect::<Result<_, _>>()?;
        let tables = file.table.into_iter().zip(1..).map(table).collect::<Result<_, _>>()?;
        Ok(Self { rules, tables })
    }

    /// The mapping of an installation that has no file.
    ///
    /// # Errors
    /// Never in practice: the text is a constant, and a test reads it.
    pub fn demo() -> Result<Self, MappingError> {
        Self::parse(DEMO)
    }
}

/// What a table's name is made of.
const TABLE_WORDS: &[&str] = &["service", "database", "schema", "table"];
/// What a container's name is made of: `path` is everything behind the service with slashes between, `bucket` its first
/// part and `name` its last.
const CONTAINER_WORDS: &[&str] = &["service", "bucket", "path", "name"];

fn rule((text, number): (RuleText, usize)) -> Result<Rule, MappingError> {
    let target = match text.kind {
        Kind::Table => table_target(&text, number)?,
        Kind::Container => container_target(&text, number)?,
    };
    Ok(Rule { number, service: text.service, database: text.database.unwrap_or_else(|| "*".to_owned()), target })
}

fn table_target(text: &RuleText, number: usize) -> Result<RuleTarget, MappingError> {
    let read = |template: &Option<String>| template_of(template.as_deref(), number, TABLE_WORDS);
    match read(&text.catalog)? {
        Some(catalog) if !text.identity => {
            Ok(RuleTarget::Table { catalog, schema: read(&text.schema)?, table: read(&text.table)?, case: text.case })
        }
        None if text.identity => Ok(RuleTarget::Identity),
        _ => Err(MappingError::Target { number, service: text.service.clone() }),
    }
}

fn container_target(text: &RuleText, number: usize) -> Result<RuleTarget, MappingError> {
    let read = |template: &Option<String>| template_of(template.as_deref(), number, CONTAINER_WORDS);
    match (read(&text.catalog)?, read(&text.schema)?, read(&text.table)?) {
        (Some(catalog), Some(schema), Some(table)) if !text.identity => {
            Ok(RuleTarget::Container { catalog, schema, table, case: text.case })
        }
        _ => Err(MappingError::Container { number, service: text.service.clone() }),
    }
}

fn template_of(
    text: Option<&str>,
    number: usize,
    words: &'static [&'static str],
) -> Result<Option<Template>, MappingError> {
    let refused = |place| MappingError::Template { number, place, words: words.to_vec() };
    text.map(|text| Template::parse(text, words).map_err(refused)).transpose()
}

fn table((text, number): (TableText, usize)) -> Result<TableEntry, MappingError> {
    let fqn = Fqn::parse(&text.fqn).map_err(|source| MappingError::TableFqn { number, source })?;
    // A Trino name in the file follows the same quoting as an FQN: `lake.files."2024.csv"`.
    let parts = Fqn::parse(&text.trino).map(|name| name.parts().to_vec()).unwrap_or_default();
    let trino = match parts.as_slice() {
        [catalog, schema, table] => TrinoName::table(catalog, schema, table).ok(),
        _ => None,
    };
    let trino = trino.ok_or(MappingError::TableTrino { number, trino: text.trino })?;
    Ok(TableEntry { fqn, trino, id: text.id })
}

impl Rule {
    /// The service, where the rule is for exactly one.
    #[must_use]
    pub fn literal_service(&self) -> Option<&str> {
        is_literal(&self.service).then_some(self.service.as_str())
    }

    /// The catalog, where the rule leads to exactly one.
    #[must_use]
    pub fn literal_catalog(&self) -> Option<&str> {
        match &self.target {
            RuleTarget::Identity => is_literal(&self.database).then_some(self.database.as_str()),
            RuleTarget::Table { catalog, .. } | RuleTarget::Container { catalog, .. } => catalog.literal(),
        }
    }

    /// The database that the rule turns into this catalog, where that can be told: schema and table must be the same on
    /// both sides.
    #[must_use]
    pub fn database_of_catalog<'a>(&'a self, catalog: &'a str) -> Option<&'a str> {
        match &self.target {
            RuleTarget::Identity => super::pattern::matches(&self.database, catalog).then_some(catalog),
            RuleTarget::Table { catalog: own, schema: None, table: None, .. } => {
                let leads_there = own.literal().is_some_and(|own| own.eq_ignore_ascii_case(catalog));
                (leads_there && is_literal(&self.database)).then_some(&self.database)
            }
            RuleTarget::Table { .. } | RuleTarget::Container { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_mapping_can_be_read() {
        let mapping = Mapping::demo().unwrap();
        assert_eq!(mapping.rules.len(), 1);
        assert_eq!(mapping.rules[0].literal_service(), Some("tpch_demo"));
    }

    #[test]
    fn a_file_that_makes_no_sense_is_refused_with_its_place() {
        for (text, expect) in [
            (
                "[[mapping]]\nservice = \"a\"",
                "[[mapping]] number 1 (service 'a') needs either a catalog or identity = true",
            ),
            ("[[mapping]]\nservice = \"a\"\ncatalog = \"c\"\nidentity = true", "needs either"),
            ("[[table]]\nfqn = 'a..b'\ntrino = 'a.b.c'", "[[table]] number 1: the fqn is not valid"),
            ("[[table]]\nfqn = 'a.b'\ntrino = 'a.b'", "'a.b' is not a Trino name of the form catalog.schema.table"),
            ("[[mapping]]\nservise = \"a\"", "cannot be read"),
            (
                "[[mapping]]\nservice = \"a\"\nkind = \"container\"\ncatalog = \"c\"",
                "is for containers and needs catalog, schema and table",
            ),
            (
                "[[mapping]]\nservice = \"a\"\ncatalog = \"{path}\"",
                "nothing is known to stand for {path}; there are service, database, schema, table",
            ),
        ] {
            let error = Mapping::parse(text).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
        }
    }
}
