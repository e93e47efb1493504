//! Resolution of one name of a statement: what it is in OpenMetadata, and what it is in Trino.

use std::sync::Arc;

use warren_openmetadata::decode_reserved;
use warren_sql::TrinoName;

use super::apply::{by_rule, trino_name};
use super::mapping::RuleTarget;
use super::near::near;
use super::pattern::matches;
use super::{
    Answer, Case, Entity, EntityKind, Facts, Fqn, Installation, Known, Mapping, ResolveError, Rule, TableEntry, Wanted,
};

/// Everything that is known about names.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub(super) mapping: Arc<Mapping>,
    pub(super) installation: Arc<Installation>,
    /// What OpenMetadata said; absent where it was not asked.
    pub(super) facts: Option<Arc<Facts>>,
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
    /// What OpenMetadata knows of it, where it does.
    pub entity: Option<Arc<Entity>>,
    /// What is doubtful about it, for whoever wrote the name.
    pub warnings: Vec<String>,
}

/// What a statement does with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It must be there.
    Use,
    /// It is made, so that nobody need know it.
    Create,
}

/// A name after OpenMetadata was asked for it.
struct Found {
    fqn: Fqn,
    entity: Option<Arc<Entity>>,
    /// Why there is no entity, where OpenMetadata was asked.
    missing: Option<Missing>,
    warnings: Vec<String>,
}

/// Why there is no entity.
enum Missing {
    /// OpenMetadata has none.
    Unknown { near: Vec<String> },
    /// It cannot be said.
    Unsaid(ResolveError),
}

impl Catalog {
    /// A catalog that knows what a mapping file says.
    #[must_use]
    pub fn new(mapping: Mapping) -> Self {
        Self { mapping: Arc::new(mapping), installation: Arc::default(), facts: None }
    }

    /// The same for this installation.
    #[must_use]
    pub fn of(self, installation: Installation) -> Self {
        Self { installation: Arc::new(installation), ..self }
    }

    /// The same with what OpenMetadata said of the names of one statement.
    #[must_use]
    pub fn with_facts(&self, facts: Facts) -> Self {
        Self { facts: Some(Arc::new(facts)), ..self.clone() }
    }

    /// The mapping file.
    #[must_use]
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// What must be asked so that a table name of a statement can be resolved.
    #[must_use]
    pub fn table_wanted(&self, parts: &[String]) -> Option<Wanted> {
        let is_settled = parts.len() < 4 || self.entry(parts).is_some();
        (!is_settled).then(|| Fqn::from_raw_parts(parts).ok().map(Wanted::Name)).flatten()
    }

    /// The same for a name that one delimited identifier or a reference model holds whole.
    #[must_use]
    pub fn whole_fqn_wanted(&self, parts: &[String]) -> Option<Wanted> {
        let is_settled = parts.len() < 2 || self.entry(parts).is_some();
        (!is_settled).then(|| Fqn::from_raw_parts(parts).ok().map(Wanted::Name)).flatten()
    }

    /// What a table name of a statement is. `None`: it is Trino's own name and stays as it is.
    ///
    /// # Errors
    /// When it is an FQN that is mapped to nothing.
    pub fn table(&self, parts: &[String], purpose: Purpose) -> Result<Option<Resolved>, ResolveError> {
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
            longer => self.fqn(longer, purpose).map(Some),
        }
    }

    /// What the text of a whole FQN is, as a reference model or a single delimited identifier holds it. `None`: its
    /// first part is no service that is known here and OpenMetadata knows no such name, so that it is an ordinary name
    /// with a dot in it.
    ///
    /// # Errors
    /// When its service is known, but it is mapped to nothing, or OpenMetadata does not say what it is.
    pub fn whole_fqn(&self, parts: &[String], purpose: Purpose) -> Result<Option<Resolved>, ResolveError> {
        if parts.len() < 2 {
            return Ok(None);
        }
        let asked = self.whole_fqn_wanted(parts).and_then(|wanted| self.known(&wanted));
        let is_told = asked.is_some_and(|known| !matches!(known.answer, Answer::Missing { .. }));
        let is_container =
            self.rule(parts, None).is_some_and(|rule| matches!(rule.target, RuleTarget::Container { .. }));
        if is_told || (is_container && self.entry(parts).is_none()) {
            return self.fqn(parts, purpose).map(Some);
        }
        let is_known = parts.first().is_some_and(|first| self.service(first).is_some());
        if is_known || self.entry(parts).is_some() { self.table(parts, purpose) } else { Ok(None) }
    }

    /// The catalog and schema of a schema name. `None`: it is Trino's own.
    ///
    /// # Errors
    /// When it is a name of three parts whose service and database are mapped to nothing.
    pub fn schema(&self, parts: &[String]) -> Result<Option<(String, String)>, ResolveError> {
        let [service, database, schema] = parts else { return Ok(None) };
        let name = Fqn::from_raw_parts(parts)
            .map_err(|error| ResolveError::Unsupported { fqn: parts.join("."), reason: error.to_string() })?;
        let own = decode_reserved(schema);
        match self.rule(parts, None).map(|rule| &rule.target) {
            Some(RuleTarget::Table { catalog, schema: template, case, .. }) => {
                let values = [("service", service.as_str()), ("database", database), ("schema", &own), ("table", "")];
                let schema = template.as_ref().map_or_else(|| own.to_string(), |template| template.render(&values));
                Ok(Some((catalog.render(&values), case.apply(&schema))))
            }
            Some(RuleTarget::Identity) => Ok(Some((database.to_lowercase(), own.to_lowercase()))),
            Some(RuleTarget::Container { .. }) | None => {
                Ok(Some((self.leads(service, database, &name)?.catalog, own.to_lowercase())))
            }
        }
    }

    /// The table or file with this id of OpenMetadata; `None` where there is none.
    ///
    /// # Errors
    /// When it is mapped to nothing, or OpenMetadata does not say what it is.
    pub fn by_id(&self, id: &str) -> Result<Option<Resolved>, ResolveError> {
        let with_id = |entry: &&TableEntry| entry.id.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(id));
        if let Some(entry) = self.mapping.tables.iter().find(with_id) {
            return Ok(Some(entry.clone().into()));
        }
        let wanted = Wanted::Id(id.to_lowercase());
        let Some(known) = self.known(&wanted) else { return Ok(None) };
        match &known.answer {
            Answer::Missing { .. } | Answer::Database(_) => Ok(None),
            Answer::Entity(entity) => {
                let found = self.found_entity(&entity.fqn, entity, known)?;
                self.resolved(found, Purpose::Use).map(Some)
            }
            other => Err(unsaid(id, other)),
        }
    }

    /// The FQN of a table that was named in Trino's words, where exactly one rule or service can tell it.
    #[must_use]
    pub fn fqn_of(&self, catalog: &str, schema: &str, table: &str) -> Option<Resolved> {
        let trino = TrinoName::table(catalog, schema, table).ok()?;
        if let Some(entry) = self.mapping.tables.iter().find(|entry| entry.trino == trino) {
            return Some(entry.clone().into());
        }
        let of_rules = self.mapping.rules.iter().filter_map(|rule| {
            let database = rule.database_of_catalog(catalog)?;
            Some((rule.literal_service()?, database))
        });
        let of_services = self.installation.trino_services.iter().map(|service| (service.as_str(), catalog));
        let mut found = of_rules.chain(of_services);
        let (service, database) = found.next()?;
        if found.any(|other| other != (service, database)) {
            return None;
        }
        let fqn = Fqn::from_raw_parts([service, database, schema, table]).ok()?;
        Some(Resolved { fqn, trino, id: None, entity: None, warnings: Vec::new() })
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

    /// What an FQN is.
    fn fqn(&self, parts: &[String], purpose: Purpose) -> Result<Resolved, ResolveError> {
        let name = Fqn::from_raw_parts(parts)
            .map_err(|error| ResolveError::Unsupported { fqn: parts.join("."), reason: error.to_string() })?;
        let found = self.found(name)?;
        self.resolved(found, purpose)
    }

    /// What OpenMetadata said of a name.
    fn found(&self, name: Fqn) -> Result<Found, ResolveError> {
        let nothing = |name, missing| Found { fqn: name, entity: None, missing, warnings: Vec::new() };
        let wanted = Wanted::Name(name.clone());
        let Some(known) = self.known(&wanted) else { return Ok(nothing(name, None)) };
        match &known.answer {
            Answer::Entity(entity) => self.found_entity(&name, entity, known),
            Answer::Missing { near } => Ok(nothing(name, Some(Missing::Unknown { near: near.clone() }))),
            Answer::Unavailable { .. } | Answer::Refused { .. } => {
                let error = unsaid(&name.to_string(), &known.answer);
                Ok(nothing(name, Some(Missing::Unsaid(error))))
            }
            other => Err(unsaid(&name.to_string(), other)),
        }
    }

    fn found_entity(&self, name: &Fqn, entity: &Arc<Entity>, known: &Known) -> Result<Found, ResolveError> {
        let fqn = entity.fqn.clone();
        if entity.deleted && !self.installation.allow_deleted {
            return Err(ResolveError::Deleted { fqn: fqn.to_string() });
        }
        let mut warnings = Vec::new();
        if known.stale {
            warnings
                .push(format!("STALE_METADATA: OpenMetadata does not answer; '{fqn}' is what it was when it last did"));
        }
        if fqn != *name {
            warnings.push(format!("CASE_FOLDED: '{name}' is '{fqn}' in OpenMetadata"));
        }
        Ok(Found { fqn, entity: Some(entity.clone()), missing: None, warnings })
    }

    /// The Trino name of what was found.
    fn resolved(&self, found: Found, purpose: Purpose) -> Result<Resolved, ResolveError> {
        let Found { fqn, entity, missing, mut warnings } = found;
        let kind = entity.as_ref().map(|entity| entity.kind);
        let trino = if let Some(rule) = self.rule(fqn.parts(), kind) {
            warnings.extend(doubt(&fqn, missing, purpose));
            by_rule(rule, &fqn)
        } else {
            let [service, database, schema, table] = fqn.parts() else { return Err(self.no_entry(&fqn)) };
            if kind == Some(EntityKind::Container) {
                return Err(self.no_entry(&fqn));
            }
            let leads = self.leads(service, database, &fqn)?;
            match missing {
                // Without OpenMetadata only Trino itself, or the statement that makes it, can say that there is such a table.
                Some(Missing::Unsaid(error)) if purpose == Purpose::Use && !leads.is_trinos_own => return Err(error),
                Some(Missing::Unknown { near }) if purpose == Purpose::Use && !leads.is_trinos_own => {
                    return Err(ResolveError::UnknownTable { fqn: fqn.to_string(), near });
                }
                missing => warnings.extend(doubt(&fqn, missing, purpose)),
            }
            trino_name(&leads.catalog, &decode_reserved(schema), &decode_reserved(table), Case::Lower)
        };
        let trino = trino.ok_or_else(|| self.no_entry(&fqn))?;
        let id = entity.as_ref().map(|entity| entity.id.clone());
        Ok(Resolved { fqn, trino, id, entity, warnings })
    }

    /// What is known beside the mapping file.
    pub(super) fn known(&self, wanted: &Wanted) -> Option<&Known> {
        self.facts.as_ref()?.get(wanted)
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

    /// The entry with these parts; a difference in case only is forgiven where it leaves no doubt.
    pub(super) fn entry(&self, parts: &[String]) -> Option<&TableEntry> {
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
        let by_setting = self.installation.trino_services.iter().any(|own| own == name);
        (by_rule || by_table || by_setting).then_some(name)
    }

    fn is_catalog(&self, name: &str) -> bool {
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

    fn no_entry(&self, name: &Fqn) -> ResolveError {
        let fqn = name.to_string();
        let near = near(&fqn, self.mapping.tables.iter().map(|table| table.fqn.to_string()));
        ResolveError::NoTableEntry { fqn, parts: name.parts().len(), near }
    }

    pub(super) fn tried_rules(&self) -> String {
        let rules: Vec<String> =
            self.mapping.rules.iter().map(|rule| format!("{}.{}", rule.service, rule.database)).collect();
        match rules.as_slice() {
            [] => "no rules: the mapping file has none".to_owned(),
            some => format!("the rules for {}", some.join(", ")),
        }
    }
}

/// What is said of a name that resolves although OpenMetadata does not know it.
fn doubt(fqn: &Fqn, missing: Option<Missing>, purpose: Purpose) -> Option<String> {
    match missing? {
        Missing::Unknown { .. } if purpose == Purpose::Create => None,
        Missing::Unknown { near } => {
            let meant = near.first().map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
            Some(format!("NOT_IN_OPENMETADATA: OpenMetadata does not know '{fqn}' (yet){meant}"))
        }
        Missing::Unsaid(error) => Some(format!("CATALOG_UNAVAILABLE: {error}; the mapping alone decides")),
    }
}

/// The error that an answer without an entity is.
fn unsaid(name: &str, answer: &Answer) -> ResolveError {
    let fqn = name.to_owned();
    match answer {
        Answer::Ambiguous { candidates } => ResolveError::Ambiguous { fqn, candidates: candidates.clone() },
        Answer::Denied => ResolveError::Denied { fqn },
        Answer::Unsupported { reason } => ResolveError::Unsupported { fqn, reason: reason.clone() },
        Answer::Unavailable { detail } => ResolveError::Unavailable { fqn, detail: detail.clone() },
        Answer::Refused { detail } => ResolveError::Refused { fqn, detail: detail.clone() },
        Answer::Missing { near } => ResolveError::UnknownTable { fqn, near: near.clone() },
        Answer::Entity(_) | Answer::Database(_) => ResolveError::UnknownTable { fqn, near: Vec::new() },
    }
}

impl From<TableEntry> for Resolved {
    fn from(entry: TableEntry) -> Self {
        Self { fqn: entry.fqn, trino: entry.trino, id: entry.id, entity: None, warnings: Vec::new() }
    }
}

fn display(parts: &[String]) -> String {
    Fqn::from_raw_parts(parts).map_or_else(|_none| parts.join("."), |fqn| fqn.to_string())
}
