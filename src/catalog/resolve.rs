//! Resolution of one name of a statement: what it is in OpenMetadata, and what it is in Trino.

use std::sync::Arc;

use warren_openmetadata::decode_reserved;
use warren_sql::TrinoName;

use super::apply::by_rule;
use super::mapping::RuleTarget;
use super::spelling::{decoded, of_trino};
use super::{Answer, Entity, EntityKind, Facts, Fqn, Installation, Known, Mapping, ResolveError, TableEntry, Wanted};

/// The word of the warning that an answer is from before.
const STALE: &str = "STALE_METADATA";

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

    /// What must be asked so that a table name of a statement can be resolved. A shorter name is Trino's own, unless an
    /// entry differs from it in case only.
    #[must_use]
    pub fn table_wanted(&self, parts: &[String]) -> Option<Wanted> {
        let is_asked = parts.len() >= 4 || self.entry_but_for_case(parts).is_some();
        if is_asked { self.whole_fqn_wanted(parts) } else { None }
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
        if let Some(resolved) = self.by_entry(parts) {
            return Ok(Some(resolved));
        }
        match parts {
            [] | [_] => Ok(None),
            // An entry differs in case only, and OpenMetadata says something else of this name.
            told if told.len() >= 4 || self.entry_but_for_case(told).is_some() => self.fqn(told, purpose).map(Some),
            [service, _, _] => match self.service(service) {
                Some(service) if !self.is_catalog(service) => {
                    Err(ResolveError::TooShort { name: display(parts), service: service.to_owned() })
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// What the text of a whole FQN is, as a reference model holds it. `None`: its first part is no service that is known
    /// here and OpenMetadata knows no such name.
    ///
    /// # Errors
    /// When its service is known, but it is mapped to nothing, or OpenMetadata does not say what it is.
    pub fn whole_fqn(&self, parts: &[String], purpose: Purpose) -> Result<Option<Resolved>, ResolveError> {
        if let Some(resolved) = self.by_entry(parts) {
            return Ok(Some(resolved));
        }
        let is_told = self.said_of(parts).is_some_and(|answer| !matches!(answer, Answer::Missing { .. }));
        let is_container =
            self.rule(parts, None).is_some_and(|rule| matches!(rule.target, RuleTarget::Container { .. }));
        if is_told || is_container {
            return self.fqn(parts, purpose).map(Some);
        }
        let is_known = parts.first().is_some_and(|first| self.service(first).is_some());
        if is_known { self.table(parts, purpose) } else { Ok(None) }
    }

    /// The same for the text of a single delimited identifier, which may as well be an ordinary name with a dot in it: so
    /// it stays where OpenMetadata does not say what it is, and nothing else shows that it is an FQN.
    ///
    /// # Errors
    /// As [`Catalog::whole_fqn`].
    pub fn delimited(&self, parts: &[String], purpose: Purpose) -> Result<Option<Resolved>, ResolveError> {
        let is_said = match self.said_of(parts) {
            None
            | Some(Answer::Entity(_) | Answer::Database(_) | Answer::Missing { .. } | Answer::Ambiguous { .. }) => true,
            Some(Answer::Denied | Answer::Unsupported { .. } | Answer::Unavailable { .. } | Answer::Refused { .. }) => {
                false
            }
        };
        if is_said || self.looks_like_fqn(parts) { self.whole_fqn(parts, purpose) } else { Ok(None) }
    }

    /// Whether something beside OpenMetadata's answer shows that a name is an FQN.
    fn looks_like_fqn(&self, parts: &[String]) -> bool {
        let has_rule = self.rule(parts, None).is_some_and(|rule| match rule.target {
            RuleTarget::Container { .. } => true,
            RuleTarget::Identity | RuleTarget::Table { .. } => parts.len() == 4,
        });
        let has_database = parts.get(..2).is_some_and(|database| {
            let wanted = Fqn::from_raw_parts(database).ok().map(Wanted::Database);
            let known = wanted.and_then(|wanted| self.known(&wanted));
            known.is_some_and(|known| matches!(known.answer, Answer::Database(_)))
        });
        let has_service = parts.first().is_some_and(|first| self.service(first).is_some());
        has_rule || has_database || has_service || self.entry_but_for_case(parts).is_some()
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
        match self.rule(parts, Some(EntityKind::Table)).map(|rule| &rule.target) {
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

    /// What the mapping file says of this very name. An entry that differs in case only counts where OpenMetadata has
    /// nothing of the name as it is written.
    fn by_entry(&self, parts: &[String]) -> Option<Resolved> {
        if parts.len() < 2 {
            return None;
        }
        if let Some(entry) = self.entry(parts) {
            return Some(entry.clone().into());
        }
        let entry = self.entry_but_for_case(parts)?;
        let is_free = matches!(self.said_of(parts), None | Some(Answer::Missing { .. }));
        let warning = format!("CASE_FOLDED: '{}' is '{}' in the mapping file", display(parts), entry.fqn);
        is_free.then(|| Resolved { warnings: vec![warning], ..entry.clone().into() })
    }

    /// What OpenMetadata said of a name, where it was asked.
    fn said_of(&self, parts: &[String]) -> Option<&Answer> {
        let wanted = Fqn::from_raw_parts(parts).ok().map(Wanted::Name)?;
        self.known(&wanted).map(|known| &known.answer)
    }

    /// What an FQN is.
    fn fqn(&self, parts: &[String], purpose: Purpose) -> Result<Resolved, ResolveError> {
        let name = Fqn::from_raw_parts(parts)
            .map_err(|error| ResolveError::Unsupported { fqn: parts.join("."), reason: error.to_string() })?;
        let found = self.found(name, purpose)?;
        self.resolved(found, purpose)
    }

    /// What OpenMetadata said of a name. What was deleted does not stand in the way of what is made.
    fn found(&self, name: Fqn, purpose: Purpose) -> Result<Found, ResolveError> {
        let nothing = |name, missing| Found { fqn: name, entity: None, missing, warnings: Vec::new() };
        let wanted = Wanted::Name(name.clone());
        let Some(known) = self.known(&wanted) else { return Ok(nothing(name, None)) };
        match &known.answer {
            Answer::Entity(entity) if entity.deleted && purpose == Purpose::Create => {
                Ok(nothing(name, Some(Missing::Unknown { near: Vec::new() })))
            }
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
            warnings.push(format!("{STALE}: OpenMetadata does not answer; '{fqn}' is what it was when it last did"));
        }
        if decoded(&fqn) != decoded(name) {
            warnings.push(format!("CASE_FOLDED: '{name}' is '{fqn}' in OpenMetadata"));
        }
        Ok(Found { fqn, entity: Some(entity.clone()), missing: None, warnings })
    }

    /// The Trino name of what was found.
    fn resolved(&self, found: Found, purpose: Purpose) -> Result<Resolved, ResolveError> {
        let Found { fqn, entity, missing, mut warnings } = found;
        let id = entity.as_ref().map(|entity| entity.id.clone());
        if let Some(entry) = self.entry(fqn.parts()) {
            return Ok(Resolved { fqn, trino: entry.trino.clone(), id, entity, warnings });
        }
        // A statement makes tables and views, no files.
        let made = (purpose == Purpose::Create).then_some(EntityKind::Table);
        let kind = entity.as_ref().map(|entity| entity.kind).or(made);
        let rule = self.rule(fqn.parts(), kind);
        let leads = match fqn.parts() {
            [service, database, _, _] if rule.is_none() && kind != Some(EntityKind::Container) => {
                Some(self.leads(service, database, &fqn)?)
            }
            _ => None,
        };
        let named = |name: &Fqn| match (rule, &leads) {
            (Some(rule), _) => by_rule(rule, name),
            (None, Some(leads)) => leads.trino_name(name),
            (None, None) => None,
        };
        let Some(trino) = named(&fqn) else {
            return Err(match missing {
                Some(Missing::Unsaid(error)) => error,
                _ => self.no_entry(&fqn),
            });
        };
        let is_trinos_own = rule.is_some_and(|rule| rule.target == RuleTarget::Identity)
            || leads.as_ref().is_some_and(|leads| leads.is_trinos_own);
        // Without a rule only OpenMetadata, Trino itself, or the statement that makes it can say that there is such a table.
        let must_be_known = rule.is_none() && !is_trinos_own && purpose == Purpose::Use;
        match missing {
            Some(Missing::Unsaid(error)) if must_be_known => return Err(error),
            Some(Missing::Unknown { near }) if must_be_known => {
                return Err(ResolveError::UnknownTable { fqn: fqn.to_string(), near });
            }
            missing => warnings.extend(doubt(&fqn, missing, purpose)),
        }
        let twin = entity.as_ref().and_then(|entity| entity.twin.as_ref()).filter(|_| !is_trinos_own);
        if let Some(twin) = twin.filter(|twin| named(twin).as_ref() == Some(&trino)) {
            let candidates = vec![fqn.to_string(), twin.to_string()];
            return Err(ResolveError::SameInTrino { fqn: fqn.to_string(), candidates });
        }
        if leads.is_some_and(|leads| leads.is_stale) && !warnings.iter().any(|warning| warning.starts_with(STALE)) {
            warnings
                .push(format!("{STALE}: OpenMetadata does not answer; the catalog of '{fqn}' is what it last said"));
        }
        // Trino keeps no upper case, and its ingestion will write the name so.
        let fqn = if is_trinos_own && entity.is_none() { of_trino(fqn.service(), &trino).unwrap_or(fqn) } else { fqn };
        Ok(Resolved { fqn, trino, id, entity, warnings })
    }

    /// What is known beside the mapping file.
    pub(super) fn known(&self, wanted: &Wanted) -> Option<&Known> {
        self.facts.as_ref()?.get(wanted)
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

fn display(parts: &[String]) -> String {
    Fqn::from_raw_parts(parts).map_or_else(|_none| parts.join("."), |fqn| fqn.to_string())
}
