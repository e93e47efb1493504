//! What the mapping file says of a name: its entries and rules, there and back, and what is said where it has none.

use warren_sql::TrinoName;

use super::mapping::RuleTarget;
use super::near::near;
use super::pattern::matches;
use super::{Catalog, EntityKind, Fqn, ResolveError, Resolved, Rule, TableEntry};

impl Catalog {
    /// What a table that was named in Trino's words can be in those of OpenMetadata: the entries of the mapping file that
    /// say so, or else what its rules and the services of the Trino cluster make of it, each once. Only where there is
    /// exactly one it is certain.
    #[must_use]
    pub fn fqns_of(&self, catalog: &str, schema: &str, table: &str) -> Vec<Resolved> {
        let Ok(trino) = TrinoName::table(catalog, schema, table) else { return Vec::new() };
        let entries = self.mapping.tables.iter().filter(|entry| entry.trino == trino);
        let entries: Vec<Resolved> = entries.map(|entry| entry.clone().into()).collect();
        if !entries.is_empty() {
            return entries;
        }
        let of_rules = self.mapping.rules.iter().filter_map(|rule| {
            let database = rule.database_of_catalog(catalog)?;
            Some((rule.literal_service()?, database))
        });
        let of_services = self.installation.trino_services.iter().map(|service| (service.as_str(), catalog));
        let mut databases: Vec<(&str, &str)> = Vec::new();
        for database in of_rules.chain(of_services) {
            if !databases.contains(&database) {
                databases.push(database);
            }
        }
        let resolved = |(service, database): (&str, &str)| {
            let fqn = Fqn::from_raw_parts([service, database, schema, table]).ok()?;
            Some(Resolved { fqn, trino: trino.clone(), id: None, entity: None, warnings: Vec::new() })
        };
        databases.into_iter().filter_map(resolved).collect()
    }

    /// What an FQN was mapped by, in words, for the message about a catalog that does not exist.
    #[must_use]
    pub fn rule_of(&self, fqn: &str) -> Option<String> {
        let fqn = Fqn::parse(fqn).ok()?;
        if let Some(index) = self.mapping.tables.iter().position(|entry| entry.fqn == fqn) {
            return Some(format!("[[table]] number {}", index + 1));
        }
        match self.rule(fqn.parts(), None) {
            Some(rule) => Some(format!("[[mapping]] number {}", rule.number)),
            None => (fqn.parts().len() > 3).then(|| "what OpenMetadata says of its database".to_owned()),
        }
    }

    /// The first rule for a name. What kind of thing it is decides where it is known; else a name of four parts may be
    /// either.
    pub(super) fn rule(&self, parts: &[String], kind: Option<EntityKind>) -> Option<&Rule> {
        let [service, database, ..] = parts else { return None };
        self.mapping.rules.iter().filter(|rule| matches(&rule.service, service)).find(|rule| match rule.target {
            RuleTarget::Identity | RuleTarget::Table { .. } => {
                parts.len() <= 4 && kind != Some(EntityKind::Container) && matches(&rule.database, database)
            }
            RuleTarget::Container { .. } => kind != Some(EntityKind::Table),
        })
    }

    /// The entry of exactly this name.
    pub(super) fn entry(&self, parts: &[String]) -> Option<&TableEntry> {
        self.mapping.tables.iter().find(|entry| entry.fqn.parts() == parts)
    }

    /// The only entry that differs from this name in nothing but case.
    pub(super) fn entry_but_for_case(&self, parts: &[String]) -> Option<&TableEntry> {
        let is_same = |entry: &&TableEntry| {
            let own = entry.fqn.parts();
            own.len() == parts.len() && own.iter().zip(parts).all(|(a, b)| a.to_lowercase() == b.to_lowercase())
        };
        let mut found = self.mapping.tables.iter().filter(is_same);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// A service that is known here.
    pub(super) fn service<'a>(&self, name: &'a str) -> Option<&'a str> {
        let by_rule = self.mapping.rules.iter().any(|rule| rule.literal_service() == Some(name));
        let by_table = self.mapping.tables.iter().any(|entry| entry.fqn.parts().first().is_some_and(|s| s == name));
        let by_setting = self.installation.trino_services.iter().any(|own| own == name);
        (by_rule || by_table || by_setting).then_some(name)
    }

    /// Whether a rule leads to this catalog.
    pub(super) fn is_catalog(&self, name: &str) -> bool {
        self.mapping.rules.iter().any(|rule| match &rule.target {
            RuleTarget::Identity => false,
            _ => rule.literal_catalog().is_some_and(|own| own.eq_ignore_ascii_case(name)),
        })
    }

    /// What is said where nothing leads to a catalog.
    pub(super) fn unmapped(&self, service: &str, name: &Fqn, tried: String) -> ResolveError {
        let services = self.mapping.rules.iter().map(|rule| rule.service.clone());
        ResolveError::NoCatalogMapping { fqn: name.to_string(), tried, near: near(service, services) }
    }

    /// What is said where only a `[[table]]` or a rule for containers could help.
    pub(super) fn no_entry(&self, name: &Fqn) -> ResolveError {
        let fqn = name.to_string();
        let near = near(&fqn, self.mapping.tables.iter().map(|table| table.fqn.to_string()));
        ResolveError::NoTableEntry { fqn, parts: name.parts().len(), near }
    }

    /// The rules in words, for messages.
    pub(super) fn tried_rules(&self) -> String {
        let rules: Vec<String> =
            self.mapping.rules.iter().map(|rule| format!("{}.{}", rule.service, rule.database)).collect();
        match rules.as_slice() {
            [] => "no rules: the mapping file has none".to_owned(),
            some => format!("the rules for {}", some.join(", ")),
        }
    }
}

impl From<TableEntry> for Resolved {
    fn from(entry: TableEntry) -> Self {
        Self { fqn: entry.fqn, trino: entry.trino, id: entry.id, entity: None, warnings: Vec::new() }
    }
}
