//! Questions to OpenMetadata itself.

use std::sync::Arc;

use futures::future::{join, try_join};
use warren_openmetadata::{
    Client, Column, Container, Database, EntityHead, Error, Field, Get, Include, Key, SearchIndex, SearchQuery, Table,
    escape_query, escape_wildcard,
};

use super::{Directory, Inner, Services};
use crate::catalog::{
    Answer, DatabaseFacts, Entity, EntityColumn, EntityKind, Fqn, ServiceFacts, Wanted, encoded, lower_case, near,
};

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

/// One question, with all the requests that it takes: together they have the time of one look-up.
struct Question<'d> {
    directory: &'d Directory,
    client: Client,
}

impl Directory {
    pub(super) async fn ask(&self, wanted: &Wanted) -> Asked {
        let Inner { client, ages, .. } = &*self.inner;
        let question = Question { directory: self, client: client.within(ages.lookup) };
        let outcome = match wanted {
            Wanted::Name(fqn) => question.name(fqn).await,
            Wanted::Id(id) => question.id(id).await,
            Wanted::Database(fqn) => question.database(fqn).await,
        };
        outcome.map_or_else(|error| failed(&error), Asked::Answered)
    }
}

impl Question<'_> {
    /// A table has four parts; a file or folder can have as many. A name with characters that OpenMetadata's ingestion
    /// cannot keep may be there as it is, or with words in their place.
    async fn name(&self, fqn: &Fqn) -> Result<Answer, Error> {
        let encoded = encoded(fqn);
        let mut lower = None;
        let mut refusal = None;
        for kind in [EntityKind::Table, EntityKind::Container] {
            if kind == EntityKind::Table && fqn.parts().len() != 4 {
                continue;
            }
            for spelling in std::iter::once(fqn).chain(&encoded) {
                match try_join(self.entity(kind, Key::Fqn(spelling)), self.twin(kind, spelling)).await {
                    Ok((Some(found), twin)) => return Ok(beside(found, twin)),
                    Ok((None, twin)) if kind == EntityKind::Table => lower = lower.or(twin),
                    Ok((None, _)) => {}
                    // This server has nothing of this spelling; it may have the other one.
                    Err(error @ (Error::UnsupportedName { .. } | Error::BadRequest { .. })) => refusal = Some(error),
                    Err(error) => return Err(error),
                }
            }
        }
        match refusal {
            Some(error) => Err(error),
            None => self.likeness(fqn, lower).await,
        }
    }

    async fn id(&self, id: &str) -> Result<Answer, Error> {
        let Ok(id) = id.parse::<uuid::Uuid>() else { return Ok(Answer::Missing { near: Vec::new() }) };
        for kind in [EntityKind::Table, EntityKind::Container] {
            match self.entity(kind, Key::Id(id)).await? {
                Some(Answer::Entity(entity)) => {
                    let twin = self.twin(kind, &entity.fqn).await?;
                    return Ok(beside(Answer::Entity(entity), twin));
                }
                Some(other) => return Ok(other),
                None => {}
            }
        }
        Ok(Answer::Missing { near: Vec::new() })
    }

    async fn entity(&self, kind: EntityKind, key: Key<'_>) -> Result<Option<Answer>, Error> {
        Ok(match kind {
            EntityKind::Table => {
                let get = Get::fields([Field::Columns]).include(Include::All);
                found(self.client.table(key, &get).await)?.map(entity_of_table)
            }
            EntityKind::Container => {
                let get = Get::fields([Field::DataModel]).include(Include::All);
                found(self.client.container(key, &get).await)?.map(entity_of_container)
            }
        })
    }

    /// What is there under the same name in lower case, where that is another one: in Trino the two may be one.
    async fn twin(&self, kind: EntityKind, fqn: &Fqn) -> Result<Option<Fqn>, Error> {
        let Some(lower) = lower_case(fqn) else { return Ok(None) };
        let there = match kind {
            EntityKind::Table => self.client.table(&lower, &Get::default()).await.map(|_table| ()),
            EntityKind::Container => self.client.container(&lower, &Get::default()).await.map(|_container| ()),
        };
        match there {
            // One that Warren may not see is there all the same.
            Ok(()) | Err(Error::Forbidden { .. }) => Ok(Some(lower)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Looks for names that differ in case only, and for names that are near. The search lags behind: what it finds is
    /// asked for again before it counts, and a name in lower case is known without it.
    async fn likeness(&self, fqn: &Fqn, lower: Option<Fqn>) -> Result<Answer, Error> {
        let (same, alike) = join(self.same_but_for_case(fqn), self.alike(fqn)).await;
        let mut same = match same {
            Ok(same) => same,
            // A search that is not allowed, or cannot read this name, will find nothing the next time either.
            Err(Error::Forbidden { .. } | Error::BadRequest { .. }) => Vec::new(),
            // Without a search it is not known that there is no such name.
            Err(error) => return Err(error),
        };
        same.extend(lower);
        same.sort_unstable();
        same.dedup();
        match same.as_slice() {
            [] => Ok(Answer::Missing { near: near(&fqn.to_string(), alike) }),
            [one] => {
                let found = self.entity(EntityKind::Table, Key::Fqn(one)).await?;
                Ok(found.unwrap_or_else(|| Answer::Missing { near: vec![one.to_string()] }))
            }
            several => Ok(Answer::Ambiguous { candidates: several.iter().map(ToString::to_string).collect() }),
        }
    }

    async fn same_but_for_case(&self, fqn: &Fqn) -> Result<Vec<Fqn>, Error> {
        let text = fqn.to_string().to_lowercase();
        let page = self.client.search_fqn(&escape_wildcard(&text), SearchIndex::Tables, HITS).await?;
        let names = page.hits.iter().filter_map(|hit| Fqn::parse(&hit.fully_qualified_name).ok());
        Ok(names.filter(|name| name.to_string().to_lowercase() == text).collect())
    }

    /// Names that were perhaps meant. They are an offer, so that there may be none.
    async fn alike(&self, fqn: &Fqn) -> Vec<String> {
        let text = fqn.parts().last().map(|name| format!("*{}*", escape_query(stem(name)))).unwrap_or_default();
        let query = SearchQuery { text, index: SearchIndex::Tables, from: 0, size: HITS };
        let page = self.client.search(&query).await;
        let page = page.inspect_err(|error| tracing::debug!(%error, "no names can be offered"));
        page.map(|page| page.hits.into_iter().map(|hit| hit.fully_qualified_name).collect()).unwrap_or_default()
    }

    async fn database(&self, fqn: &Fqn) -> Result<Answer, Error> {
        let Some(database) = found(self.client.database(fqn, &Get::fields([Field::Extension])).await)? else {
            return Ok(Answer::Missing { near: Vec::new() });
        };
        let trino_host = match database.service_type.as_deref() {
            Some("Trino") => self.trino_host(fqn).await?,
            _ => None,
        };
        let trino_catalog = property(&database);
        let service = match (self.directory.inner.services, &trino_catalog) {
            (Services::Fingerprinted(_), None) => self.service_facts(fqn).await?,
            _ => None,
        };
        let facts = DatabaseFacts { service_type: database.service_type, trino_catalog, trino_host, service };
        Ok(Answer::Database(Arc::new(facts)))
    }

    /// Who may not see the service may use its tables all the same, where they have a catalog.
    async fn service_facts(&self, database: &Fqn) -> Result<Option<ServiceFacts>, Error> {
        let Ok(service) = Fqn::from_raw_parts([database.service()]) else { return Ok(None) };
        match self.client.database_service(&service, &Get::default()).await {
            Ok(service) => {
                let fingerprint = self.directory.fingerprint(&service.connection).await?;
                Ok(Some(ServiceFacts { id: service.head.id, fingerprint }))
            }
            Err(error) if error.is_outage() => Err(error),
            Err(_hidden) => Ok(None),
        }
    }

    /// The address of a Trino. One whose service may not be seen is no known one; its tables may have a catalog otherwise.
    async fn trino_host(&self, database: &Fqn) -> Result<Option<String>, Error> {
        let Ok(service) = Fqn::from_raw_parts([database.service()]) else { return Ok(None) };
        match found(self.client.database_service(&service, &Get::default()).await) {
            Ok(service) => Ok(service.and_then(|service| service.connection.text("/hostPort"))),
            Err(Error::Forbidden { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What a failure means for the name. What OpenMetadata says of it is for the log.
fn failed(error: &Error) -> Asked {
    tracing::warn!(%error, "OpenMetadata did not say what a name means");
    let detail = error.in_own_words();
    match error {
        Error::Forbidden { .. } => Asked::Answered(Answer::Denied),
        Error::UnsupportedName { .. } | Error::BadRequest { .. } => {
            Asked::Answered(Answer::Unsupported { reason: detail })
        }
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
        twin: None,
    }))
}

/// What was found, with what is there beside it.
fn beside(found: Answer, twin: Option<Fqn>) -> Answer {
    match found {
        Answer::Entity(entity) => Answer::Entity(Arc::new(Entity { twin, ..Arc::unwrap_or_clone(entity) })),
        other => other,
    }
}

fn property(database: &Database) -> Option<String> {
    let text = database.extension.as_ref()?.get(CATALOG_PROPERTY)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
