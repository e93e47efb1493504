//! Which catalog of Trino a database of OpenMetadata is, where no rule of the mapping file says it: its custom property,
//! then Trino's own services, then a catalog whose name follows the convention, then one that Warren makes.

use std::collections::BTreeSet;
use std::sync::Arc;

use warren_openmetadata::decode_reserved;
use warren_sql::TrinoName;

use super::apply::trino_name;
use super::facts::has_catalog_per_database;
use super::{Answer, Case, Catalog, DatabaseFacts, EntityKind, Facts, Fqn, ResolveError, Wanted};

/// What the installation says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installation {
    /// Services of OpenMetadata that are this Trino: their databases are its catalogs.
    pub trino_services: Vec<String>,
    /// `host:port` of the Trino clusters, in lower case: a service with that address is this Trino.
    pub trino_hosts: Vec<String>,
    /// Whether what was deleted softly may be named.
    pub allow_deleted: bool,
}

/// A catalog, and how much its tables are known.
pub(super) struct Leads {
    pub(super) catalog: String,
    /// Whether Trino itself is the authority on what tables there are, so that OpenMetadata may lag behind.
    pub(super) is_trinos_own: bool,
    /// Whether what OpenMetadata said of the database is from before.
    pub(super) is_stale: bool,
}

impl Leads {
    fn to(catalog: String) -> Self {
        Self { catalog, is_trinos_own: false, is_stale: false }
    }

    /// This Trino itself: the database is the catalog.
    fn to_trino_itself(database: &str) -> Self {
        Self { is_trinos_own: true, ..Self::to(database.to_lowercase()) }
    }

    /// What a table is called in the catalog; `None` where Trino could have no such name.
    pub(super) fn trino_name(&self, fqn: &Fqn) -> Option<TrinoName> {
        let [_, _, schema, table] = fqn.parts() else { return None };
        trino_name(&self.catalog, &decode_reserved(schema), &decode_reserved(table), Case::Lower)
    }
}

impl Catalog {
    /// What must be asked so that the catalog of a name can be told: its database, unless a rule decides.
    #[must_use]
    pub fn database_wanted(&self, parts: &[String]) -> Option<Wanted> {
        let [service, database, ..] = parts else { return None };
        if !(3..=4).contains(&parts.len()) || self.installation.trino_services.contains(service) {
            return None;
        }
        let is_open = self.rule(parts, Some(EntityKind::Table)).is_none() && self.entry(parts).is_none();
        is_open.then(|| Fqn::from_raw_parts([service, database]).ok().map(Wanted::Database)).flatten()
    }

    /// The catalog of a database that no rule is for.
    pub(super) fn leads(&self, service: &str, database: &str, name: &Fqn) -> Result<Leads, ResolveError> {
        if self.installation.trino_services.iter().any(|own| own == service) {
            return Ok(Leads::to_trino_itself(database));
        }
        let fqn = || name.to_string();
        let wanted = Fqn::from_raw_parts([service, database]).ok().map(Wanted::Database);
        let known = wanted.and_then(|wanted| self.known(&wanted));
        match known.map(|known| &known.answer) {
            Some(Answer::Database(facts)) => {
                let leads = self.by_facts(service, database, facts, name)?;
                Ok(Leads { is_stale: known.is_some_and(|known| known.stale), ..leads })
            }
            Some(Answer::Unavailable { detail }) => {
                Err(ResolveError::Unavailable { fqn: fqn(), detail: detail.clone() })
            }
            Some(Answer::Refused { detail }) => Err(ResolveError::Refused { fqn: fqn(), detail: detail.clone() }),
            Some(Answer::Unsupported { reason }) => {
                Err(ResolveError::Unsupported { fqn: fqn(), reason: reason.clone() })
            }
            Some(Answer::Denied) => Err(ResolveError::Denied { fqn: fqn() }),
            Some(Answer::Missing { near }) => Err(ResolveError::UnknownTable { fqn: fqn(), near: near.clone() }),
            _ => Err(self.unmapped(service, name, self.tried_rules())),
        }
    }

    /// The databases that were found and have no catalog by what is known, so that only a managed one can reach them.
    #[must_use]
    pub fn without_catalog(&self, facts: &Facts) -> Vec<(Fqn, Arc<DatabaseFacts>)> {
        let there = facts.trino_catalogs.as_ref();
        let is_open = |fqn: &Fqn, own: &DatabaseFacts| match fqn.parts() {
            [service, database] => self.told(service, database, own, there).is_none(),
            _ => false,
        };
        let open = facts.databases().filter(|(fqn, own)| is_open(fqn, own));
        open.map(|(fqn, own)| (fqn.clone(), own.clone())).collect()
    }

    fn by_facts(
        &self,
        service: &str,
        database: &str,
        facts: &DatabaseFacts,
        name: &Fqn,
    ) -> Result<Leads, ResolveError> {
        let there = self.facts.as_ref().and_then(|facts| facts.trino_catalogs.as_ref());
        if let Some(leads) = self.told(service, database, facts, there) {
            return Ok(leads);
        }
        let fqn = Fqn::from_raw_parts([service, database]).ok();
        let managed = fqn.and_then(|fqn| self.facts.as_ref()?.managed.get(&fqn));
        match managed {
            Some(Ok(catalog)) => return Ok(Leads::to(catalog.clone())),
            Some(Err(refusal)) if refusal.is_passing() => {
                return Err(ResolveError::Unavailable { fqn: name.to_string(), detail: refusal.to_string() });
            }
            Some(Err(refusal)) => {
                return Err(ResolveError::Unmanaged { fqn: name.to_string(), refusal: refusal.clone() });
            }
            None => {}
        }
        if there.is_none() {
            let detail = "Trino does not say which catalogs it has".to_owned();
            return Err(ResolveError::Unavailable { fqn: name.to_string(), detail });
        }
        let tried = format!(
            "{}, the property trinoCatalog of the database '{service}.{database}', and a Trino catalog named {}",
            self.tried_rules(),
            conventional_names(service, database, facts)
                .iter()
                .map(|name| format!("'{name}'"))
                .collect::<Vec<_>>()
                .join(" or ")
        );
        Err(self.unmapped(service, name, tried))
    }

    /// What is known of a database's catalog without making one.
    fn told(
        &self,
        service: &str,
        database: &str,
        facts: &DatabaseFacts,
        there: Option<&BTreeSet<String>>,
    ) -> Option<Leads> {
        if let Some(catalog) = &facts.trino_catalog {
            return Some(Leads::to(catalog.clone()));
        }
        if facts.trino_host.as_ref().is_some_and(|host| self.installation.trino_hosts.contains(&host.to_lowercase())) {
            return Some(Leads::to_trino_itself(database));
        }
        let names = conventional_names(service, database, facts);
        names.into_iter().find(|name| there.is_some_and(|there| there.contains(name))).map(Leads::to)
    }
}

/// What a catalog would be called: for one that reaches a whole service the service's name, else both names.
fn conventional_names(service: &str, database: &str, facts: &DatabaseFacts) -> Vec<String> {
    let both = format!("{}__{}", plain(service), plain(database));
    match &facts.service_type {
        Some(kind) if !has_catalog_per_database(kind) => vec![both, plain(service)],
        _ => vec![both],
    }
}

/// The name with nothing but what a catalog's name may hold.
fn plain(name: &str) -> String {
    name.to_lowercase().chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' }).collect()
}
