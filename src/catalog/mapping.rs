//! The mapping file: rules from services and databases of OpenMetadata to catalogs of Trino, and single tables.

use serde::Deserialize;
use warren_sql::TrinoName;

use super::Fqn;
use super::pattern::is_literal;

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
    /// The catalog; where it is absent the database is the catalog.
    pub catalog: Option<String>,
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
    catalog: Option<String>,
    #[serde(default)]
    identity: bool,
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

fn rule((text, number): (RuleText, usize)) -> Result<Rule, MappingError> {
    let RuleText { service, database, catalog, identity } = text;
    if catalog.is_some() == identity {
        return Err(MappingError::Target { number, service });
    }
    Ok(Rule { number, service, database: database.unwrap_or_else(|| "*".to_owned()), catalog })
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

    /// The database that the rule turns into this catalog, where that can be told.
    #[must_use]
    pub fn database_of_catalog<'a>(&'a self, catalog: &'a str) -> Option<&'a str> {
        match &self.catalog {
            None => super::pattern::matches(&self.database, catalog).then_some(catalog),
            Some(own) => (own.eq_ignore_ascii_case(catalog) && is_literal(&self.database)).then_some(&self.database),
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
        ] {
            let error = Mapping::parse(text).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
        }
    }
}
