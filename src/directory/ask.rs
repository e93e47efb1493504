//! Questions to OpenMetadata itself.

use std::sync::Arc;

use futures::future::try_join;
use warren_openmetadata::{
    Column, Container, Database, EntityHead, Error, Field, Get, Include, Key, SearchIndex, SearchQuery, Table,
    escape_query, escape_wildcard,
};

use super::{Directory, Services};
use crate::catalog::{Answer, DatabaseFacts, Entity, EntityColumn, EntityKind, Fqn, ServiceFacts, Wanted, near};

/// How many hits of a search are looked at.
const HITS: u32 = 25;
/// The custom property of a database that names its catalog in Trino.
const CATALOG_PROPERTY: &str = "trinoCatalog";

/// What became of a question.
pub(super) enum Asked {
    /// It was answered.
    Answered(Answer),
    /// It was not; what is said where nothing is known from before.
    Unanswered(Answer),
}

impl Directory {
    pub(super) async fn ask(&self, wanted: &Wanted) -> Asked {
        let outcome = match wanted {
            Wanted::Name(fqn) => self.ask_for_name(fqn).await,
            Wanted::Id(id) => self.ask_for_id(id).await,
            Wanted::Database(fqn) => self.ask_for_database(fqn).await,
        };
        outcome.map_or_else(|error| failed(&error), Asked::Answered)
    }

    /// A table has four parts; a file or folder can have as many.
    async fn ask_for_name(&self, fqn: &Fqn) -> Result<Answer, Error> {
        if fqn.parts().len() == 4
            && let Some(table) = found(self.inner.client.table(fqn, &of_table()).await)?
        {
            return Ok(entity_of_table(table));
        }
        if let Some(container) = found(self.inner.client.container(fqn, &of_container()).await)? {
            return Ok(entity_of_container(container));
        }
        self.ask_for_likeness(fqn).await
    }

    async fn ask_for_id(&self, id: &str) -> Result<Answer, Error> {
        let Ok(id) = id.parse::<uuid::Uuid>() else { return Ok(Answer::Missing { near: Vec::new() }) };
        if let Some(table) = found(self.inner.client.table(Key::Id(id), &of_table()).await)? {
            return Ok(entity_of_table(table));
        }
        let container = found(self.inner.client.container(Key::Id(id), &of_container()).await)?;
        Ok(container.map_or(Answer::Missing { near: Vec::new() }, entity_of_container))
    }

    /// Looks for names that differ in case only, and for names that are near. The search lags behind: what it finds is
    /// asked for again before it counts.
    async fn ask_for_likeness(&self, fqn: &Fqn) -> Result<Answer, Error> {
        let (by_name, by_words) = match try_join(self.same_but_for_case(fqn), self.alike(fqn)).await {
            Ok(found) => found,
            // A search that fails makes no difference to what there is.
            Err(error) if !error.is_outage() => (Vec::new(), Vec::new()),
            Err(error) => return Err(error),
        };
        match by_name.as_slice() {
            [] => Ok(Answer::Missing { near: near(&fqn.to_string(), by_words) }),
            [one] => {
                let table = found(self.inner.client.table(one, &of_table()).await)?;
                Ok(table.map_or_else(|| Answer::Missing { near: vec![one.to_string()] }, entity_of_table))
            }
            several => Ok(Answer::Ambiguous { candidates: several.iter().map(ToString::to_string).collect() }),
        }
    }

    async fn same_but_for_case(&self, fqn: &Fqn) -> Result<Vec<Fqn>, Error> {
        let text = fqn.to_string().to_lowercase();
        let page = self.inner.client.search_fqn(&escape_wildcard(&text), SearchIndex::Tables, HITS).await?;
        let names = page.hits.iter().filter_map(|hit| Fqn::parse(&hit.fully_qualified_name).ok());
        let mut same: Vec<Fqn> = names.filter(|name| name.to_string().to_lowercase() == text).collect();
        same.sort_unstable();
        same.dedup();
        Ok(same)
    }

    async fn alike(&self, fqn: &Fqn) -> Result<Vec<String>, Error> {
        let text = fqn.parts().last().map(|name| format!("*{}*", escape_query(stem(name)))).unwrap_or_default();
        let query = SearchQuery { text, index: SearchIndex::Tables, from: 0, size: HITS };
        let page = self.inner.client.search(&query).await?;
        Ok(page.hits.into_iter().map(|hit| hit.fully_qualified_name).collect())
    }

    async fn ask_for_database(&self, fqn: &Fqn) -> Result<Answer, Error> {
        let Some(database) = found(self.inner.client.database(fqn, &Get::fields([Field::Extension])).await)? else {
            return Ok(Answer::Missing { near: Vec::new() });
        };
        let trino_host = match database.service_type.as_deref() {
            Some("Trino") => self.trino_host(fqn).await?,
            _ => None,
        };
        let trino_catalog = property(&database);
        let service = match (self.inner.services, &trino_catalog) {
            (Services::Fingerprinted(_), None) => self.service_facts(fqn).await?,
            _ => None,
        };
        let facts = DatabaseFacts { service_type: database.service_type, trino_catalog, trino_host, service };
        Ok(Answer::Database(Arc::new(facts)))
    }

    /// Who may not see the service may use its tables all the same, where they have a catalog.
    async fn service_facts(&self, database: &Fqn) -> Result<Option<ServiceFacts>, Error> {
        let Ok(service) = Fqn::from_raw_parts([database.service()]) else { return Ok(None) };
        match self.inner.client.database_service(&service, &Get::default()).await {
            Ok(service) => {
                let fingerprint = self.fingerprint(&service.connection).await?;
                Ok(Some(ServiceFacts { id: service.head.id, fingerprint }))
            }
            Err(error) if error.is_outage() => Err(error),
            Err(_hidden) => Ok(None),
        }
    }

    async fn trino_host(&self, database: &Fqn) -> Result<Option<String>, Error> {
        let Ok(service) = Fqn::from_raw_parts([database.service()]) else { return Ok(None) };
        let service = found(self.inner.client.database_service(&service, &Get::default()).await)?;
        Ok(service.and_then(|service| service.connection.text("/hostPort")))
    }
}

fn failed(error: &Error) -> Asked {
    tracing::warn!(%error, "OpenMetadata did not say what a name means");
    let detail = error.to_string();
    match error {
        Error::Forbidden { .. } => Asked::Answered(Answer::Denied),
        Error::UnsupportedName { .. } => Asked::Answered(Answer::Unsupported { reason: detail }),
        Error::Unauthorized { .. } | Error::NoToken { .. } | Error::Html => {
            metrics::counter!("warren_openmetadata_refused_total").increment(1);
            Asked::Unanswered(Answer::Refused { detail })
        }
        _ => Asked::Unanswered(Answer::Unavailable { detail }),
    }
}

/// The beginning of a name, which a mistyped one shares with the one that was meant.
fn stem(name: &str) -> &str {
    let end = name.char_indices().nth(3).map_or(name.len(), |(index, _)| index);
    name.get(..end).unwrap_or(name)
}

/// What is not there is an answer, not an error.
fn found<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn of_table() -> Get {
    Get::fields([Field::Columns]).include(Include::All)
}

fn of_container() -> Get {
    Get::fields([Field::DataModel]).include(Include::All)
}

fn entity_of_table(table: Table) -> Answer {
    entity(&table.head, EntityKind::Table, table.service_type, table.columns)
}

fn entity_of_container(container: Container) -> Answer {
    let columns = container.data_model.map(|model| model.columns).unwrap_or_default();
    entity(&container.head, EntityKind::Container, container.service_type, columns)
}

fn entity(head: &EntityHead, kind: EntityKind, service_type: Option<String>, columns: Vec<Column>) -> Answer {
    let fqn = match head.fqn() {
        Ok(fqn) => fqn,
        Err(error) => return Answer::Unsupported { reason: error.to_string() },
    };
    let column = |column: Column| EntityColumn {
        name: column.name,
        data_type: column.data_type_display.or(Some(column.data_type)).filter(|text| !text.is_empty()),
        description: column.description.filter(|text| !text.is_empty()),
    };
    Answer::Entity(Arc::new(Entity {
        id: head.id.to_string(),
        kind,
        fqn,
        version: format!("{:.1}", head.version),
        service_type,
        deleted: head.deleted,
        columns: columns.into_iter().map(column).collect(),
    }))
}

fn property(database: &Database) -> Option<String> {
    let text = database.extension.as_ref()?.get(CATALOG_PROPERTY)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
